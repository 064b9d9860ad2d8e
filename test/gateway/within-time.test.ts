import { expect, it, onTestFinished } from 'vitest';
import { TookTooLong, withinTime } from '../../src/gateway/within-time.ts';

/** Stands still without using the processor, as on a machine that others keep busy. */
function stand(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it('work that the machine kept from the processor is done again', () => {
  let tries = 0;
  const work = () => {
    tries += 1;
    if (tries === 1) stand(5_000);
    return 'done';
  };
  expect(withinTime(work, 100)).toBe('done');
  expect(tries).toBe(2);
});

it('work that never ends is stopped, however the machine is', () => {
  expect(() => withinTime(() => /^(a+)+$/.test(`${'a'.repeat(60)}b`), 100)).toThrow(TookTooLong);
  expect(() => withinTime(() => stand(5_000), 50)).toThrow(TookTooLong);
});

it('what the work throws is thrown on', () => {
  const error = new RangeError('its own');
  expect(() =>
    withinTime(() => {
      throw error;
    }, 100),
  ).toThrow(error);
});

it('work is done and stopped on the oldest Node too, which knows no processor time of a thread', () => {
  const own = Object.getOwnPropertyDescriptor(process, 'threadCpuUsage') ?? {};
  onTestFinished(() => void Object.defineProperty(process, 'threadCpuUsage', own));
  Object.defineProperty(process, 'threadCpuUsage', { value: undefined, configurable: true });
  expect(withinTime(() => 'done', 100)).toBe('done');
  expect(() => withinTime(() => /^(a+)+$/.test(`${'a'.repeat(60)}b`), 100)).toThrow(TookTooLong);
});
