import { vi } from 'vitest';
import { startClock } from './given-time.ts';

/** Looks again until the assertion holds, and gives what it does; the configuration has the limit of `expect.poll`. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 60_000, interval: 5 });
}

/** Waits until it is so, or for so long, and tells for how many milliseconds it did, by `startClock`. What never comes the test's own time ends. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  waitMsMax = Number.POSITIVE_INFINITY,
): Promise<number> {
  const startMs = performance.now();
  const elapsedMs = startClock();
  while (!(await isSo()) && performance.now() - startMs < waitMsMax) await new Promise((wake) => setTimeout(wake, 2));
  return elapsedMs();
}
