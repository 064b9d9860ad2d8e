import { expect, it } from 'vitest';
import type { AttemptOutcome } from '../../../src/core/books.ts';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { compareCounters } from '../../support/reconcile/compare-counters.ts';
import { attemptStart, openTestStore, recordingLogger, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY: QuotaClaim = {
  quota: 'budget all',
  unit: 'nano_usd',
  key: '',
  limit: 1_000_000,
  bucketMs: 1_799_971_200_000,
  fromMs: 1_799_971_200_000,
  keptMs: 86_400_000,
  amount: 5_000,
  amountMin: 5_000,
  mode: 'hard',
};
const CLAIMS: readonly QuotaClaim[] = [
  DAY,
  { ...DAY, quota: 'limit all requests', unit: 'requests', amount: 1, amountMin: 1 },
  { ...DAY, quota: 'limit all input_tokens', unit: 'input_tokens', amount: 700, amountMin: 700 },
];

const UNPRICED: AttemptOutcome = { status: 'settled', usage: settled().usage, latencyMs: 1 };
const TIMED_OUT = settled({ status: 'unknown', usage: { ...NO_USAGE, inputTokens: 9, source: 'estimated' } });

it.each<[string, AttemptOutcome | undefined, { settled: number; unknown: number; unpriced: number }]>([
  ['was settled', settled({ costNanoUsd: nanoUsd(1_000) }), { settled: 1_600, unknown: 0, unpriced: 0 }],
  ['had no price', UNPRICED, { settled: 600, unknown: 0, unpriced: 0 }],
  ['timed out', TIMED_OUT, { settled: 1_600, unknown: 0, unpriced: 0 }],
  ['belonged to a process that died', undefined, { settled: 600, unknown: 0, unpriced: 0 }],
])(
  'a correction of an attempt that %s counts in its limits, also when they are added up anew',
  async (_name, end, expected) => {
    const folder = temporaryFolder();
    const clock = createFakeClock();
    const store = await openTestStore(folder, { clock });
    const start = { startedAtMs: clock.nowMs(), expiresAtMs: clock.nowMs() + 1_000 };
    const attempt = attemptStart(requestStart().id, { ...start, claims: CLAIMS });
    await store.ledger.recordAttempt(attempt);
    if (end) await store.ledger.settleAttempt(attempt.id, end);
    clock.stepWall(2_000);
    await store.ledger.costs({ fromMs: 0, toMs: 1 });
    await store.ledger.recordCorrections([
      {
        id: 'one',
        of: { attemptId: attempt.id },
        costNanoUsd: signedNanoUsd(600),
        inputTokens: 4,
        outputTokens: 0,
        reason: 'test',
      },
    ]);
    const [use] = await store.ledger.quotaUse([DAY]);
    expect(use).toMatchObject({ ...expected, reserved: 0 });
    expect(compareCounters(folder, { drained: true })).toEqual([]);
    await store.close();

    // At the start counters are compared with their rows: what was corrected is no fault.
    const logger = recordingLogger();
    const again = await openTestStore(folder, { clock, logger });
    await again.ledger.costs({ fromMs: 0, toMs: 1 });
    await again.close();
    expect(logger.lines.map(({ message }) => message).filter((message) => message.includes('counter'))).toEqual([]);
    expect(compareCounters(folder, { drained: true })).toEqual([]);
  },
);

it('an end that comes after the correction holds nothing for what nobody saw: the account told what it cost', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const { ledger } = await openTestStore(folder, { clock });
  const start = { startedAtMs: clock.nowMs(), expiresAtMs: clock.nowMs() + 1_000 };
  const attempt = attemptStart(requestStart().id, { ...start, claims: [DAY] });
  await ledger.recordAttempt(attempt);
  clock.stepWall(62_000);
  await ledger.costs({ fromMs: 0, toMs: 1 });
  const figures = { costNanoUsd: signedNanoUsd(600), inputTokens: 0, outputTokens: 0 };
  await ledger.recordCorrections([{ id: 'one', of: { attemptId: attempt.id }, ...figures, reason: 'test' }]);
  const late = settled({ status: 'truncated', costNanoUsd: nanoUsd(700), unseenNanoUsd: nanoUsd(2_000) });
  await ledger.settleAttempt(attempt.id, late);
  expect(await ledger.quotaUse([DAY])).toMatchObject([{ settled: 1_300, reserved: 0, unknown: 0 }]);
  expect(compareCounters(folder, { drained: true })).toEqual([]);
});
