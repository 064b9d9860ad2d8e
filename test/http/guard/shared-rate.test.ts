import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SharedStates } from '../../../src/core/ports.ts';
import { MemoryStates } from '../../../src/http/guard/memory-states.ts';
import { SharedRate } from '../../../src/http/guard/shared-rate.ts';
import { START_MS, twoStates } from './two-states.ts';

afterEach(() => vi.useRealTimers());

async function takeAll(rates: readonly SharedRate[], times: number): Promise<number> {
  const waits = await Promise.all(Array.from({ length: times }, (_, at) => rates[at % rates.length]?.take()));
  return waits.filter((waitMs) => waitMs === undefined).length;
}

describe('requests in a minute', () => {
  it.each([1, 7, 100, 350, 5_000])('are %i for all processes together, never one more', async (max) => {
    const [first, second] = await twoStates();
    const rates = [new SharedRate(first, 'rate', max), new SharedRate(second, 'rate', max)];
    const taken = await takeAll(rates, 2 * max + 20);
    expect(taken).toBe(max);
    expect(await rates[0]?.take()).toBe(60_000);

    vi.setSystemTime(START_MS + 59_999);
    expect(await takeAll(rates, 4)).toBe(0);
    expect(await rates[1]?.take()).toBe(1);
    vi.setSystemTime(START_MS + 60_000);
    expect(await takeAll(rates, 2 * max + 20)).toBe(max);
  });

  it.each([
    [7, 6],
    [5_000, 4_950],
  ])('of %i leave %i to others, however much of its hundredth a process uses', async (max, left) => {
    const [first, second] = await twoStates();
    expect(await new SharedRate(first, 'rate', max).take()).toBeUndefined();
    expect(await takeAll([new SharedRate(second, 'rate', max)], max)).toBe(left);
  });

  it('begin anew when the clock is put back', async () => {
    const [first] = await twoStates();
    const rate = new SharedRate(first, 'rate', 2);
    expect(await takeAll([rate], 5)).toBe(2);
    vi.setSystemTime(START_MS - 3_600_000);
    expect(await takeAll([rate], 5)).toBe(2);
  });

  it('are counted by each process alone where they cannot be written', async () => {
    const broken = { read: () => undefined, update: async () => false };
    const rates = [new SharedRate(broken, 'rate', 3), new SharedRate(broken, 'rate', 3)];
    expect(await takeAll(rates, 20)).toBe(6);
  });

  it('wait once, not one after the other, while another process holds the lock, and are counted together again after it', async () => {
    vi.useFakeTimers({ now: START_MS, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    const states = new MemoryStates();
    const lock = Promise.withResolvers<void>();
    const locked: SharedStates = {
      read: (name) => states.read(name),
      update: (name, change) => lock.promise.then(() => states.update(name, change)),
    };
    const taken = vi.fn();
    void takeAll([new SharedRate(locked, 'rate', 20)], 12).then(taken);
    await vi.advanceTimersByTimeAsync(300);
    expect(taken).toHaveBeenCalledWith(12);
    lock.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(await takeAll([new SharedRate(states, 'rate', 20)], 20)).toBe(8);
  });
});
