import OpenAI from 'openai';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { openServe } from '../support/serve.ts';
import { CANARY, MODEL, WIRES } from './workplace.ts';

export const EMBEDDER = 'embedder-under-test';

/** `signalbox serve` over a fake upstream of each kind, whose model can do everything. */
export async function openServedKinds() {
  const upstreams: { readonly id: string; readonly kind: ProviderKind; readonly upstream: FakeUpstream }[] = [];
  for (const kind of PROVIDER_KINDS) {
    const upstream = await startFakeUpstream(WIRES[kind], { models: [MODEL, EMBEDDER], keys: [CANARY] });
    upstreams.push({ id: kind, kind, upstream });
  }
  const known = { price: { inputPerMTok: 1, outputPerMTok: 2 }, contextTokens: 32_768 };
  const able = { ...known, capabilities: ['tools', 'vision', 'pdf', 'json-schema'] };
  const models = Object.fromEntries(PROVIDER_KINDS.map((kind) => [refOf(kind), able]));
  const served = await openServe({
    upstreams,
    config: { models: { ...models, [`openai/${EMBEDDER}`]: { ...known, capabilities: ['embedding'] } } },
  });
  return {
    ...served,
    client: new OpenAI({ baseURL: `${served.url}/v1`, apiKey: served.token, maxRetries: 0 }),
    upstream(kind: ProviderKind): FakeUpstream {
      const found = upstreams.find((each) => each.kind === kind);
      if (!found) throw new Error(`There is no upstream of kind ${kind}.`);
      return found.upstream;
    },
    async close(): Promise<void> {
      await served.close();
      for (const { upstream } of upstreams) await upstream.close();
    },
  };
}

export type ServedKinds = Awaited<ReturnType<typeof openServedKinds>>;

export function refOf(kind: ProviderKind): string {
  return `${kind}/${MODEL}`;
}
