import { describe, expect, test } from 'vitest';
import type { AttemptStart } from '../../../src/core/books.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { attemptStart, openTestStore, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const HOUR_MS = 3_600_000;
const CLAIM: QuotaClaim = {
  quota: 'budget daily',
  unit: 'nano_usd',
  key: '',
  limit: 10_000,
  bucketMs: 0,
  fromMs: 0,
  keptMs: 24 * HOUR_MS,
  amount: 4_000,
  amountMin: 4_000,
  mode: 'hard',
};

const claiming = (more: Partial<QuotaClaim>): AttemptStart =>
  attemptStart(requestStart().id, { claims: [{ ...CLAIM, ...more }] });

describe('a limit whose calendar window became longer', () => {
  test('goes on with all that began in it, and not with what lies ahead', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const month = { bucketMs: 0, fromMs: 0, keptMs: 30 * 24 * HOUR_MS };
    for (const day of [0, 3, 29, 30]) {
      const startMs = day * 24 * HOUR_MS;
      const attempt = claiming({ bucketMs: startMs, fromMs: startMs, amount: 3_000, amountMin: 3_000 });
      await ledger.recordAttempt(attempt);
      await ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(3_000) }));
    }
    expect(await ledger.recordAttempt(claiming({ ...month, amountMin: 1_001 }))).toMatchObject({
      type: 'refused',
      refusals: [{ use: { settled: 9_000 }, freeAtMs: month.keptMs }],
    });
    expect(await ledger.recordAttempt(claiming({ ...month, amountMin: 1_000 }))).toMatchObject({
      type: 'admitted',
      grantedNanoUsd: 1_000,
    });
  });

  test('is kept as long as the longer one lasts, with what was counted in the same part before', async () => {
    const dataDir = temporaryFolder();
    const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;
    const part = { unit: 'requests', amount: 1, amountMin: 1, bucketMs: startMs, fromMs: startMs } as const;
    const hour = { ...part, quota: 'limit calm requests', keptMs: HOUR_MS };
    const day = { ...hour, keptMs: 24 * HOUR_MS };
    const over = { ...hour, quota: 'limit other requests' };
    const first = await openTestStore(dataDir);
    for (const claim of [hour, day, over]) {
      const attempt = claiming(claim);
      await first.ledger.recordAttempt(attempt);
      await first.ledger.settleAttempt(attempt.id, settled());
    }
    await first.close();
    const second = await openTestStore(dataDir);
    // One commit forgets all that is over.
    const use = (claim: Partial<QuotaClaim>) => second.ledger.quotaUse([{ ...CLAIM, ...claim }]);
    await expect.poll(() => use(over)).toMatchObject([{ settled: 0 }]);
    expect(await use(day)).toMatchObject([{ settled: 2 }]);
  });
});
