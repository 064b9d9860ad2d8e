import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { call, type RawCall, talk } from '../support/raw-http.ts';
import { type Served, startServe, TOKEN } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const CALLERS = 400;

function chat(prompt: string): RawCall {
  const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: prompt }] });
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { ...BEARER, 'content-type': 'application/json' },
    body,
  };
}

async function start(openFilesMax?: number, server: object = {}) {
  const upstream = await startUpstream();
  const served = await startServe({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    config: { server },
    ...(openFilesMax !== undefined && { openFilesMax }),
  });
  return { upstream, served };
}

it('with few open files allowed, more callers than that are told to come back, and then served', async () => {
  const { upstream, served } = await start(256);
  const slow = { say: { text: 'Done.', pace: { firstMs: 1_500, frameMs: 0 } } };
  upstream.script(...Array.from({ length: CALLERS }, () => slow));
  const replies = await Promise.allSettled(
    Array.from({ length: CALLERS }, (_, index) => call(served.url, chat(`prompt ${index}`))),
  );
  const statuses = replies.map((reply) => (reply.status === 'fulfilled' ? reply.value.status : 0));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(20);
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(100);
  for (const reply of replies) {
    if (reply.status === 'rejected' || reply.value.status === 200) continue;
    expect(reply.value.status).toBe(503);
    expect(Number(reply.value.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect(served.child.exitCode).toBeNull();
  const later = await Promise.all([1, 2, 3].map((index) => call(served.url, chat(`later ${index}`))));
  expect(later.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await served.stop()).toBe(0);
});

it('with hardly any open files allowed, the provider is reached by each that is let in', async () => {
  const { upstream, served } = await start(64);
  const slow = { say: { text: 'Done.', pace: { firstMs: 1_000, frameMs: 0 } } };
  upstream.script(...Array.from({ length: CALLERS }, () => slow));
  const replies = await Promise.allSettled(
    Array.from({ length: CALLERS }, (_, index) => call(served.url, chat(`prompt ${index}`))),
  );
  const answered = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []));
  expect(answered.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  // Who is refused is refused by us, not for a provider that could not be reached.
  const refused = answered.filter(({ status }) => status !== 200).map(({ text }) => text);
  expect(refused.filter((text) => !text.includes('as many requests under way as it takes'))).toEqual([]);
  expect((await call(served.url, chat('later'))).status).toBe(200);
});

it('with every connection in use those who run the service still see that it is well', async () => {
  const connectionsMax = 8;
  const { upstream, served } = await start(undefined, { connectionsMax });
  const silent = { fault: { type: 'stall-before-headers' } } as const;
  upstream.script(...Array.from({ length: connectionsMax }, () => silent));
  const hanging = Array.from({ length: connectionsMax }, (_, index) => call(served.url, chat(`prompt ${index}`)));
  await upstream.received(connectionsMax - 1);
  expect((await call(served.url, chat('one more'))).status).toBe(503);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const { status, headers } = await call(served.url, { path, headers: BEARER });
    expect([path, status, headers.connection]).toEqual([path, 200, 'close']);
  }
  served.child.kill('SIGKILL');
  await Promise.allSettled(hanging);
});

it('ten thousand sockets that say nothing keep no caller out, and hold few of its files', async () => {
  const connectionsMax = 200;
  const { served } = await start(undefined, { connectionsMax });
  const idle = [];
  for (let index = 0; index < 10_000; index += 1) {
    idle.push(talk(served.url));
    if (index % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    if (index % 2_000 === 0) await getIn(served);
    // Those that were shut out are gone on this side as well.
    if (idle.length > 1_000) for (const { socket } of idle.splice(0, 500)) socket.destroy();
  }
  await getIn(served);
  expect(socketsOf(served)).toBeLessThanOrEqual(connectionsMax + 64);
  for (const { socket } of idle) socket.destroy();
});

/** As every client does: comes back when it is told to. */
async function getIn({ url }: Served): Promise<void> {
  for (let tries = 0; tries < 3; tries += 1) {
    const { status } = await call(url, { path: '/v1/models', headers: BEARER });
    if (status === 200) return;
    expect(status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('The caller was kept out.');
}

function socketsOf({ pid }: Served): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
