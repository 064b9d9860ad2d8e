import type { Clock } from '../../src/core/ports.ts';

type Sleeper = { readonly dueMs: number; readonly wake: () => void };

/** Time that passes only when told to. Wall clock and monotonic clock can be set apart. */
export interface FakeClock extends Clock {
  /** Lets time pass, waking sleepers in the order they are due; settles promises in between. */
  advance(spanMs: number): Promise<void>;
  /** Moves the wall clock alone, as an operator or daylight saving does. */
  stepWall(spanMs: number): void;
  sleepers(): number;
}

export function createFakeClock(startMs = 1_800_000_000_000): FakeClock {
  let elapsedMs = 0;
  let wallMs = startMs;
  const sleepers = new Set<Sleeper>();

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  function passTo(targetMs: number): void {
    wallMs += targetMs - elapsedMs;
    elapsedMs = targetMs;
  }

  function wakeAfter(delayMs: number, wake: () => void): () => void {
    const sleeper: Sleeper = { dueMs: elapsedMs + delayMs, wake };
    sleepers.add(sleeper);
    return () => sleepers.delete(sleeper);
  }

  return {
    nowMs: () => wallMs,
    monotonicMs: () => elapsedMs,
    sleepers: () => sleepers.size,
    stepWall(spanMs) {
      wallMs += spanMs;
    },
    wakeAfter,
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = wakeAfter(delayMs, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async advance(spanMs) {
      await settle();
      const endMs = elapsedMs + spanMs;
      for (;;) {
        const next = [...sleepers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (!next) break;
        sleepers.delete(next);
        passTo(Math.max(elapsedMs, next.dueMs));
        next.wake();
        await settle();
      }
      passTo(endMs);
      await settle();
    },
  };
}
