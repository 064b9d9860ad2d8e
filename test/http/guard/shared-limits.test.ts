import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SharedStates } from '../../../src/core/ports.ts';
import { MemoryStates } from '../../../src/http/guard/memory-states.ts';
import { SharedSlots } from '../../../src/http/guard/shared-slots.ts';
import { call } from '../../support/raw-http.ts';
import { startInProcess, startServe } from '../../support/serve.ts';
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
    const slots = [new SharedSlots(first, 'slots', 5), new SharedSlots(second, 'slots', 5)];
    const entered = await Promise.all(Array.from({ length: 40 }, (_, at) => slots[at % 2]?.enter()));
    expect(entered.filter((isIn) => isIn)).toHaveLength(5);
    const holder = entered.indexOf(true) % 2;
    expect(await slots[1 - holder]?.enter()).toBe(false);
    slots[holder]?.leave();
    await eventually(async () => expect(await slots[1 - holder]?.enter()).toBe(true));
    expect(await slots[holder]?.enter()).toBe(false);
  });

  it('that a killed process had are free again after its lease, and not before', async () => {
    const [first, second] = await twoStates();
    const killed = new SharedSlots(first, 'slots', 2);
    expect([await killed.enter(), await killed.enter()]).toEqual([true, true]);
    const living = new SharedSlots(second, 'slots', 2);
    vi.setSystemTime(START_MS + 14_999);
    expect(await living.enter()).toBe(false);
    vi.setSystemTime(START_MS + 15_001);
    expect([await living.enter(), await living.enter(), await living.enter()]).toEqual([true, true, false]);
  });

  it('that a killed process had keep nobody out when the clock is put back', async () => {
    const [first, second] = await twoStates();
    expect(await new SharedSlots(first, 'slots', 1).enter()).toBe(true);
    vi.setSystemTime(START_MS - 3_600_000);
    expect(await new SharedSlots(second, 'slots', 1).enter()).toBe(true);
  });

  it('keep their lease while requests come and go without a pause', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    const busy = new SharedSlots(states, 'slots', 2);
    expect([await busy.enter(), await busy.enter()]).toEqual([true, true]);
    for (let passedMs = 0; passedMs < 20_000; passedMs += 10) {
      busy.leave();
      await vi.advanceTimersByTimeAsync(10);
      expect(await busy.enter()).toBe(true);
    }
    expect(await new SharedSlots(states, 'slots', 2).enter()).toBe(false);
  });

  it('keep their lease however long a request runs, are free 20 ms after its end, and nothing is written then', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    const update = vi.spyOn(states, 'update');
    const [long, other] = [new SharedSlots(states, 'slots', 1), new SharedSlots(states, 'slots', 1)];
    expect(await long.enter()).toBe(true);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(update).toHaveBeenCalledTimes(1);
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await other.enter()).toBe(false);
    }
    long.leave();
    await vi.advanceTimersByTimeAsync(20);
    expect(await other.enter()).toBe(true);
    other.leave();
    await vi.advanceTimersByTimeAsync(20);
    update.mockClear();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(update).not.toHaveBeenCalled();
  });

  it('are not used by who is just giving them back', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const { states, slow } = slowStates();
    const giving = new SharedSlots(slow, 'slots', 1);
    const first = giving.enter();
    await vi.advanceTimersByTimeAsync(10);
    expect(await first).toBe(true);
    giving.leave();
    await vi.advanceTimersByTimeAsync(20);
    const back = giving.enter();
    expect(await new SharedSlots(states, 'slots', 1).enter()).toBe(true);
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
    const [here, there] = [new SharedSlots(broken, 'slots', 2), new SharedSlots(broken, 'slots', 2)];
    const both = () => Promise.all([here.enter(), here.enter(), here.enter(), there.enter()]);
    expect(await both()).toEqual([true, true, false, true]);
    const update = vi.spyOn(broken, 'update');
    await vi.advanceTimersByTimeAsync(10_000);
    // Each once a second.
    expect(update).toHaveBeenCalledTimes(20);
    isBroken = false;
    await vi.advanceTimersByTimeAsync(1_000);
    there.leave();
    await vi.advanceTimersByTimeAsync(20);
    expect(await there.enter()).toBe(false);
    here.leave();
    await vi.advanceTimersByTimeAsync(20);
    expect(await there.enter()).toBe(true);
  });

  it('are taken and given back while another is being written', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const { states, slow } = slowStates();
    const busy = new SharedSlots(slow, 'slots', 3);
    const entered = [busy.enter(), busy.enter()];
    await vi.advanceTimersByTimeAsync(100);
    expect(await Promise.all(entered)).toEqual([true, true]);
    const third = busy.enter();
    busy.leave();
    await vi.advanceTimersByTimeAsync(100);
    expect(await third).toBe(true);
    const other = new SharedSlots(states, 'slots', 3);
    expect([await other.enter(), await other.enter()]).toEqual([true, false]);
  });

  it('are not written again for each that follows another at once', async () => {
    const states = new MemoryStates();
    const update = vi.spyOn(states, 'update');
    const slots = new SharedSlots(states, 'slots', 1);
    for (let count = 0; count < 5; count += 1) {
      expect(await slots.enter()).toBe(true);
      slots.leave();
    }
    expect(update).toHaveBeenCalledTimes(1);
    await slots.close();
  });

  it('are given back by a process that ends while it renews its lease', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const { states, slow } = slowStates();
    const ending = new SharedSlots(slow, 'slots', 1);
    const entered = ending.enter();
    await vi.advanceTimersByTimeAsync(10);
    expect(await entered).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    ending.leave();
    const closed = ending.close();
    await vi.advanceTimersByTimeAsync(100);
    await closed;
    expect(states.read('slots')).toEqual({});
  });

  it('are given back at once by a process that ends', async () => {
    const [first, second] = await twoStates();
    const ending = new SharedSlots(first, 'slots', 1);
    expect(await ending.enter()).toBe(true);
    ending.leave();
    await ending.close();
    expect(await new SharedSlots(second, 'slots', 1).enter()).toBe(true);
  });

  it('are given back by a service that ends', async () => {
    const tokens = [{ value: TOKEN, concurrency: 1, caller: { tenant: 'limited' } }];
    const { url, http, app } = await startInProcess({ upstreams: [], settings: { tokens } });
    const headers = { authorization: `Bearer ${TOKEN}`, connection: 'close' };
    expect((await call(url, { path: '/v1/models', headers })).status).toBe(200);
    expect(app.states.read('token-slots/limited')).not.toEqual({});
    await http.close(0);
    expect(app.states.read('token-slots/limited')).toEqual({});
  });

  it('stand under a thousand comings and goings in two processes', async () => {
    const [first, second] = await twoStates();
    const slots = [new SharedSlots(first, 'slots', 4), new SharedSlots(second, 'slots', 4)] as const;
    let running = 0;
    let most = 0;
    const work = async (own: SharedSlots) => {
      for (let count = 0; count < 50; count += 1) {
        if (!(await own.enter())) continue;
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
