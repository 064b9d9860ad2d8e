export type Interrupt = 'SIGINT' | 'SIGTERM';

/** For 128 + n, the exit code of a process that a signal ended. */
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/** Resolves at the first Ctrl+C or SIGTERM; a second one ends the process at once, whatever is under way. */
export async function untilSignal(): Promise<Interrupt> {
  const { promise, resolve } = Promise.withResolvers<Interrupt>();
  let count = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      count += 1;
      if (count === 1) resolve(name);
      else process.exit(128 + SIGNAL_NUMBERS[name]);
    });
  }
  return promise;
}
