import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { INITIALIZE } from '../../mcp/spawn-server.ts';
import { eventually, until } from '../../support/until.ts';
import { OTHER_TOKEN, startMcpForTest } from './start-mcp.ts';
import { ask, completeCall, open, openSession, post, rpc } from './wire.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const PING = rpc({ id: 1, method: 'ping' });

/** A clock that a test moves. */
function handClock() {
  let nowMs = 0;
  return { nowMs: () => nowMs, pass: (ms: number) => (nowMs += ms) };
}

async function isAlive(url: string, session: string, token?: string): Promise<boolean> {
  const { status } = await post(url, PING, { session, ...(token !== undefined && { token }) });
  return status === 200;
}

describe('sessions', () => {
  it('end when they were idle for long, not while they work', async () => {
    const clock = handClock();
    const { url, endpoint, asked, letAllGo } = await startMcpForTest({
      nowMs: clock.nowMs,
      limits: { idleMs: 1_000 },
    });
    const [idle, used, busy] = [await openSession(url), await openSession(url), await openSession(url)];
    const call = post(url, rpc(completeCall('held')), { session: busy });
    await until(() => asked.length === 1);
    clock.pass(900);
    expect(await isAlive(url, used)).toBe(true);
    clock.pass(200);
    expect([await isAlive(url, idle), await isAlive(url, used)]).toEqual([false, true]);
    letAllGo();
    expect((await call).messages[0]?.result.structuredContent.text).toBe('slow answer');
    expect(await isAlive(url, busy)).toBe(true);
    expect(endpoint.sessionCount).toBe(2);
  });

  it('end after their life, however much they are used', async () => {
    const clock = handClock();
    const { url } = await startMcpForTest({ nowMs: clock.nowMs, limits: { lifetimeMs: 10_000 } });
    const session = await openSession(url);
    for (let round = 0; round < 9; round += 1) {
      clock.pass(1_100);
      expect(await isAlive(url, session)).toBe(true);
    }
    clock.pass(1_100);
    expect(await isAlive(url, session)).toBe(false);
  });

  it('are swept away when nobody asks for them again', async () => {
    const { url, endpoint } = await startMcpForTest({ limits: { idleMs: 50 } });
    for (let round = 0; round < 5; round += 1) await openSession(url);
    await eventually(() => expect(endpoint.sessionCount).toBe(0));
  });

  it('make room: first those never used, then those longest idle', async () => {
    const clock = handClock();
    const { url, endpoint } = await startMcpForTest({ nowMs: clock.nowMs, limits: { sessionsPerTenantMax: 3 } });
    const open = async () => {
      clock.pass(10);
      return openSession(url);
    };
    const [first, second, unused] = [await open(), await open(), await open()];
    for (const session of [first, second]) {
      clock.pass(10);
      await isAlive(url, session);
    }
    const fourth = await open();
    clock.pass(10);
    expect(await Promise.all([first, second, unused, fourth].map((session) => isAlive(url, session)))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    clock.pass(10);
    await isAlive(url, first);
    await open();
    expect([await isAlive(url, second), await isAlive(url, first)]).toEqual([false, true]);
    expect(endpoint.sessionCount).toBe(3);
  });

  it('are not opened at the cost of work: the tenant waits, others do not', async () => {
    const { url, asked, letAllGo } = await startMcpForTest({ limits: { sessionsPerTenantMax: 2 } });
    const calls = [];
    for (const _ of [1, 2]) {
      const session = await openSession(url);
      calls.push(post(url, rpc(completeCall('held')), { session }));
    }
    await until(() => asked.length === 2);
    const crowded = await post(url, INITIALIZE);
    expect([crowded.status, crowded.messages[0], crowded.headers.get('retry-after')]).toMatchObject([
      429,
      { id: 'init', error: { code: -32000, message: expect.stringMatching(/DELETE/) } },
      '30',
    ]);
    expect(await isAlive(url, await openSession(url, { token: OTHER_TOKEN }), OTHER_TOKEN)).toBe(true);
    letAllGo();
    for (const call of calls) expect((await call).messages).toHaveLength(1);
    expect(await openSession(url)).not.toBe('');
  });

  it('that could not begin take no place', async () => {
    const { url, endpoint } = await startMcpForTest({});
    const refused = await post(url, INITIALIZE, { headers: { accept: 'application/json' } });
    expect(refused.status).toBe(406);
    expect(endpoint.sessionCount).toBe(0);
  });

  it('are not opened by a client that says more of itself than each may keep', async () => {
    const { url, endpoint } = await startMcpForTest();
    const clientWith = (icon: string, capabilities: object) => {
      const clientInfo = { ...INITIALIZE.params.clientInfo, icons: [{ src: `data:image/png;base64,${icon}` }] };
      return { ...INITIALIZE, params: { ...INITIALIZE.params, clientInfo, capabilities } };
    };
    const long = 'A'.repeat(64 * 1_024);
    for (const message of [clientWith(long, {}), clientWith('', { experimental: { long: { long } } })]) {
      const { status, messages } = await post(url, message);
      expect([status, messages[0]]).toMatchObject([200, { id: 'init', error: { code: -32602 } }]);
      expect(messages[0]?.error?.message).toContain('65,536 characters');
    }
    expect(endpoint.sessionCount).toBe(0);
    expect((await post(url, clientWith(long.slice(1_024), {}))).status).toBe(200);
  });

  it('give back the room of their answers when they end', async () => {
    const { url } = await startMcpForTest({ limits: { keptCharactersMax: 5_000 } });
    const headers = { 'mcp-protocol-version': '2025-11-25' };
    const keptIn = async (session: string) => {
      const called = await post(url, rpc(completeCall('hello')), { session, headers });
      const [primer] = /(?<=^id: ).+$/m.exec(called.text) ?? [];
      const again = await ask(url, 'GET', { session, headers: { ...headers, 'last-event-id': primer ?? '' } });
      return again.messages.length;
    };
    for (let count = 0; count < 10; count += 1) {
      const session = await openSession(url);
      expect(await keptIn(session)).toBe(1);
      await ask(url, 'DELETE', { session });
    }
  });

  it('are bounded over all tenants', async () => {
    const { url, asked, refusals, letAllGo } = await startMcpForTest({ limits: { sessionsMax: 1 } });
    const call = post(url, rpc(completeCall('held')), { session: await openSession(url) });
    await until(() => asked.length === 1);
    expect((await post(url, INITIALIZE, { token: OTHER_TOKEN })).status).toBe(503);
    expect(refusals).toEqual(['provider_overloaded']);
    letAllGo();
    await call;
    expect((await post(url, INITIALIZE, { token: OTHER_TOKEN })).status).toBe(200);
  });

  it('abandoned by the thousand leave the server small, and a real client served', async () => {
    const { url, endpoint } = await startMcpForTest({ limits: { sessionsPerTenantMax: 50 } });
    const real = await openSession(url);
    expect(await isAlive(url, real)).toBe(true);
    const flood = async (count: number) => {
      for (let left = count; left > 0; left -= 50)
        await Promise.all(Array.from({ length: 50 }, () => post(url, INITIALIZE)));
      await new Promise((resolve) => setTimeout(resolve, 100));
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await flood(500);
    const after = await flood(1_000);
    expect(endpoint.sessionCount).toBe(50);
    expect(await isAlive(url, real)).toBe(true);
    expect(after - before).toBeLessThan(5 * 1_048_576);
  });

  it('forget the calls whose client is gone, and their answers in time', async () => {
    const clock = handClock();
    const { url, endpoint, asked } = await startMcpForTest({
      nowMs: clock.nowMs,
      limits: { keptCharactersMax: 5_000 },
    });
    const session = await openSession(url);
    for (let round = 0; round < 150; round += 1) {
      const abort = new AbortController();
      await open(url, rpc(completeCall('slow:20', round)), { session, signal: abort.signal });
      abort.abort();
    }
    await until(() => asked.length === 150);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await isAlive(url, session)).toBe(true);
    expect(endpoint.sessionCount).toBe(1);
  });
});
