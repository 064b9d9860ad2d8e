import type { LoadedConfig } from '../config/load-config.ts';
import { openFoundation } from './foundation.ts';
import type { Learner } from './learner.ts';

export type { Label, LearnerStatus } from './learner.ts';

/** The learner of a data folder alone, without an engine: for the shell. `close` writes and closes. */
export async function openLearner(
  config: LoadedConfig,
): Promise<{ readonly learner: Learner; readonly close: () => Promise<void> }> {
  const { learner, store } = await openFoundation(config, { levelDefault: 'warn' });
  return {
    learner,
    close: async () => {
      await learner.flush();
      await store.close();
    },
  };
}
