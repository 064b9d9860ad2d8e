import { readFileSync } from 'node:fs';

const LOOK_MS = 20;
const STALL_LOOK_MS = 5;

/**
 * Starts a clock for a stated limit; reading it stops it, and gives milliseconds. It stands while this process, or one
 * that it has started, wants a processor and the machine has none to give: who is busy beside us breaks no limit of ours,
 * and where nobody is every millisecond counts. Only Linux tells; elsewhere it is a plain clock.
 */
export function startClock(): () => number {
  const waited = new Map<number, number>();
  const waits: Span[] = [];
  const look = () => {
    const toMs = performance.now();
    // Also those whose parent has ended.
    for (const pid of new Set([...familyOf(process.pid), ...waited.keys()])) {
      const pidWaitedMs = waitedMs(pid);
      const sinceMs = pidWaitedMs - (waited.get(pid) ?? pidWaitedMs);
      if (sinceMs > 0) waits.push({ fromMs: toMs - sinceMs, toMs });
      waited.set(pid, pidWaitedMs);
    }
  };
  look();
  const looking = setInterval(look, LOOK_MS).unref();
  const startMs = performance.now();
  return () => {
    clearInterval(looking);
    look();
    return performance.now() - startMs - coveredMs(waits, startMs);
  };
}

type Span = { readonly fromMs: number; readonly toMs: number };

/** Together and from the start: several that wait at the same time stop a clock once, and do not turn it back. */
function coveredMs(spans: readonly Span[], startMs: number): number {
  let sumMs = 0;
  let reachedMs = startMs;
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    sumMs += Math.max(0, toMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, toMs);
  }
  return sumMs;
}

/** Watches how long the event loop of this process stands still; ends with the longest time, in milliseconds of that clock. */
export function watchStalls(): () => number {
  const nowMs = () => performance.now() - waitedMs(process.pid);
  let lastMs = nowMs();
  let longestMs = 0;
  const look = () => {
    const lookedMs = nowMs();
    longestMs = Math.max(longestMs, lookedMs - lastMs);
    lastMs = lookedMs;
  };
  const looking = setInterval(look, STALL_LOOK_MS);
  return () => {
    clearInterval(looking);
    look();
    return longestMs;
  };
}

/** How long its main thread was ready to run, and did not: the second figure of `schedstat` (proc(5)). */
function waitedMs(pid: number): number {
  return Number(textOf(`/proc/${pid}/schedstat`).split(' ')[1] ?? 0) / 1e6;
}

function familyOf(pid: number): readonly number[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(familyOf)];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
