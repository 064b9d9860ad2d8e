import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { completeCall, open, openSession, rpc } from '../http/mcp/wire.ts';
import { startClock } from '../support/given-time.ts';
import { postChat } from '../support/post-chat.ts';
import { talk } from '../support/raw-http.ts';
import { type Served, startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { inspect } from '../support/store.ts';
import { until } from '../support/until.ts';

const STREAMS = 200;
const WARM_UP = 100;
/** The drain, the end of what is left, and the books. */
const END_MS_MAX = 13_000;
const WORDS = Array.from({ length: 100 }, (_, index) => `word${index} `);

async function start(config: Readonly<Record<string, object>> = {}) {
  const upstream = await startUpstream();
  const served = await startServe({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }], config });
  return { upstream, served };
}

/** A stream that is read to its end. */
async function stream(served: Served, prompt: string, onFirst: () => void): Promise<string> {
  const response = await postChat(served, prompt, { stream: true });
  const decoder = new TextDecoder();
  let said = '';
  for await (const chunk of response.body ?? []) {
    if (said === '') onFirst();
    said += decoder.decode(chunk, { stream: true });
  }
  return said;
}

/** The first signal has been heard: a second one that comes before is the same to the system. */
const isEnding = (served: Served) => until(() => served.stderr().includes('signalbox: ending'));

/** The beginning of a request as it goes over the wire, for a connection that is kept. */
const head = ({ url, token }: Served, path: string, more: string) =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    more,
    '',
    '',
  ].join('\r\n');

it('SIGTERM under 200 streams: what can finish does, the rest ends with an error event, every row is written', async () => {
  const { upstream, served } = await start();
  // A service that has only just started sends some of so many at once away, on a busy machine.
  for (let index = 0; index < WARM_UP; index += 1) await stream(served, `warm-up ${index}`, () => {});
  // Half of them take about 2 s, the others would take minutes.
  const short = { text: WORDS.join(''), pieces: 4, pace: { firstMs: 0, frameMs: 500 } };
  const long = { text: WORDS.join(''), pieces: 100, pace: { firstMs: 0, frameMs: 3_000 } };
  for (let index = 0; index < STREAMS; index += 1) upstream.script({ say: index % 2 === 0 ? short : long });
  let begun = 0;
  const everyBegun = Promise.withResolvers<void>();
  const onFirst = () => {
    begun += 1;
    if (begun === STREAMS) everyBegun.resolve();
  };
  const streams = Array.from({ length: STREAMS }, (_, index) => stream(served, `prompt ${index}`, onFirst));
  await everyBegun.promise;

  const elapsedMs = startClock();
  const stopped = served.stop();
  expect(await stopped).toBe(0);
  expect(elapsedMs()).toBeLessThan(END_MS_MAX);

  const said = await Promise.all(streams);
  const whole = said.filter((text) => text.includes('[DONE]'));
  const cut = said.filter((text) => !text.includes('[DONE]'));
  expect([whole.length, cut.length]).toEqual([STREAMS / 2, STREAMS / 2]);
  for (const text of cut) {
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.replace(/^data: /, ''))).toMatchObject({
      error: { message: expect.stringContaining('shutting down') },
    });
    expect(text).not.toMatch(/"finish_reason":"/);
  }
  const database = `${served.dataDir}/ledger.db`;
  const rows = inspect<{ status: string | null; count: number }>(
    database,
    'SELECT status, count(*) AS count FROM requests GROUP BY status ORDER BY status',
  );
  expect(rows).toEqual([
    { status: 'success', count: WARM_UP + STREAMS / 2 },
    { status: 'truncated', count: STREAMS / 2 },
  ]);
  expect(inspect(database, "SELECT id FROM attempts WHERE status = 'pending'")).toEqual([]);
});

it('from the signal on nothing new is taken, while what runs finishes', async () => {
  const { upstream, served } = await start();
  upstream.script({ say: { text: WORDS.join(''), pieces: 30, pace: { firstMs: 0, frameMs: 100 } } });
  const begun = Promise.withResolvers<void>();
  const running = stream(served, 'prompt', begun.resolve);
  await begun.promise;
  const stopped = served.stop();
  await isEnding(served);
  await expect(fetch(`${served.url}/readyz`)).rejects.toThrow();
  expect(await running).toContain('[DONE]');
  expect(await stopped).toBe(0);
});

