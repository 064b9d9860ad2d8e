// Not the global of that name: each use of it asks a getter.
import { performance } from 'node:perf_hooks';
import type { Clock, Random } from '../core/ports.ts';

/** Beyond this `setTimeout` fires at once (Node: 2^31 - 1 ms). */
const TIMER_MAX_MS = 2_147_483_647;

/** The machine's own time. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep,
  wakeAfter(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(delayMs, TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
};

/** The same, with a `wakeAfter` that keeps no process alive: for what is done beside all calls. */
export const BACKGROUND_CLOCK: Clock = {
  ...SYSTEM_CLOCK,
  wakeAfter(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(delayMs, TIMER_MAX_MS)).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * By hand, since Node's own makes an error with a stack whenever it is woken, and wakes up to a
 * millisecond early (its timers count whole ones): whoever slept out a rest would find it not over.
 */
function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const endsAtMs = performance.now() + delayMs;
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const onTimer = () => {
      const leftMs = endsAtMs - performance.now();
      if (leftMs > 0) {
        timer = waitFor(leftMs);
        return;
      }
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    const waitFor = (leftMs: number) => setTimeout(onTimer, Math.min(Math.ceil(leftMs), TIMER_MAX_MS));
    let timer = waitFor(delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export const SYSTEM_RANDOM: Random = { next: () => Math.random() };
