import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeUpstream, type Step, startFakeUpstream } from '../support/fake-upstream.ts';
import { type AnyClient, MCP_CLIENTS } from '../support/mcp-clients.ts';
import { until } from '../support/until.ts';
import { createWorkplace, MODEL, WIRES } from './workplace.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/signalbox.cjs');
/** A client's cancel is at the provider within this time (mcp.md). */
const CANCEL_MS = 250;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Two vendors behind one configuration, and the real command to serve it. */
async function openPlace() {
  const first = await startFakeUpstream(WIRES.openai, { models: [MODEL] });
  const second = await startFakeUpstream(WIRES.anthropic, { models: [MODEL] });
  const workplace = createWorkplace([
    { id: 'first', kind: 'openai', upstream: first },
    { id: 'second', kind: 'anthropic', upstream: second },
  ]);
  cleanups.push(workplace.remove, first.close, second.close);
  const command = {
    command: process.execPath,
    args: [LAUNCHER, '--config', workplace.configPath],
    env: { HOME: workplace.folder, PATH: process.env.PATH ?? '' },
  };
  const connect = async (how = MCP_CLIENTS[0]?.[1]): Promise<AnyClient> => {
    if (!how) throw new RangeError('no client');
    const client = await how(command);
    cleanups.push(client.close);
    return client;
  };
  const books = () => workplace.books();
  return { first, second, connect, books };
}

const callsOf = (upstream: FakeUpstream) => upstream.requests.filter(({ call }) => call?.type === 'chat');

describe.each(MCP_CLIENTS)('a call that %s cancels', (_name, how) => {
  it.each([
    ['before the first token', { fault: { type: 'stall-before-headers' } }, 0],
    ['in the middle of the answer', { say: { text: 'word '.repeat(500), pace: { firstMs: 0, frameMs: 10 } } }, 200],
  ] satisfies [string, Step, number][])(
    '%s ends at the provider at once and is booked',
    async (_when, step, waitMs) => {
      const { first, connect, books } = await openPlace();
      first.script(step);
      const client = await connect(how);
      const caller = new AbortController();
      const call = client.call('complete', { prompt: 'hello' }, { signal: caller.signal }).catch(() => 'cancelled');
      const request = await first.received(0);
      await new Promise((wait) => setTimeout(wait, waitMs));
      caller.abort();
      expect(await until(() => request.outcome === 'aborted', 5_000)).toBeLessThan(CANCEL_MS);
      expect(await call).toBe('cancelled');
      await client.close();

      const [booked] = await books();
      expect(booked).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled', provider: 'first' }] });
      const outputTokens = booked?.attempts[0]?.usage?.outputTokens ?? 0;
      expect(outputTokens > 0).toBe(waitMs > 0);
      expect(booked?.costNanoUsd).toBe(8_000 + outputTokens * 2_000);
    },
  );
});

describe('a key that rests', () => {
  it('is left alone by the other servers on the data folder, those that start later included', async () => {
    const { first, second, connect } = await openPlace();
    first.script({ say: { failure: 'rate_limited', headers: { 'retry-after': '60' } } });
    const [one, other] = [await connect(), await connect()];
    expect((await one.call('complete', { prompt: 'one' })).structuredContent.model).toBe(`second/${MODEL}`);
    expect((await other.call('complete', { prompt: 'two' })).structuredContent.model).toBe(`second/${MODEL}`);
    await Promise.all([one.close(), other.close()]);
    const later = await connect();
    const preview = await later.call('route_preview', { prompt: 'three' });
    expect(preview.structuredContent.rejected).toMatchObject([{ model: `first/${MODEL}` }]);
    expect((await later.call('complete', { prompt: 'three' })).structuredContent.model).toBe(`second/${MODEL}`);
    expect([callsOf(first).length, callsOf(second).length]).toEqual([1, 3]);
  });
});

describe('a breaker', () => {
  it('that one server opened is open for one that starts later', async () => {
    const { first, connect } = await openPlace();
    first.script(...Array.from({ length: 20 }, (): Step => ({ say: { failure: 'server_error' } })));
    const one = await connect();
    for (let index = 0; callsOf(first).length < 5; index += 1)
      await one.call('complete', { prompt: `number ${index}` });
    await one.close();
    const calls = callsOf(first).length;
    const later = await connect();
    const status = await later.call('provider_status', { provider: 'first' });
    expect(status.structuredContent.providers).toMatchObject([{ breaker: 'open' }]);
    expect((await later.call('complete', { prompt: 'again' })).structuredContent.model).toBe(`second/${MODEL}`);
    expect(callsOf(first)).toHaveLength(calls);
  });
});