it('with a delay a balancer sees that it ends before it does: it serves on while /readyz fails', async () => {
  const { served } = await start({ server: { shutdownDelayMs: 4_000 } });
  const stopped = served.stop();
  const readyz = () => fetch(`${served.url}/readyz`, { headers: { connection: 'close' } });
  while ((await readyz()).ok);
  expect(await (await readyz()).json()).toEqual({ status: 'not ready', reasons: ['draining'] });
  expect((await postChat(served, 'prompt')).status).toBe(200);
  expect(await stopped).toBe(0);
  await expect(readyz()).rejects.toThrow();
});

it('a second signal does not wait for that delay', async () => {
  const { served } = await start({ server: { shutdownDelayMs: 600_000 } });
  const stopped = served.stop();
  while ((await fetch(`${served.url}/readyz`)).ok);
  served.child.kill('SIGTERM');
  expect(await stopped).toBe(143);
  // Otherwise it would be the end by force, half a second later.
  expect(served.stderr()).toContain('signalbox: ending at once.');
  expect(served.stderr()).not.toContain('10 s');
});

it('connections that were kept take nothing new either: each ends with the answers that were due on it', async () => {
  const { upstream, served } = await start();
  const ask = (prompt: string, isStreamed = true) => {
    const body = JSON.stringify({ model: 'auto', stream: isStreamed, messages: [{ role: 'user', content: prompt }] });
    return `${head(served, '/v1/chat/completions', `Content-Length: ${body.length}`)}${body}`;
  };
  const text = WORDS.join('');
  const lasting = (pieces: number) => ({ say: { text, pieces, pace: { firstMs: 0, frameMs: 100 } } });
  const wholeAfterThreeSeconds = { say: { text, pace: { firstMs: 3_000, frameMs: 0 } } };
  upstream.script(lasting(10), lasting(30), lasting(30), lasting(10), lasting(20), wholeAfterThreeSeconds);
  const one = talk(served.url, ask('one'));
  await upstream.received(0);
  const two = talk(served.url, ask('two'));
  await upstream.received(1);
  const probed = talk(served.url, ask('three'));
  await upstream.received(2);
  const both = talk(served.url, `${ask('four')}${ask('five')}`);
  await upstream.received(4);
  const whole = talk(served.url, ask('six', false));
  await upstream.received(5);
  while ([one, two, probed, both].some(({ received }) => received() === '')) await delay(5);
  const stopped = served.stop();
  await isEnding(served);
  two.socket.write(ask('seven'));
  probed.socket.write(`GET /readyz HTTP/1.1\r\nHost: ${new URL(served.url).host}\r\n\r\n`);
  await one.closed;
  expect(one.received()).toContain('[DONE]');
  expect(two.received()).not.toContain('[DONE]');
  await Promise.all([two, probed, both, whole].map(({ closed }) => closed));
  expect(two.received()).toMatch(/\[DONE\][\s\S]*HTTP\/1\.1 503 [\s\S]*shutting down, and the request was not begun/);
  expect(probed.received()).toMatch(/\[DONE\][\s\S]*"reasons":\["draining"\]/);
  expect(both.received().split('[DONE]')).toHaveLength(3);
  expect(whole.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*\nconnection: close\r\n/i);
  expect(upstream.requests).toHaveLength(6);
  expect(await stopped).toBe(0);
});

it('requests whose body never comes to its end hold nothing up, and are told why', async () => {
  const { upstream, served } = await start();
  const unfinished = [
    `${head(served, '/v1/chat/completions', 'Content-Length: 5000')}{"model"`,
    `${head(served, '/v1/messages', 'Transfer-Encoding: chunked')}4\r\n{"mo\r\n`,
    head(served, '/v1/responses', 'Content-Length: 5000\r\nExpect: 100-continue'),
    `${head(served, '/v1/embeddings', 'Content-Length: 5000\r\nIdempotency-Key: one')}{`,
    `${head(served, '/mcp', 'Content-Length: 5000')}{"jsonrpc"`,
  ].map((bytes) => talk(served.url, bytes));
  upstream.script({ say: { text: WORDS.join(''), pieces: 30, pace: { firstMs: 0, frameMs: 100 } } });
  const begun = Promise.withResolvers<void>();
  const running = stream(served, 'prompt', begun.resolve);
  await begun.promise;
  const elapsedMs = startClock();
  const stopped = served.stop();
  for (const { received, closed } of unfinished) {
    await closed;
    expect(received()).toContain('Signalbox is shutting down, and the request was not complete.');
  }
  expect(await running).toContain('[DONE]');
  expect(await stopped).toBe(0);
  expect(elapsedMs()).toBeLessThan(10_000);
});

