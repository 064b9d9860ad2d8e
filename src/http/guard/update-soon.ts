import type { SharedStates } from '../../core/ports.ts';

/** Nobody waits longer to be let in because another process holds the data folder's lock. */
export const PATIENCE_MS = 250;

/** Like the update itself; false also when it takes too long. It may still come about then. */
export async function updateSoon(
  states: SharedStates,
  name: string,
  change: Parameters<SharedStates['update']>[1],
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), patienceMs);
  states.update(name, change).then(resolve, () => resolve(false));
  const isWritten = await promise;
  clearTimeout(timer);
  return isWritten;
}
