import { readFileSync } from 'node:fs';

const LOOK_MS = 20;
const STALL_LOOK_MS = 5;

/**
 * Starts a clock for a stated limit; reading it stops it, and gives milliseconds. It stands while this process, or one
 * that it has started, wants a processor and the machine has none to give: who is busy beside us breaks no limit of ours,
 * and where nobody is every millisecond counts. Only Linux tells; elsewhere it is a plain clock.
 */
export function startClock(): () => number {
  const before = new Map<number, number>();
  const latest = new Map<number, number>();
  // Again and again: a process that has ended does not tell any more.
  const look = () => {
    for (const pid of [...familyOf(process.pid), ...before.keys()]) {
      const waited = waitedMs(pid);
      if (!before.has(pid)) before.set(pid, waited);
      latest.set(pid, Math.max(waited, latest.get(pid) ?? 0));
    }
  };
  look();
  const looking = setInterval(look, LOOK_MS).unref();
  const startMs = performance.now();
  return () => {
    clearInterval(looking);
    look();
    const sumOf = (figures: Map<number, number>) => [...figures.values()].reduce((sum, ms) => sum + ms, 0);
    return performance.now() - startMs - (sumOf(latest) - sumOf(before));
  };
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
