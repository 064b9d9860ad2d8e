import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SharedStates } from '../../../src/core/ports.ts';
import { MemoryStates } from '../../../src/http/guard/memory-states.ts';
import { SharedRate } from '../../../src/http/guard/shared-rate.ts';
import { START_MS, twoStates } from './two-states.ts';

afterEach(() => vi.useRealTimers());

async function takeAll(rates: readonly SharedRate[], times: number, max: number): Promise<number> {
  const waits = await Promise.all(Array.from({ length: times }, (_, at) => rates[at % rates.length]?.take(max)));
  return waits.filter((waitMs) => waitMs === undefined).length;
}

describe('requests in a minute', () => {
  it.each([1, 7, 100, 350, 5_000])('are %i for all processes together, never one more', async (max) => {
    const [first, second] = await twoStates();
    const rates = [new SharedRate(first, 'rate'), new SharedRate(second, 'rate')];
    const taken = await takeAll(rates, 2 * max + 20, max);
    expect(taken).toBe(max);
    expect(await rates[0]?.take(max)).toBe(60_000);

    vi.setSystemTime(START_MS + 59_999);
    expect(await takeAll(rates, 4, max)).toBe(0);
    expect(await rates[1]?.take(max)).toBe(1);
    vi.setSystemTime(START_MS + 60_000);
    expect(await takeAll(rates, 2 * max + 20, max)).toBe(max);
  });

  it.each([
    [7, 6],
    [199, 198],
    [5_000, 4_950],
  ])('of %i leave %i to others, however much of its hundredth a process uses', async (max, left) => {
    const [first, second] = await twoStates();
    expect(await new SharedRate(first, 'rate').take(max)).toBeUndefined();
    expect(await takeAll([new SharedRate(second, 'rate')], max, max)).toBe(left);
  });

  it('are as many as may be now, where that was changed', async () => {
    const [first] = await twoStates();
    const rate = new SharedRate(first, 'rate');
    expect(await takeAll([rate], 500, 300)).toBe(300);
    expect(await takeAll([rate], 500, 302)).toBe(2);
    expect(await takeAll([rate], 500, 301)).toBe(0);
    expect(await takeAll([rate], 500, 302)).toBe(0);
    expect((await Promise.all([rate.take(302), rate.take(303), rate.take(303)])).includes(undefined)).toBe(true);
  });

  it('begin anew when the clock is put back', async () => {
    const [first] = await twoStates();
    const rate = new SharedRate(first, 'rate');
    expect(await takeAll([rate], 5, 2)).toBe(2);
    vi.setSystemTime(START_MS - 3_600_000);
    expect(await takeAll([rate], 5, 2)).toBe(2);
  });

  it.each([
    ['cannot be written', async () => false],
    ['fail inside', () => Promise.reject(new Error('a defect'))],
  ])('are counted by each process alone where they %s', async (_how, update) => {
    const broken = { read: () => undefined, update };
    const rates = [new SharedRate(broken, 'rate'), new SharedRate(broken, 'rate')];
    expect(await takeAll(rates, 20, 3)).toBe(6);
  });

  it('wait once, not one after the other, while another process holds the lock, and are counted together again after it', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    const lock = Promise.withResolvers<void>();
    const locked: SharedStates = {
      read: (name) => states.read(name),
      async update(name, change) {
        await lock.promise;
        await new Promise((resolve) => setTimeout(resolve, 10));
        return states.update(name, change);
      },
    };
    const taken = vi.fn();
    const [here, there] = [new SharedRate(locked, 'rate'), new SharedRate(states, 'rate')];
    void takeAll([here], 8, 20).then(taken);
    await vi.advanceTimersByTimeAsync(300);
    expect(taken).toHaveBeenCalledWith(8);
    await vi.advanceTimersByTimeAsync(900);
    void takeAll([here], 4, 20).then(taken);
    await vi.advanceTimersByTimeAsync(5);
    expect(taken).toHaveBeenCalledWith(4);
    lock.resolve();
    await vi.advanceTimersByTimeAsync(20);
    void takeAll([here], 1, 20);
    await vi.advanceTimersByTimeAsync(100);
    expect(await takeAll([there], 5, 20)).toBe(5);
    void takeAll([here], 20, 20).then(taken);
    await vi.advanceTimersByTimeAsync(500);
    expect(taken).toHaveBeenLastCalledWith(2);
  });

  it('are waited for again a second after a write that took too long, however many came meanwhile', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    let writeMs = 400;
    const slow: SharedStates = {
      read: (name) => states.read(name),
      update: async (name, change) => {
        await new Promise((resolve) => setTimeout(resolve, writeMs));
        return states.update(name, change);
      },
    };
    expect(await takeAll([new SharedRate(states, 'rate')], 18, 20)).toBe(18);
    const rate = new SharedRate(slow, 'rate');
    const takeOne = async () => {
      const taken = takeAll([rate], 1, 20);
      await vi.advanceTimersByTimeAsync(700);
      return taken;
    };
    expect(await takeOne()).toBe(1);
    writeMs = 20;
    expect(await takeOne()).toBe(1);
    // The two were handed in, so that none is left for all together.
    expect(await takeOne()).toBe(0);
  });
});