it('a call of an MCP session whose client has gone holds nothing up, and is booked', async () => {
  const { upstream, served } = await start();
  upstream.script({ fault: { type: 'stall-before-headers' } });
  const [mcp, { token }] = [`${served.url}/mcp`, served];
  const session = await openSession(mcp, { token });
  const leaving = new AbortController();
  const call = open(mcp, rpc(completeCall('Hello')), { token, session, signal: leaving.signal });
  await upstream.received(0);
  leaving.abort();
  await call.catch(() => undefined);
  expect(await served.stop()).toBe(0);
  const rows = inspect<{ status: string }>(`${served.dataDir}/ledger.db`, 'SELECT status FROM attempts');
  expect(rows).toHaveLength(1);
  expect(rows[0]?.status).not.toBe('pending');
});

it('SIGHUP reads no configuration any more, and ends nothing', async () => {
  const { upstream, served } = await start();
  upstream.script({ say: { text: WORDS.join(''), pieces: 15, pace: { firstMs: 0, frameMs: 100 } } });
  const begun = Promise.withResolvers<void>();
  const running = stream(served, 'prompt', begun.resolve);
  await begun.promise;
  const stopped = served.stop();
  await isEnding(served);
  const path = join(dirname(served.dataDir), 'mcp.config.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"dataDir"', '"log":{"level":"debug"},"dataDir"'));
  served.child.kill('SIGHUP');
  expect(await running).toContain('[DONE]');
  expect(await stopped).toBe(0);
  expect(served.stderr()).not.toContain('the configuration');
});

it('a log that nobody reads any more does not keep it from ending', async () => {
  const { served } = await start();
  served.child.stderr?.pause();
  // The pipe is full after some hundred lines.
  const ask = () => postChat(served, 'prompt').then((response) => response.text());
  for (let round = 0; round < 30; round += 1) await Promise.all(Array.from({ length: 20 }, ask));
  expect(await served.stop()).toBe(0);
});

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second %s ends it at once, with %i', async (signal, code) => {
  const { upstream, served } = await start();
  upstream.script({ fault: { type: 'stall-before-headers' } });
  const asked = postChat(served, 'prompt').catch(() => undefined);
  await upstream.received(0);
  const exited = once(served.child, 'exit');
  served.child.kill(signal);
  await isEnding(served);
  const elapsedMs = startClock();
  served.child.kill(signal);
  expect(await exited).toEqual([code, null]);
  expect(elapsedMs()).toBeLessThan(1_000);
  await asked;
});

it('a second SIGTERM under streams ends them with an error event, and every row is written', async () => {
  const { upstream, served } = await start();
  const long = { text: WORDS.join(''), pieces: 100, pace: { firstMs: 0, frameMs: 3_000 } };
  for (let index = 0; index < 20; index += 1) upstream.script({ say: long });
  const streams: Promise<string>[] = [];
  while (streams.length < 20) {
    const { promise, resolve } = Promise.withResolvers<void>();
    streams.push(stream(served, `prompt ${streams.length}`, resolve));
    await promise;
  }
  const exited = once(served.child, 'exit');
  served.child.kill('SIGTERM');
  await isEnding(served);
  served.child.kill('SIGTERM');
  expect(await exited).toEqual([143, null]);
  for (const text of await Promise.all(streams)) expect(text).toContain('shutting down');
  const database = `${served.dataDir}/ledger.db`;
  expect(inspect(database, 'SELECT status, count(*) AS count FROM requests GROUP BY status')).toEqual([
    { status: 'truncated', count: 20 },
  ]);
  expect(inspect(database, "SELECT id FROM attempts WHERE status = 'pending'")).toEqual([]);
});

it('an idle one ends at once with 0', async () => {
  const { served } = await start();
  await fetch(`${served.url}/healthz`).then((response) => response.text());
  const elapsedMs = startClock();
  expect(await served.stop()).toBe(0);
  expect(elapsedMs()).toBeLessThan(2_000);
});
