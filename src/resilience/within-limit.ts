import type { Clock } from '../core/ports.ts';

export type WithinLimitOptions = { readonly clock: Clock; readonly signal: AbortSignal; readonly limitMs: number };

/**
 * Does work whose signal aborts with the given one, and after `limitMs`. Not `AbortSignal.any` with `AbortSignal.timeout`:
 * in Node 22.15 and 23 the next collection of garbage takes such a timeout along, and the work is waited for without end.
 */
export async function withinLimit<Value>(
  { clock, signal, limitMs }: WithinLimitOptions,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const ending = new AbortController();
  const end = () => ending.abort(signal.reason);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  const stop = clock.wakeAfter(limitMs, () => ending.abort());
  try {
    return await work(ending.signal);
  } finally {
    stop();
    signal.removeEventListener('abort', end);
  }
}
