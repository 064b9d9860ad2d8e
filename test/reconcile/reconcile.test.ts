import { describe, expect, it } from 'vitest';
import { runReconciliation } from '../support/reconcile/run.ts';

/** A short run of `npm run reconcile`; another seed by `SIGNALBOX_TEST_SEED`. */
const FIRST_SEED = Number(process.env.SIGNALBOX_TEST_SEED ?? 20_261_121);
const SIZE = { rounds: 2, processes: 3, calls: 90 };

describe('the books agree with those of the vendors', () => {
  it.each([FIRST_SEED, FIRST_SEED + 1])(
    'through faults, cancels, kills, locks and clocks that step (seed %i)',
    async (seed) => {
      const { findings, audit, outcomes, kills } = await runReconciliation({ seed, ...SIZE });
      expect(findings).toEqual([]);
      // It was about something: answers and refusals, processes that died, limits that were used.
      expect(outcomes.answered).toBeGreaterThan(20);
      expect(kills).toBeGreaterThanOrEqual(SIZE.processes);
      expect(audit.filter(({ peak }) => peak === 0)).toEqual([]);
    },
  );
});
