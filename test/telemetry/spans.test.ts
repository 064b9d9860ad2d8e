import { expect, it, onTestFinished, vi } from 'vitest';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import type { CallId } from '../../src/core/ids.ts';
import { nanoUsd } from '../../src/core/money.ts';
import type { RequestEvent } from '../../src/core/observer.ts';
import { createTracing } from '../../src/telemetry/traces/create-tracing.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { recordingLogger } from '../support/store.ts';

const ATTEMPT = {
  model: 'vendor/small',
  key: 'main',
  status: 'settled',
  startedAtMs: 1_800_000_000_010,
  latencyMs: 200,
  firstTokenMs: 50,
  usage: {
    source: 'reported',
    inputTokens: 10,
    cachedInputTokens: 5,
    cacheWriteTokens: 0,
    outputTokens: 7,
    reasoningTokens: 2,
  },
} as const;

const EVENT: RequestEvent = {
  id: 'the-id' as CallId,
  startedAtMs: 1_800_000_000_000,
  latencyMs: 250,
  kind: 'chat',
  tenant: 'local',
  client: 'test',
  status: 'success',
  cache: 'miss',
  streamed: false,
  plan: {
    candidates: [],
    strategy: 'complexity',
    tier: 'simple',
    task: 'code',
    reason: 'because',
    configHash: 'hash',
  },
  model: 'vendor/small',
  attempts: [ATTEMPT],
  costNanoUsd: nanoUsd(1_000),
  entry: 'POST /v1/messages',
};

/** What a collector gets of these, the outermost first. */
async function traced(...events: readonly Partial<RequestEvent>[]) {
  const collector = await startOtlpReceiver();
  onTestFinished(collector.close);
  const factsOf = () => ({ kind: 'gemini', address: 'gemini.example', port: 443 }) as const;
  const tracing = createTracing({
    url: `${collector.origin}/v1/traces`,
    version: '1',
    factsOf,
    logger: recordingLogger(),
  });
  for (const event of events) tracing.requestEnded({ ...EVENT, ...event });
  await tracing.close();
  return collector.spans().toReversed();
}

it('spans are as long as the request and its attempts were, and say what it was', async () => {
  const [server, gateway, attempt] = await traced({});
  expect([server, gateway, attempt].map((span) => [span?.name, span?.durationMs, span?.failed])).toEqual([
    ['POST /v1/messages', 250, false],
    ['signalbox chat', 250, false],
    ['chat small', 200, false],
  ]);
  expect(gateway?.attributes).toEqual({
    'signalbox.request_id': 'the-id',
    'signalbox.status': 'success',
    'signalbox.cache': 'miss',
    'signalbox.route.strategy': 'complexity',
    'signalbox.route.tier': 'simple',
    'signalbox.route.task': 'code',
    'signalbox.config_hash': 'hash',
    'signalbox.model': 'vendor/small',
    'signalbox.cost_usd': 1e-6,
  });
  expect(attempt?.attributes).toMatchObject({
    'gen_ai.provider.name': 'gcp.gemini',
    'gen_ai.usage.input_tokens': 15,
    'server.address': 'gemini.example',
    'server.port': 443,
  });
});

it('an embedding is named as one', async () => {
  const spans = await traced({ kind: 'embed' });
  expect(spans.map(({ name }) => name)).toEqual(['POST /v1/messages', 'signalbox embed', 'embeddings small']);
});

// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status: a server's span is no error by a 4xx.
it.each<[what: string, event: Partial<RequestEvent>, status: number, isError: boolean]>([
  ['a provider that fails', { error: 'provider_error', status: 'failed' }, 502, true],
  ['a request that cannot be done', { error: 'invalid_request', status: 'failed' }, 400, false],
  ['a limit of the caller', { error: 'rate_limited', status: 'failed' }, 429, false],
  ['a stream that was cut', { error: 'provider_error', status: 'truncated', streamed: true }, 200, true],
  ['an answer that was cut', { error: 'provider_error', status: 'truncated' }, 502, true],
])('%s is told of, and is an error of the service only where it is', async (_what, event, status, isError) => {
  const [server, gateway] = await traced(event);
  const error = { 'error.type': event.error as ErrorCode };
  expect(server).toMatchObject({ failed: isError, attributes: { ...error, 'http.response.status_code': status } });
  expect(gateway).toMatchObject({ failed: true, attributes: error });
});

it('a tool call that fails is an error', async () => {
  const [server] = await traced({ entry: 'tools/call complete', error: 'invalid_request', status: 'failed' });
  expect(server).toMatchObject({ failed: true, attributes: { 'error.type': 'invalid_request' } });
});

it('of a collector that does not take traces is complained once, of one that does never', async () => {
  const warnings = async (status: number) => {
    const collector = await startOtlpReceiver((response) => response.writeHead(status).end('{}'));
    onTestFinished(collector.close);
    const logger = recordingLogger();
    const url = `${collector.origin}/v1/traces`;
    const tracing = createTracing({ url, version: '1', factsOf: () => undefined, logger });
    // Sent at once, in more than one part.
    for (let index = 0; index < 1_000; index += 1) tracing.requestEnded(EVENT);
    await tracing.close();
    expect(collector.bodies.length).toBeGreaterThan(1);
    return logger.lines;
  };
  expect(await warnings(200)).toEqual([]);
  expect(await warnings(400)).toEqual([
    {
      level: 'warn',
      message: 'traces cannot be sent; check that the OTLP endpoint is right and takes JSON over HTTP',
      fields: { reason: expect.any(String) },
    },
  ]);
});

it.each([
  ['too slow for what happens', '{}', 'Dropped 440 spans because maxQueueSize reached'],
  ['that takes some only', '{"partialSuccess":{"rejectedSpans":"7","errorMessage":"too old"}}', 'too old'],
])('of a collector %s is complained once', async (_what, body, reason) => {
  const held = Promise.withResolvers<void>();
  const collector = await startOtlpReceiver((response) => void held.promise.then(() => response.end(body)));
  onTestFinished(collector.close);
  const logger = recordingLogger();
  const url = `${collector.origin}/v1/traces`;
  const tracing = createTracing({ url, version: '1', factsOf: () => undefined, logger });
  for (let index = 0; index < 1_000; index += 1) tracing.requestEnded(EVENT);
  await vi.waitFor(() => expect(collector.bodies.length).toBe(1));
  held.resolve();
  await vi.waitFor(() => expect(collector.bodies.length).toBeGreaterThan(1));
  tracing.requestEnded(EVENT);
  await tracing.close();
  expect(logger.lines).toEqual([
    {
      level: 'warn',
      message: 'traces may be incomplete',
      fields: { reason: expect.stringContaining(reason) },
    },
  ]);
});
