/** Looked at over spans of at least so long. */
const SPAN_MS = 500;
/** From so much of its time on what we measure elsewhere is our own slowness too. */
const BUSY_SHARE = 0.75;

/**
 * Tells whether the event loop of this process has been busy most of the time until now, in milliseconds of the
 * monotonic clock. Needs no timer.
 */
export function createBusyGauge(): (nowMs: number) => boolean {
  let since = performance.eventLoopUtilization();
  let sinceMs = performance.now();
  let isBusy = false;
  return (nowMs) => {
    if (nowMs - sinceMs < SPAN_MS) return isBusy;
    const now = performance.eventLoopUtilization();
    isBusy = performance.eventLoopUtilization(now, since).utilization > BUSY_SHARE;
    since = now;
    sinceMs = nowMs;
    return isBusy;
  };
}
