import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { GatewayStream } from '../../src/gateway/gateway.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { failure, model, partsOf } from '../support/gateway.ts';
import { answer, createScriptedProvider, type Step, USAGE } from '../support/scripted-provider.ts';
import { inspect } from '../support/store.ts';
import { until } from '../support/until.ts';
import { gatewayOf } from './gateway-pair.ts';

const FINISH: Step = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, model: 'scripted' };
const words = (count: number): readonly Step[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'text-delta', text: `${index} ` }));

async function single(script: () => readonly Step[], limits = {}, clock: Clock = SYSTEM_CLOCK) {
  const provider = createScriptedProvider('only', script);
  const harness = await gatewayOf({ providers: [provider], models: [model('only/m')], limits, clock });
  return { ...harness, provider };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const iteratorOf = ({ parts }: GatewayStream) => parts[Symbol.asyncIterator]();

describe('a reader that takes its time', () => {
  it('is waited for: the provider is read a few parts ahead and no further', async () => {
    const { stream, provider } = await single(() => [{ type: 'sent' }, ...words(1_000), FINISH]);
    const iterator = iteratorOf(await stream('hello'));
    await pause(30);
    const ahead = provider.pulled();
    expect(ahead).toBeLessThanOrEqual(10);
    for (let taken = 0; taken < 20; taken += 1) await iterator.next();
    await pause(10);
    expect(provider.pulled()).toBeGreaterThan(ahead);
    expect(provider.pulled()).toBeLessThanOrEqual(30);
    await iterator.return?.();
  });

  it('does not make the provider look silent', async () => {
    const { stream, books } = await single(
      () => [{ type: 'sent' }, ...words(50), { type: 'usage', usage: USAGE }, FINISH],
      {
        idleMs: 30,
        firstTokenMs: 30,
      },
    );
    const opened = await stream('hello');
    await pause(120);
    const iterator = iteratorOf(opened);
    for (let taken = 0; taken < 10; taken += 1) await iterator.next();
    await pause(120);
    let last: unknown;
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) last = step.value;
    expect(last).toMatchObject({ type: 'end' });
    expect((await books())[0]?.status).toBe('success');
  });

  it('still hears of a provider that falls silent once it reads again', async () => {
    const { stream } = await single(() => [{ type: 'sent' }, ...words(20), { type: 'hang' }], { idleMs: 40 });
    const opened = await stream('hello');
    await pause(100);
    const parts = await partsOf(opened);
    expect(parts).toHaveLength(21);
    expect(parts.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider_timeout' } });
  });

  it('and never comes back ends by the total limit: cancelled, booked, nobody blamed', async () => {
    const clock = createFakeClock();
    const limits = { totalMs: 80 };
    const endless = () => [{ type: 'sent' }, ...words(100), FINISH] as const;
    const { stream, books, store, provider } = await single(endless, limits, clock);
    const opened = await stream('hello');
    await clock.advance(limits.totalMs);
    await until(() => provider.aborted() === 1);
    expect((await books())[0]).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
    expect(store.health.snapshot()).toEqual([]);
    const parts = await partsOf(opened);
    expect(parts).toMatchObject([{ type: 'error', error: { code: 'cancelled' } }]);
  });

  it('gets an answer that was complete before it looked', async () => {
    const { stream, books } = await single(() => answer('ok'));
    const opened = await stream('hello');
    await books();
    expect((await partsOf(opened)).map(({ type }) => type)).toEqual(['text-delta', 'usage', 'end']);
  });
});

describe('a reader that leaves', () => {
  it.each([
    ['by leaving the loop', async (opened: GatewayStream) => void (await firstOf(opened))],
    [
      'by its signal, while it reads',
      async (opened: GatewayStream, caller: AbortController) => {
        const iterator = iteratorOf(opened);
        await iterator.next();
        const pending = iterator.next();
        caller.abort();
        expect(await pending).toMatchObject({ value: { type: 'error', error: { code: 'cancelled' } } });
        expect(await iterator.next()).toEqual({ value: undefined, done: true });
      },
    ],
    ['by its signal, without ever reading', async (_opened: GatewayStream, caller: AbortController) => caller.abort()],
  ])('%s ends the upstream call at once and books what was burnt', async (_how, leave) => {
    const { stream, books, events, store, provider } = await single(() => [
      { type: 'sent' },
      { type: 'text-delta', text: 'some words already' },
      { type: 'hang' },
    ]);
    const caller = new AbortController();
    const opened = await stream('hello', {}, { signal: caller.signal });
    await leave(opened, caller);
    await until(() => provider.aborted() === 1);
    const [row] = await books();
    expect(row).toMatchObject({
      status: 'cancelled',
      error: 'cancelled',
      attempts: [{ status: 'cancelled', usage: { source: 'estimated' } }],
    });
    expect(row?.costNanoUsd).toBe(14_000);
    expect(events).toMatchObject([{ status: 'cancelled', streamed: true }]);
    expect(store.health.snapshot()).toEqual([]);
  });

  it('while the provider waits for room lets nothing hang', async () => {
    const { stream, books, provider } = await single(() => [{ type: 'sent' }, ...words(100), FINISH]);
    const caller = new AbortController();
    const opened = await stream('hello', {}, { signal: caller.signal });
    await pause(5);
    caller.abort();
    expect((await books())[0]).toMatchObject({ status: 'cancelled' });
    expect(provider.aborted()).toBe(1);
    expect(await partsOf(opened)).toMatchObject([{ type: 'error', error: { code: 'cancelled' } }]);
  });

  it('before the first content is rejected, and the call is cancelled', async () => {
    const { stream, books, provider } = await single(() => [{ type: 'sent' }, { type: 'hang' }]);
    const caller = new AbortController();
    const pending = failure(stream('hello', {}, { signal: caller.signal }));
    await until(() => provider.calls.length === 1);
    caller.abort();
    expect((await pending).code).toBe('cancelled');
    expect((await books())[0]).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
  });

  it('before anything was asked leaves no attempt', async () => {
    const { stream, books, provider } = await single(() => answer('never'));
    expect((await failure(stream('hello', {}, { signal: AbortSignal.abort() }))).code).toBe('cancelled');
    expect((await books())[0]).toMatchObject({ status: 'cancelled', attempts: [] });
    expect(provider.calls).toHaveLength(0);
  });

  it('after the end changes nothing', async () => {
    const { stream, books, events } = await single(() => answer('ok'));
    const caller = new AbortController();
    await partsOf(await stream('hello', {}, { signal: caller.signal }));
    caller.abort();
    expect((await books())[0]?.status).toBe('success');
    expect(events).toHaveLength(1);
  });
});

describe('a server that ends', () => {
  const shutdown = new GatewayError('provider_unavailable', 'Signalbox is shutting down.');

  it('ends its streams with its own reason, for which no provider is blamed', async () => {
    const { stream, books, store } = await single(() => [
      { type: 'sent' },
      { type: 'text-delta', text: 'half' },
      { type: 'hang' },
    ]);
    const server = new AbortController();
    const opened = await stream('hello', {}, { signal: server.signal });
    server.abort(shutdown);
    const parts = await partsOf(opened);
    expect(parts).toMatchObject([{ text: 'half' }, { type: 'error', error: { message: shutdown.message } }]);
    expect(parts.at(-1)).not.toHaveProperty('error.provider', 'only');
    expect((await books())[0]).toMatchObject({ status: 'truncated', attempts: [{ status: 'truncated' }] });
    expect(store.health.snapshot()).toEqual([]);
  });

  it('rejects what has not begun with the same reason', async () => {
    const { stream, store } = await single(() => [{ type: 'sent' }, { type: 'hang' }]);
    const server = new AbortController();
    const pending = failure(stream('hello', {}, { signal: server.signal }));
    await pause(20);
    server.abort(shutdown);
    expect(await pending).toMatchObject({ code: 'provider_unavailable', message: shutdown.message });
    expect(store.health.snapshot()).toEqual([]);
  });
});

it('an answer is durable in the books when its end is given', async () => {
  const { stream, dataDir } = await single(() => answer('ok'));
  const read = () => inspect<{ status: string }>(join(dataDir, 'ledger.db'), 'SELECT status FROM attempts');
  const atTheEnd: unknown[] = [];
  for await (const part of (await stream('hello')).parts) if (part.type === 'end') atTheEnd.push(read());
  expect(atTheEnd).toEqual([[{ status: 'settled' }]]);
});

async function firstOf({ parts }: GatewayStream): Promise<unknown> {
  for await (const part of parts) return part;
  return undefined;
}
