import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { FakeUpstream } from '../support/fake-upstream.ts';
import { MCP_CLIENTS } from '../support/mcp-clients.ts';
import { type Served, startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { change, inspect } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { CANARY, MODEL } from './workplace.ts';

const TOTAL_MS = 30_000;
const CHAT = '/v1/chat/completions';

let upstream: FakeUpstream;
let dataDir: string;
beforeEach(async () => {
  upstream = await startUpstream('openai', { keys: [CANARY] });
  dataDir = temporaryFolder();
});

/** One more process on the same data folder. */
const serve = () =>
  startServe({
    upstreams: [{ id: 'main', kind: 'openai', upstream }],
    config: { limits: { totalMs: TOTAL_MS } },
    args: ['--data-dir', dataDir],
  });

async function ask({ url, token }: Served, key: string, more: object = {}) {
  const response = await fetch(url + CHAT, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      'x-signalbox-cache': 'off',
    },
    body: JSON.stringify({ model: `main/${MODEL}`, messages: [{ role: 'user', content: 'Hello?' }], ...more }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const answersFile = () => join(dataDir, 'idempotency.db');

it.each([false, true])(
  'an answer is found by another process and after a restart, to the letter (stream: %s)',
  async (stream) => {
    const [one, other] = await Promise.all([serve(), serve()]);
    const first = await ask(one, 'key', { stream });
    expect(first.status).toBe(200);
    const again = await ask(other, 'key', { stream });
    expect(await one.stop()).toBe(0);
    expect(await other.stop()).toBe(0);
    const restarted = await ask(await serve(), 'key', { stream });
    for (const repeated of [again, restarted]) {
      expect(repeated.text).toBe(first.text);
      expect(repeated.headers.get('idempotent-replayed')).toBe('true');
      expect(repeated.headers.get('x-signalbox-request-id')).toBe(first.headers.get('x-signalbox-request-id'));
    }
    expect(upstream.requests).toHaveLength(1);
  },
);

it('however many send the same at once to several processes, the provider is asked once for each key', async () => {
  const processes = await Promise.all([serve(), serve(), serve()]);
  const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);
  const answers = await Promise.all(
    keys.flatMap((key) => [...processes, ...processes].map((process) => ask(process, key))),
  );
  expect(upstream.requests).toHaveLength(keys.length);
  expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
  for (const key of keys) {
    const repeated = await Promise.all(processes.map((process) => ask(process, key)));
    expect(new Set(repeated.map(({ text }) => text)).size).toBe(1);
    expect(repeated.map(({ status }) => status)).toEqual([200, 200, 200]);
  }
});

it('of a process that was killed the key stays taken until its deadline and a minute, and is free then', async () => {
  const [killed, other] = await Promise.all([serve(), serve()]);
  upstream.script({ say: { text: 'Never heard.', pace: { firstMs: 20_000, frameMs: 0 } } });
  const sentAtMs = Date.now();
  const lost = ask(killed, 'key').catch(() => undefined);
  await upstream.received(0);
  killed.child.kill('SIGKILL');
  await lost;
  expect((await ask(other, 'key')).status).toBe(409);
  const [row] = inspect<{ expiresAtMs: number }>(answersFile(), 'SELECT expires_at_ms AS expiresAtMs FROM answers');
  const heldMs = (row?.expiresAtMs ?? 0) - sentAtMs;
  expect(heldMs).toBeGreaterThanOrEqual(TOTAL_MS + 60_000);
  expect(heldMs).toBeLessThan(TOTAL_MS + 70_000);
  // As if that time had passed.
  change(answersFile(), `UPDATE answers SET expires_at_ms = expires_at_ms - ${heldMs}`);
  expect((await ask(other, 'key')).status).toBe(200);
  expect((await ask(other, 'key')).headers.get('idempotent-replayed')).toBe('true');
  expect(upstream.requests).toHaveLength(2);
});

it('a client that left before its answer may ask again under the same key', async () => {
  const served = await serve();
  upstream.script({ say: { text: 'Too slow.', pace: { firstMs: 20_000, frameMs: 0 } } });
  const leaving = new AbortController();
  const left = fetch(served.url + CHAT, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${served.token}`,
      'content-type': 'application/json',
      'idempotency-key': 'key',
      'x-signalbox-cache': 'off',
    },
    body: JSON.stringify({ model: `main/${MODEL}`, messages: [{ role: 'user', content: 'Hello?' }] }),
    signal: leaving.signal,
  }).catch(() => undefined);
  await upstream.received(0);
  leaving.abort();
  await left;
  await expect.poll(async () => (await ask(served, 'key')).status).toBe(200);
});

it('over MCP every client gets the first result of its key, whichever process it asks', async () => {
  const [one, other] = await Promise.all([serve(), serve()]);
  const asked = { prompt: 'Hello?', cache: 'off', metadata: { idempotency_key: 'mcp-key' } };
  const results: unknown[] = [];
  for (const [number, [, connect]] of MCP_CLIENTS.entries()) {
    const { url, token } = number % 2 === 0 ? one : other;
    const client = await connect({ url: `${url}/mcp`, token });
    results.push((await client.call('complete', asked)).structuredContent);
    await client.close().catch(() => {});
  }
  for (const result of results) expect(result).toEqual(results[0]);
  expect(results[0]).toMatchObject({ text: 'Hello there.' });
  expect(upstream.requests).toHaveLength(1);
});
