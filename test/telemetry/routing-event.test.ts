import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { CANARY, MODEL } from '../e2e/workplace.ts';
import type { FakeUpstream } from '../support/fake-upstream.ts';
import { postChat } from '../support/post-chat.ts';
import { type Served, startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { until } from '../support/until.ts';

const PROMPT = 'A prompt that belongs in no log.';
const TOKEN = 'tenant-token-9fT2mWzR4bK8';

async function start(log: object = {}): Promise<{ served: Served; first: FakeUpstream; second: FakeUpstream }> {
  const [first, second] = await Promise.all([startUpstream(), startUpstream()]);
  const served = await startServe({
    upstreams: [
      { id: 'first', kind: 'openai', upstream: first },
      { id: 'second', kind: 'openai-compatible', upstream: second },
    ],
    config: { log, server: { tokens: [{ name: 'acme', value: TOKEN }] } },
  });
  return { served: { ...served, token: TOKEN }, first, second };
}

const eventsOf = (served: Served) =>
  served
    .stderr()
    .split('\n')
    .filter((line) => line.includes('"event":"request"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it('each request is one line of JSON with its decision, attempts and cost, and without content', async () => {
  const { served, first } = await start();
  first.script({ say: { failure: 'server_error', message: `I refuse "${PROMPT}"` } }, { say: { failure: 'auth' } });
  const response = await postChat(served, PROMPT, { stream: true }, { headers: { 'user-agent': 'agent/1.0' } });
  await response.text();
  await served.stop();
  expect(eventsOf(served)).toEqual([
    expect.objectContaining({
      level: 'info',
      message: 'request',
      requestId: response.headers.get('x-signalbox-request-id'),
      kind: 'chat',
      status: 'success',
      tenant: 'acme',
      client: 'agent',
      entry: 'POST /v1/chat/completions',
      streamed: true,
      model: `second/${MODEL}`,
      tier: expect.any(String),
      strategy: 'complexity',
      candidates: [`first/${MODEL}`, `second/${MODEL}`],
      fallbackReason: 'provider_auth',
      attempts: [
        expect.objectContaining({ model: `first/${MODEL}`, status: 'failed_unbilled', code: 'provider_error' }),
        expect.objectContaining({ model: `first/${MODEL}`, status: 'failed_unbilled', code: 'provider_auth' }),
        expect.objectContaining({ model: `second/${MODEL}`, status: 'settled', latencyMs: expect.any(Number) }),
      ],
      cache: 'miss',
      latencyMs: expect.any(Number),
      firstTokenMs: expect.any(Number),
      inputTokens: 9,
      outputTokens: 3,
      usageSource: 'reported',
      costUsd: 15e-6,
      configHash: expect.stringMatching(/^[0-9a-f]{16}$/),
    }),
  ]);
  for (const hidden of [PROMPT, 'Hello there', CANARY, TOKEN]) expect(served.stderr()).not.toContain(hidden);
});

it('a request that fails is a line too, with its error code', async () => {
  const { served, first, second } = await start();
  for (const upstream of [first, second]) upstream.script({ say: { failure: 'auth' } });
  await postChat(served, PROMPT).then((response) => response.text());
  await served.stop();
  expect(eventsOf(served)).toEqual([
    expect.objectContaining({ status: 'failed', code: expect.any(String), costUsd: 0, attempts: expect.any(Array) }),
  ]);
  expect(served.stderr()).not.toContain(PROMPT);
});

it('a stream that its client left has the tokens that the books have beside its cost', async () => {
  const { served, first } = await start();
  first.script({ say: { text: 'word '.repeat(200), pieces: 200, pace: { firstMs: 0, frameMs: 20 } } });
  const leaving = new AbortController();
  const response = await postChat(served, PROMPT, { stream: true }, { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  await until(() => eventsOf(served).length > 0);
  await served.stop();
  const [event] = eventsOf(served);
  expect(event).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
  const books = new Database(join(served.dataDir, 'ledger.db'), { readonly: true });
  onTestFinished(() => void books.close());
  expect(event).toMatchObject(
    books
      .prepare(
        `select input_tokens as inputTokens, output_tokens as outputTokens, usage_source as usageSource from attempts`,
      )
      .get() as object,
  );
  expect(event?.outputTokens).toBeGreaterThan(0);
  expect(event?.costUsd).toBeGreaterThan(0);
});

it('the configuration can turn the lines off', async () => {
  const { served } = await start({ level: 'warn' });
  await postChat(served, PROMPT).then((response) => response.text());
  await served.stop();
  expect(served.stderr()).not.toContain('"message"');
});
