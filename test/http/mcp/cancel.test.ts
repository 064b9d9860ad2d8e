import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FakeUpstream, Step } from '../../support/fake-upstream.ts';
import { MCP_CLIENTS } from '../../support/mcp-clients.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';
import { until } from '../../support/until.ts';
import { ask, completeCall, modern, open, openSession, post, rpc } from './wire.ts';

/** A client's cancel is at the provider within this time (mcp.md). */
const CANCEL_MS = 250;

const WAITS: readonly (readonly [string, Step, number])[] = [
  ['before the first token', { fault: { type: 'stall-before-headers' } }, 50],
  ['in the middle of the answer', { say: { text: 'word '.repeat(500), pace: { firstMs: 0, frameMs: 10 } } }, 200],
];
const SLOW: Step = { say: { text: 'word '.repeat(40), pace: { firstMs: 0, frameMs: 10 } } };

async function serveBefore(step: Step) {
  const upstream: FakeUpstream = await startUpstream();
  upstream.script(step);
  const { url, token, app } = await startInProcess({ upstreams: [{ id: 'first', kind: 'openai', upstream }] });
  const booked = async () => (await app.gateway.requestLog({ limit: 10 }))[0];
  return { url: `${url}/mcp`, token, upstream, booked };
}

describe.each(MCP_CLIENTS)('a call over HTTP that %s cancels', (_name, connect) => {
  it.each(WAITS)('%s ends at the provider at once and is booked', async (_when, step, waitMs) => {
    const { url, token, upstream, booked } = await serveBefore(step);
    const client = await connect({ url, token });
    const caller = new AbortController();
    const call = client.call('complete', { prompt: 'hello' }, { signal: caller.signal }).catch(() => 'cancelled');
    const request = await upstream.received(0);
    await pause(waitMs);
    caller.abort();
    expect(await until(() => request.outcome === 'aborted', 5_000)).toBeLessThan(CANCEL_MS);
    expect(await call).toBe('cancelled');
    await until(async () => (await booked())?.status === 'cancelled');
    const entry = await booked();
    expect(entry).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
    const outputTokens = entry?.attempts[0]?.usage?.outputTokens ?? 0;
    expect(entry?.costNanoUsd).toBe(8_000 + outputTokens * 2_000);
    expect((await client.call('complete', { prompt: 'next' })).structuredContent.text).toBe('Hello there.');
    await client.close();
  });
});

describe('a client that goes', () => {
  it.each(WAITS)('cancels in the era of 2026-07-28, %s, and what was burnt is booked', async (_when, step, waitMs) => {
    const { url, token, upstream, booked } = await serveBefore(step);
    const abort = new AbortController();
    const { body, headers } = modern(completeCall('hello'), { progressToken: 'p' });
    open(url, body, { headers, token, signal: abort.signal }).catch(() => {});
    const request = await upstream.received(0);
    await pause(waitMs);
    abort.abort();
    expect(await until(() => request.outcome === 'aborted', 5_000)).toBeLessThan(CANCEL_MS);
    await until(async () => (await booked())?.status === 'cancelled');
    expect((await booked())?.costNanoUsd).toBeGreaterThan(0);
  });

  it('does not cancel in the older era: the answer is booked, kept and fetched', async () => {
    const { url, token, upstream, booked } = await serveBefore(SLOW);
    const session = await openSession(url, { token });
    const abort = new AbortController();
    const headers = { 'mcp-protocol-version': '2025-11-25' };
    const response = await open(url, rpc(completeCall('hello')), { session, token, headers, signal: abort.signal });
    const primer = Buffer.from((await response.body?.getReader().read())?.value ?? []).toString();
    const request = await upstream.received(0);
    abort.abort();
    await until(() => request.outcome === 'answered');
    await until(async () => (await booked())?.status === 'success');
    expect(await booked()).toMatchObject({ status: 'success', attempts: [{ status: 'settled' }] });
    const lastEventId = /^id: (\S+)$/m.exec(primer)?.[1] ?? '';
    const { messages } = await ask(url, 'GET', { session, token, headers: { 'last-event-id': lastEventId } });
    expect(messages[0]?.result.structuredContent.text).toMatch(/^word word/);
    expect((await post(url, rpc({ id: 2, method: 'ping' }), { session, token })).status).toBe(200);
  });

  it('cancels when it ends its session', async () => {
    const { url, token, upstream, booked } = await serveBefore({ fault: { type: 'stall-before-headers' } });
    const session = await openSession(url, { token });
    const call = post(url, rpc(completeCall('hello')), { session, token });
    const request = await upstream.received(0);
    await ask(url, 'DELETE', { session, token });
    expect(await until(() => request.outcome === 'aborted', 5_000)).toBeLessThan(CANCEL_MS);
    await until(async () => (await booked())?.status === 'cancelled');
    expect((await booked())?.status).toBe('cancelled');
    await call;
  });
});
