import { expect, it } from 'vitest';
import { runAgreement } from '../support/agreement/run.ts';

/** Other seeds by `SIGNALBOX_TEST_SEED`. */
const FIRST_SEED = Number(process.env.SIGNALBOX_TEST_SEED ?? 20_261_123);

it.each([
  ['two services', { seed: FIRST_SEED, calls: 100, isRough: false }],
  ['services that end, checks and narrow limits', { seed: FIRST_SEED + 1, calls: 100, isRough: true }],
] as const)(
  'answers, log, metrics, reports and limits say what the books do, and these what vendors saw: %s',
  async (_name, course) => {
    const { findings, outcomes } = await runAgreement(course);
    expect(findings).toEqual([]);
    // It was about something.
    expect(outcomes.answered).toBeGreaterThan(10);
    expect(Object.keys(outcomes).length).toBeGreaterThan(8);
  },
);
