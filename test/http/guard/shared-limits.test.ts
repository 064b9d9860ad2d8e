import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SharedStates } from '../../../src/core/ports.ts';
import { MemoryStates } from '../../../src/http/guard/memory-states.ts';
import { SharedSlots } from '../../../src/http/guard/shared-slots.ts';
import { call } from '../../support/raw-http.ts';
import { startInProcess, startServe, TEST_SETTINGS } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';
import { eventually } from '../../support/until.ts';
import { START_MS, twoStates } from './two-states.ts';

const TOKEN = 'limited-token-4mT8vXq2LmZ8';

afterEach(() => vi.useRealTimers());

function slowStates() {
  const states = new MemoryStates();
  const slow: SharedStates = {
    read: (name) => states.read(name),
    async update(name, change) {
      await states.update(name, change);
      await new Promise((resolve) => setTimeout(resolve, 10));
      return true;
    },
  };
  return { states, slow };
}

describe('requests at the same time', () => {
  it('are as many for all processes together, and one that ends makes room in another', async () => {
    const [first, second] = await twoStates();
    const slots = [new SharedSlots(first, 'slots'), new SharedSlots(second, 'slots')];
    const entered = await Promise.all(Array.from({ length: 40 }, (_, at) => slots[at % 2]?.enter(5)));
    expect(entered.filter((isIn) => isIn)).toHaveLength(5);
    const holder = entered.indexOf(true) % 2;
    expect(await slots[1 - holder]?.enter(5)).toBe(false);
    slots[holder]?.leave();
    await eventually(async () => expect(await slots[1 - holder]?.enter(5)).toBe(true));
    expect(await slots[holder]?.enter(5)).toBe(false);
  });

  it('that a killed process had are free again after its lease, and not before', async () => {
    const [first, second] = await twoStates();
    const killed = new SharedSlots(first, 'slots');
    expect([await killed.enter(2), await killed.enter(2)]).toEqual([true, true]);
    const living = new SharedSlots(second, 'slots');
    vi.setSystemTime(START_MS + 14_999);
    expect(await living.enter(2)).toBe(false);
    vi.setSystemTime(START_MS + 15_001);
    expect([await living.enter(2), await living.enter(2), await living.enter(2)]).toEqual([true, true, false]);
  });

  it('that a killed process had keep nobody out when the clock is put back', async () => {
    const [first, second] = await twoStates();
    expect(await new SharedSlots(first, 'slots').enter(1)).toBe(true);
    vi.setSystemTime(START_MS - 3_600_000);
    expect(await new SharedSlots(second, 'slots').enter(1)).toBe(true);
  });

  it('are as many as may be now, where that was changed', async () => {
    const states = new MemoryStates();
    const slots = new SharedSlots(states, 'slots');
    expect([await slots.enter(2), await slots.enter(2), await slots.enter(2)]).toEqual([true, true, false]);
    expect([await slots.enter(3), await slots.enter(2)]).toEqual([true, false]);
    slots.leave();
    expect(await slots.enter(2)).toBe(false);
    slots.leave();
    expect(await slots.enter(2)).toBe(true);
  });

  it('keep their lease while requests come and go without a pause', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    const busy = new SharedSlots(states, 'slots');
    expect([await busy.enter(2), await busy.enter(2)]).toEqual([true, true]);
    for (let passedMs = 0; passedMs < 20_000; passedMs += 10) {
      busy.leave();
      await vi.advanceTimersByTimeAsync(10);
      expect(await busy.enter(2)).toBe(true);
    }
    expect(await new SharedSlots(states, 'slots').enter(2)).toBe(false);
  });

  it('keep their lease however long a request runs, are free 20 ms after its end, and nothing is written then', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    const update = vi.spyOn(states, 'update');
    const [long, other] = [new SharedSlots(states, 'slots'), new SharedSlots(states, 'slots')];
    expect(await long.enter(1)).toBe(true);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(update).toHaveBeenCalledTimes(1);
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await other.enter(1)).toBe(false);
    }
    long.leave();
    await vi.advanceTimersByTimeAsync(20);
    expect(await other.enter(1)).toBe(true);
    other.leave();
    await vi.advanceTimersByTimeAsync(20);
    update.mockClear();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(update).not.toHaveBeenCalled();
  });

  it('are not used by who is just giving them back', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const { states, slow } = slowStates();
    const giving = new SharedSlots(slow, 'slots');
    const first = giving.enter(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(await first).toBe(true);
    giving.leave();
    await vi.advanceTimersByTimeAsync(20);
    const back = giving.enter(1);
    expect(await new SharedSlots(states, 'slots').enter(1)).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(await back).toBe(false);
  });

  it('are counted by each process alone where they cannot be written, and together again as soon as they can', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    let isBroken = true;
    const broken: SharedStates = {
      read: (name) => states.read(name),
      update: async (name, change) => !isBroken && states.update(name, change),
    };
    const [here, there] = [new SharedSlots(broken, 'slots'), new SharedSlots(broken, 'slots')];
    const both = () => Promise.all([here.enter(2), here.enter(2), here.enter(2), there.enter(2)]);
    expect(await both()).toEqual([true, true, false, true]);
    const update = vi.spyOn(broken, 'update');
    await vi.advanceTimersByTimeAsync(10_000);
    // Each once a second.
    expect(update).toHaveBeenCalledTimes(20);
    isBroken = false;
    await vi.advanceTimersByTimeAsync(1_000);
    there.leave();
    await vi.advanceTimersByTimeAsync(20);
    expect(await there.enter(2)).toBe(false);
    here.leave();
    await vi.advanceTimersByTimeAsync(20);
    expect(await there.enter(2)).toBe(true);
  });

  it('are taken and given back while another is being written', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const { states, slow } = slowStates();
    const busy = new SharedSlots(slow, 'slots');
    const entered = [busy.enter(3), busy.enter(3)];
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(entered)).toEqual([true, true]);
    const third = busy.enter(3);
    busy.leave();
    await vi.advanceTimersByTimeAsync(100);
    expect(await third).toBe(true);
    const other = new SharedSlots(states, 'slots');
    expect([await other.enter(3), await other.enter(3)]).toEqual([true, false]);
  });

  it('are not written again for each that follows another at once, nor for each that comes with others', async () => {
    const states = new MemoryStates();
    const update = vi.spyOn(states, 'update');
    const slots = new SharedSlots(states, 'slots');
    for (let count = 0; count < 5; count += 1) {
      expect(await slots.enter(10)).toBe(true);
      slots.leave();
    }
    expect(update).toHaveBeenCalledTimes(1);
    const together = await Promise.all(Array.from({ length: 10 }, () => slots.enter(10)));
    expect(together).toEqual(Array(10).fill(true));
    // What was being written when the first of them came, and one for the others.
    expect(update.mock.calls.length).toBeLessThanOrEqual(3);
    await slots.close();
  });

  it('that are held already are used while another is being written', async () => {
    const states = new MemoryStates();
    const slots = new SharedSlots(states, 'slots');
    expect(await slots.enter(2)).toBe(true);
    slots.leave();
    const written = Promise.withResolvers<boolean>();
    const update = vi.spyOn(states, 'update').mockReturnValue(written.promise);
    await eventually(() => expect(update).toHaveBeenCalled());
    const entered = vi.fn();
    void slots.enter(2).then(entered);
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toHaveBeenCalledWith(true);
    written.resolve(true);
  });

  it('are given back by a process that ends while it renews its lease', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const { states, slow } = slowStates();
    const ending = new SharedSlots(slow, 'slots');
    const entered = ending.enter(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(await entered).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    ending.leave();
    const closed = ending.close();
    await vi.advanceTimersByTimeAsync(100);
    await closed;
    expect(states.read('slots')).toEqual({});
  });

  it('are asked for no more by a process that ended while they could not be written', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const update = vi.fn(async () => false);
    const ending = new SharedSlots({ read: () => undefined, update }, 'slots');
    expect(await ending.enter(1)).toBe(true);
    ending.leave();
    await ending.close();
    update.mockClear();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(update).not.toHaveBeenCalled();
  });

  it('are given back at once by a process that ends', async () => {
    const [first, second] = await twoStates();
    const ending = new SharedSlots(first, 'slots');
    expect(await ending.enter(1)).toBe(true);
    ending.leave();
    await ending.close();
    expect(await new SharedSlots(second, 'slots').enter(1)).toBe(true);
  });

  it('are given back by a service that ends', async () => {
    const settings = (concurrency: number) => ({
      ...TEST_SETTINGS,
      tokens: [{ value: TOKEN, concurrency, caller: { tenant: 'limited' } }],
    });
    const { url, http, app } = await startInProcess({ upstreams: [], settings: settings(1) });
    const headers = { authorization: `Bearer ${TOKEN}`, connection: 'close' };
    expect((await call(url, { path: '/v1/models', headers })).status).toBe(200);
    expect(app.states.read('token-slots/limited')).not.toEqual({});
    http.apply(settings(2));
    await http.close(0);
    expect(app.states.read('token-slots/limited')).toEqual({});
  });

  it('stand under a thousand comings and goings in two processes', async () => {
    const [first, second] = await twoStates();
    const slots = [new SharedSlots(first, 'slots'), new SharedSlots(second, 'slots')] as const;
    let running = 0;
    let most = 0;
    const work = async (own: SharedSlots) => {
      for (let count = 0; count < 50; count += 1) {
        if (!(await own.enter(4))) continue;
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, count % 3));
        running -= 1;
        own.leave();
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, at) => work(slots[at % 2 === 0 ? 0 : 1])));
    expect(most).toBe(4);
    expect(running).toBe(0);
    await Promise.all(slots.map((own) => own.close()));
    expect(first.read('slots')).toEqual({});
  });
});

it('two services of one data folder hold the limits of a token together', async () => {
  const upstream = await startUpstream();
  const tokens = [{ name: 'limited', value: TOKEN, requestsPerMinute: 6, concurrency: 3 }];
  const options = { upstreams: [{ id: 'vendor', kind: 'openai' as const, upstream }], config: { server: { tokens } } };
  const first = await startServe(options);
  const second = await startServe({ ...options, args: ['--data-dir', first.dataDir] });
  const ask = async ({ url }: { readonly url: string }) => {
    const reply = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await reply.text();
    return { status: reply.status, waitS: Number(reply.headers.get('retry-after')) };
  };
  const statuses: number[] = [];
  for (let count = 0; count < 10; count += 1) statuses.push((await ask(count % 2 === 0 ? first : second)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429, 429, 429]);
  const { waitS } = await ask(second);
  expect(waitS).toBeGreaterThan(30);
  expect(waitS).toBeLessThanOrEqual(60);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  expect((await ask(second)).status).toBe(429);
});
