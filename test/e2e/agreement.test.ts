import { expect, it } from 'vitest';
import { runAgreement } from '../support/agreement/run.ts';

/** Other seeds by `SIGNALBOX_TEST_SEED`. */
const FIRST_SEED = Number(process.env.SIGNALBOX_TEST_SEED ?? 20_261_123);

it.each([FIRST_SEED, FIRST_SEED + 1])(
  'answers, log, metrics, reports and limits of two services say what the books do, and these what vendors saw (seed %i)',
  async (seed) => {
    const { findings, outcomes } = await runAgreement(seed, 100);
    expect(findings).toEqual([]);
    // It was about something.
    expect(outcomes.answered).toBeGreaterThan(25);
    expect(outcomes.cancelled).toBeGreaterThan(2);
  },
);
