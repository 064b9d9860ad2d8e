import fc from 'fast-check';
import { OpenAI } from 'openai';
import { expect, it } from 'vitest';
import { connectOpenAi } from '../../../src/providers/openai/openai-client.ts';
import { runExchange } from '../../../src/providers/shared/exchange.ts';
import type { ChatBody } from '../../../src/providers/shared/openai-wire/chat-body.ts';
import { serve } from '../../support/local-server.ts';
import { contextOf, transportOf } from '../../support/transport.ts';

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

async function bothClients(baseUrlOf: (url: string) => string) {
  const { seen, url } = await recordingServer();
  const transport = transportOf();
  const settings = { id: 'x', kind: 'openai', baseUrl: baseUrlOf(url), keys: [], status: 'configured' } as const;
  const context = contextOf({ apiKey: 'sk-1' });
  const lean = connectOpenAi()(settings);
  const plain = new OpenAI({
    apiKey: 'sk-1',
    adminAPIKey: null,
    organization: null,
    project: null,
    baseURL: settings.baseUrl,
    fetch: transport.fetchFor(context),
    maxRetries: 0,
  });
  return {
    seen,
    plain,
    viaLean: (work: (client: ReturnType<typeof lean>) => Promise<unknown>) =>
      runExchange({ transport, settings, context }, (exchange) => work(lean(exchange))),
  };
}

const bodies = fc.record({ model: fc.string(), messages: fc.constant([]), extra: fc.jsonValue() });

it.each([
  ['', 'v1'],
  ['a slash at its end', 'v1/'],
  ['a query', 'v1?api-version=2&x=1'],
])('what is sent is what the plain SDK sends, with a base URL with %s', async (_name, path) => {
  const { seen, plain, viaLean } = await bothClients((url) => `${url}${path}`);
  await fc.assert(
    fc.asyncProperty(bodies, async (made) => {
      const body = made as unknown as ChatBody & OpenAI.ChatCompletionCreateParamsNonStreaming;
      await viaLean((client) => client.complete(body));
      await plain.chat.completions.create({ ...body, stream: false });
      await viaLean((client) => client.stream(body).then((response) => response.text()));
      await plain.chat.completions.create({ ...body, stream: true }).asResponse();
      const [whole, plainWhole, streamed, plainStreamed] = seen.splice(0);
      expect([whole, streamed]).toEqual([plainWhole, plainStreamed]);
    }),
    { numRuns: 30 },
  );
  await viaLean(async (client) => client.embed?.({ model: 'm', input: ['a', 'b'] }));
  await plain.embeddings.create({ model: 'm', input: ['a', 'b'], encoding_format: 'float' });
  await viaLean((client) => client.listModels());
  await plain.models.list();
  expect([seen[0], seen[2]]).toEqual([seen[1], seen[3]]);
});

it('a key is sent with its own call only', async () => {
  const { seen, url } = await recordingServer();
  const transport = transportOf();
  const settings = { id: 'x', kind: 'openai', baseUrl: url, keys: [], status: 'configured' } as const;
  const lean = connectOpenAi()(settings);
  const keys = ['sk-1', undefined, 'sk-2', 'sk-1'];
  for (const apiKey of keys) {
    const context = contextOf(apiKey === undefined ? {} : { apiKey });
    await runExchange({ transport, settings, context }, (exchange) =>
      lean(exchange).complete({ model: 'm', messages: [] }),
    );
  }
  const sent = seen.map(({ headers }) => ('authorization' in headers ? headers.authorization : undefined));
  expect(sent).toEqual(['Bearer sk-1', undefined, 'Bearer sk-2', 'Bearer sk-1']);
});
