import OpenAI from 'openai';
import type { ProviderKind } from '../../../src/core/model.ts';
import { CANARY, MODEL, WIRES } from '../../e2e/workplace.ts';
import { type FakeUpstream, startFakeUpstream } from '../../support/fake-upstream.ts';
import { type InProcessOptions, openInProcess, TOKEN } from '../../support/serve.ts';

type ServiceOptions = Omit<InProcessOptions, 'upstreams'> & { readonly models?: readonly string[] };

/** The whole service in this process, over one fake upstream of each kind. */
export async function openService(
  kinds: readonly ProviderKind[],
  { models = [MODEL], ...options }: ServiceOptions = {},
) {
  const upstreams: { readonly id: string; readonly kind: ProviderKind; readonly upstream: FakeUpstream }[] = [];
  for (const kind of kinds) {
    const upstream = await startFakeUpstream(WIRES[kind], { models, keys: [CANARY] });
    upstreams.push({ id: kind, kind, upstream });
  }
  const { close, ...served } = await openInProcess({ upstreams, ...options });
  const headers = { authorization: `Bearer ${TOKEN}` };
  return {
    ...served,
    client: new OpenAI({ baseURL: `${served.url}/v1`, apiKey: TOKEN, maxRetries: 0 }),
    upstream(kind: ProviderKind): FakeUpstream {
      const found = upstreams.find((each) => each.kind === kind);
      if (!found) throw new Error(`There is no upstream of kind ${kind}.`);
      return found.upstream;
    },
    /** What all upstreams together have received. */
    receivedCount: () => upstreams.reduce((sum, { upstream }) => sum + upstream.requests.length, 0),
    post(path: string, body: unknown, more: Record<string, string> = {}): Promise<Response> {
      return fetch(served.url + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', ...more },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    },
    get: (path: string, more: Record<string, string> = {}): Promise<Response> =>
      fetch(served.url + path, { headers: { ...headers, ...more } }),
    async close(): Promise<void> {
      await close();
      for (const { upstream } of upstreams) await upstream.close();
    },
  };
}

export type Service = Awaited<ReturnType<typeof openService>>;
