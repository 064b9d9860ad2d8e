import { createContext, Script } from 'node:vm';

/** Thrown when the work was stopped. */
export class TookTooLong extends Error {}

/** A machine that has other things to do may let us stand as often as this. */
const TRIES_MAX = 4;
/** Who had the processor for less of the time was kept waiting by the machine, and not by the work. */
const BUSY_SHARE_MIN = 0.7;

const TIMEOUT_CODE = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

const room = createContext({ work: (): unknown => undefined });
const script = new Script('work()');

/**
 * Does work that may take years, such as a pattern of a caller that backtracks: only V8 itself can stop a regular
 * expression. The event loop stands still meanwhile. V8 goes by the clock on the wall, so work that did not have the
 * processor is done again, from its beginning. Throws `TookTooLong`, and what the work throws.
 */
export function withinTime<Result>(work: () => Result, workMsMax: number): Result {
  room.work = work;
  try {
    for (let tries = 1; ; tries += 1) {
      const before = cpuUsage();
      try {
        return script.runInContext(room, { timeout: workMsMax }) as Result;
      } catch (cause) {
        if (!isTimeout(cause)) throw cause;
        const { user, system } = cpuUsage(before);
        const wasBusy = (user + system) / 1_000 >= workMsMax * BUSY_SHARE_MIN;
        if (wasBusy || tries === TRIES_MAX) throw new TookTooLong('the work was stopped', { cause });
      }
    }
  } finally {
    room.work = undefined;
  }
}

/** It may be an error of the room, whose `Error` is another one. */
function isTimeout(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === TIMEOUT_CODE;
}

/** Of this thread; Node before 22.19 tells only that of the whole process. */
function cpuUsage(before?: NodeJS.CpuUsage): NodeJS.CpuUsage {
  return process.threadCpuUsage ? process.threadCpuUsage(before) : process.cpuUsage(before);
}
