import fc from 'fast-check';
import { Groq } from 'groq-sdk';
import { OpenAI } from 'openai';
import { expect, it } from 'vitest';
import type { ProviderSettings } from '../../../src/core/provider.ts';
import { connectGroq } from '../../../src/providers/groq/groq-client.ts';
import { connectOpenAi } from '../../../src/providers/openai/openai-client.ts';
import { Exchange } from '../../../src/providers/shared/exchange.ts';
import type { ChatSdk } from '../../../src/providers/shared/openai-wire/chat-provider.ts';
import { rehearse } from '../../../src/providers/shared/request-form.ts';
import { serve } from '../../support/local-server.ts';
import { contextOf, fetchOf, transportOf } from '../../support/transport.ts';

type Seen = { readonly method: string; readonly url: string; readonly headers: object; readonly body: string };

async function recordingServer() {
  const seen: Seen[] = [];
  const url = await serve((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      seen.push({ method, url: path, headers, body });
      response.setHeader('content-type', 'application/json').end('{"data":[]}');
    });
  });
  return { seen, url };
}

function settingsOf(more: Partial<ProviderSettings>): ProviderSettings {
  return { id: 'x', kind: 'openai', keys: [], status: 'configured', ...more };
}

/** What the SDKs tell of this machine, which we do not. */
function withoutTelemetry(send: typeof fetch): typeof fetch {
  return (input, init) => {
    const headers = [...new Headers(init?.headers)].filter(([name]) => !name.startsWith('x-stainless-'));
    return send(input, { ...init, headers });
  };
}

/** Sends as the provider does, and as the SDK does that it asked. */
async function bothWays(connect: (settings: ProviderSettings) => ChatSdk, baseUrlOf: (url: string) => string) {
  const { seen, url } = await recordingServer();
  const transport = transportOf();
  const baseUrl = baseUrlOf(url);
  const settings = settingsOf({ baseUrl });
  const context = contextOf({ apiKey: 'sk-1' });
  const sdk = connect(settings);
  return {
    seen,
    plain: { apiKey: 'sk-1', baseURL: baseUrl, fetch: withoutTelemetry(fetchOf(transport, context)), maxRetries: 0 },
    async send(rehearsal: NonNullable<ChatSdk[keyof ChatSdk]>, body?: object) {
      const form = await rehearse(rehearsal, settings);
      await (await new Exchange({ transport, settings }, { context }).send(form, body)).text();
    },
    sdk,
  };
}

const bodies = fc.record({ model: fc.string(), extra: fc.jsonValue() });

it.each([
  ['', 'v1'],
  ['a slash at its end', 'v1/'],
  ['a query', 'v1?api-version=2&x=1'],
])("what is sent is what OpenAI's SDK sends, with a base URL with %s", async (_name, path) => {
  const { seen, plain, send, sdk } = await bothWays(connectOpenAi(), (url) => `${url}${path}`);
  const client = new OpenAI({ ...plain, adminAPIKey: null, organization: null, project: null });
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (made, stream) => {
      const body = { ...made, messages: [], stream };
      await send(sdk.complete, body);
      await client.chat.completions.create(body).asResponse();
      const [ours, theirs] = seen.splice(0);
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 30 },
  );
  const texts = { model: 'm', input: ['a', 'b'], encoding_format: 'float' as const };
  if (sdk.embed) await send(sdk.embed, texts);
  await client.embeddings.create(texts);
  await send(sdk.listModels);
  await client.models.list();
  expect([seen[0], seen[2]]).toEqual([seen[1], seen[3]]);
});

it("what is sent is what Groq's SDK sends", async () => {
  const { seen, plain, send, sdk } = await bothWays(connectGroq, (url) => url.replace(/\/$/, ''));
  const client = new Groq(plain);
  const body = { model: 'm', messages: [], stream: false as const };
  await send(sdk.complete, body);
  await client.chat.completions.create(body);
  await send(sdk.listModels);
  await client.models.list();
  expect([seen[0], seen[2]]).toEqual([seen[1], seen[3]]);
});

it('nothing is told of the machine it runs on', async () => {
  const { seen, send, sdk } = await bothWays(connectOpenAi(), (url) => url);
  await send(sdk.complete, {});
  expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual([
    'accept',
    'accept-encoding',
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
    'x-signalbox-hop',
  ]);
});

it('a key is sent with its own call only, and never beside one of the configuration', async () => {
  const { seen, url } = await recordingServer();
  const transport = transportOf();
  const sent = async (headers: ProviderSettings['headers'], keys: readonly (string | undefined)[]) => {
    const settings = settingsOf({ baseUrl: url, ...(headers && { headers }) });
    const form = await rehearse(connectOpenAi()(settings).complete, settings);
    for (const apiKey of keys) {
      const context = contextOf(apiKey === undefined ? {} : { apiKey });
      await new Exchange({ transport, settings }, { context }).send(form, {});
    }
    return seen.splice(0).map((one) => ('authorization' in one.headers ? one.headers.authorization : undefined));
  };
  expect(await sent(undefined, ['sk-1', undefined, 'sk-2', 'sk-1'])).toEqual([
    'Bearer sk-1',
    undefined,
    'Bearer sk-2',
    'Bearer sk-1',
  ]);
  expect(await sent({ Authorization: 'Basic eA==' }, ['sk-1', undefined])).toEqual(['Basic eA==', 'Basic eA==']);
});
