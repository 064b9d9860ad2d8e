import { endProcess } from '../../mcp/end-process.ts';

export type Interrupt = 'SIGINT' | 'SIGTERM';

/** For 128 + n, the exit code of a process that a signal ended. */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** For what a second signal cuts short to be booked. */
const BOOKING_MS = 500;

export type Signals = {
  /** Ctrl+C or SIGTERM; on Windows also the end of the console window. */
  readonly first: Promise<void>;
  /** The process ends soon after it, whatever is under way; with a third one at once. */
  readonly second: Promise<void>;
};

/**
 * From now on signals do not end the process by themselves. Windows sends SIGHUP when the console window is closed,
 * and kills the process some seconds later.
 */
export function watchSignals(platform = process.platform): Signals {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const ending = [...(platform === 'win32' ? (['SIGHUP'] as const) : []), 'SIGINT', 'SIGTERM'] as const;
  for (const name of ending) {
    process.on(name, () => {
      count += 1;
      if (count === 1) return first.resolve();
      process.exitCode = 128 + SIGNAL_NUMBERS[name];
      if (count > 2) process.exit();
      setTimeout(endProcess, BOOKING_MS).unref();
      second.resolve();
    });
  }
  return { first: first.promise, second: second.promise };
}
