import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { AttemptStart } from '../../../src/core/books.ts';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { attemptStart, loud, openTestStore, recordingLogger, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CLAIM: QuotaClaim = {
  quota: 'budget daily',
  unit: 'nano_usd',
  key: '',
  limit: 10_000,
  bucketMs: 1_000_000,
  fromMs: 1_000_000,
  keptMs: 86_400_000,
  amount: 4_000,
  amountMin: 4_000,
  mode: 'hard',
};

const claiming = (...claims: readonly Partial<QuotaClaim>[]): AttemptStart =>
  attemptStart(requestStart().id, { claims: claims.map((more) => ({ ...CLAIM, ...more })) });

describe('the books reserve what attempts claim', () => {
  test('until the limit is reached, and replace it by what was used', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const [first, second, third] = [claiming({}), claiming({}), claiming({})];
    expect(await ledger.recordAttempt(first)).toEqual({ type: 'admitted', grantedNanoUsd: 4_000 });
    await ledger.recordAttempt(second);
    const refused = await ledger.recordAttempt(third);
    expect(refused).toMatchObject({ type: 'refused', refusals: [{ use: { reserved: 8_000 }, freeAtMs: 87_400_000 }] });
    await ledger.settleAttempt(first.id, settled({ costNanoUsd: nanoUsd(1_500) }));
    expect(await ledger.quotaUse([CLAIM])).toMatchObject([{ settled: 1_500, reserved: 4_000 }]);
    expect(await ledger.recordAttempt(third)).toMatchObject({ type: 'admitted' });
  });

  test('of a rolling window until enough of it has grown old, and tell when', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const claim = (bucketMs: number, amount: number) =>
      claiming({ bucketMs, fromMs: 1_000, keptMs: 60_000, amount, amountMin: amount });
    const used = [3_000, 4_000, 3_000];
    for (const [index, cost] of used.entries()) {
      const attempt = claim(1_000 * (index + 1), cost);
      await ledger.recordAttempt(attempt);
      await ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(cost) }));
    }
    const refusal = (freeAtMs: number) => ({ type: 'refused', refusals: [{ freeAtMs }] });
    expect(await ledger.recordAttempt(claim(3_000, 3_000))).toMatchObject(refusal(61_000));
    expect(await ledger.recordAttempt(claim(3_000, 3_001))).toMatchObject(refusal(62_000));
    expect(await ledger.recordAttempt(claim(3_000, 7_001))).toMatchObject(refusal(63_000));
  });

  test('all at once, whoever comes first', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => ledger.recordAttempt(claiming({}))));
    expect(verdicts.filter(({ type }) => type === 'admitted')).toHaveLength(2);
  });

  test('of several limits all or none', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const other = { quota: 'budget other', limit: 3_999 };
    expect(await ledger.recordAttempt(claiming({}, other))).toMatchObject({
      type: 'refused',
      refusals: [{ claim: { quota: 'budget other' } }],
    });
    expect(await ledger.quotaUse([CLAIM, { ...CLAIM, ...other }])).toMatchObject([{ reserved: 0 }, { reserved: 0 }]);
  });

  test('shrunk to what the tightest has left', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const tight = { quota: 'budget tight', limit: 2_500, amountMin: 2_000 };
    const attempt = claiming({ amountMin: 2_000 }, tight);
    expect(await ledger.recordAttempt(attempt)).toEqual({ type: 'admitted', grantedNanoUsd: 2_500 });
    expect(await ledger.quotaUse([CLAIM, { ...CLAIM, ...tight }])).toMatchObject([
      { reserved: 2_500 },
      { reserved: 2_500 },
    ]);
  });

  test('no more than a quarter of what is left, where less is usual', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const dear = { amount: 9_000, amountMin: 100, amountUsual: 500 };
    expect(await ledger.recordAttempt(claiming(dear))).toEqual({ type: 'admitted', grantedNanoUsd: 2_500 });
    expect(await ledger.recordAttempt(claiming({ ...dear, amountUsual: 4_000 }))).toMatchObject({
      grantedNanoUsd: 4_000,
    });
  });

  test('and give it back when nothing was sent; twice changes nothing', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const attempt = claiming({}, { quota: 'limit calm requests', unit: 'requests', amount: 1, amountMin: 1, limit: 1 });
    await ledger.recordAttempt(attempt);
    await ledger.voidAttempt(attempt.id);
    await ledger.voidAttempt(attempt.id);
    expect(await ledger.quotaUse([CLAIM])).toMatchObject([{ settled: 0, reserved: 0 }]);
    expect(
      await ledger.recordAttempt(claiming({ quota: 'limit calm requests', unit: 'requests', amount: 1, limit: 1 })),
    ).toMatchObject({ type: 'refused' });
  });

  test('and count a settled attempt once, however often it is told', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const attempt = claiming({});
    await ledger.recordAttempt(attempt);
    const outcome = settled({ costNanoUsd: nanoUsd(700) });
    await Promise.all([1, 2, 3].map(() => ledger.settleAttempt(attempt.id, outcome)));
    await ledger.voidAttempt(attempt.id);
    expect(await ledger.quotaUse([CLAIM])).toMatchObject([{ settled: 700, reserved: 0 }]);
  });
});

describe('what an attempt may have used unseen', () => {
  const cut = settled({ status: 'cancelled', costNanoUsd: nanoUsd(700), unseenNanoUsd: nanoUsd(2_000) });

  test('stays held beside what was booked, until a correction tells what it cost', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const attempt = claiming({});
    await ledger.recordAttempt(attempt);
    await ledger.settleAttempt(attempt.id, cut);
    await ledger.settleAttempt(attempt.id, cut);
    expect(await ledger.quotaUse([CLAIM])).toMatchObject([{ settled: 700, reserved: 0, unknown: 2_000 }]);
    const correction = { id: 'c', of: { attemptId: attempt.id }, inputTokens: 0, outputTokens: 40, reason: 'invoice' };
    await ledger.recordCorrections([{ ...correction, costNanoUsd: signedNanoUsd(300) }]);
    expect(await ledger.quotaUse([CLAIM])).toMatchObject([{ settled: 1_000, reserved: 0, unknown: 0 }]);
  });

  test('is never more than was reserved', async () => {
    const { ledger } = await openTestStore(temporaryFolder());
    const [small, dear] = [claiming({}), claiming({ quota: 'budget other' })];
    await ledger.recordAttempt(small);
    await ledger.settleAttempt(small.id, { ...cut, unseenNanoUsd: nanoUsd(9_000_000) });
    await ledger.recordAttempt(dear);
    await ledger.settleAttempt(dear.id, { ...cut, costNanoUsd: nanoUsd(5_000) });
    expect(await ledger.quotaUse([CLAIM, { ...CLAIM, quota: 'budget other' }])).toMatchObject([
      { settled: 700, unknown: 3_300 },
      { settled: 5_000, unknown: 0 },
    ]);
  });

  test('is added up alike', async () => {
    const dataDir = temporaryFolder();
    const logger = recordingLogger();
    const first = await openTestStore(dataDir, { logger });
    const attempt = claiming({});
    const claims = recent(attempt);
    await first.ledger.recordAttempt({ ...attempt, claims });
    await first.ledger.settleAttempt(attempt.id, cut);
    await first.close();
    const second = await openTestStore(dataDir, { logger });
    expect(await second.countersMended()).toBe(0);
    expect(await second.ledger.quotaUse(claims)).toMatchObject([{ settled: 700, unknown: 2_000 }]);
    expect(loud(logger)).toEqual([]);
  });
});

describe('what an attempt of a dead process had reserved', () => {
  test('stays held as unknown, and gives way to the truth when that comes late', async () => {
    let nowMs = 2_000_000;
    const clock = { ...SYSTEM_CLOCK, nowMs: () => nowMs };
    const { ledger } = await openTestStore(temporaryFolder(), { clock });
    const slots = {
      quota: 'limit slots concurrency',
      unit: 'concurrency',
      amount: 1,
      amountMin: 1,
      limit: 1,
      bucketMs: 0,
      fromMs: 0,
    } as const;
    const attempt = { ...claiming({}, slots), startedAtMs: nowMs, expiresAtMs: nowMs + 60_000 };
    await ledger.recordAttempt(attempt);
    nowMs += 60_001;
    const [request] = await ledger.recentRequests({ limit: 1 });
    expect(request).toBeUndefined();
    expect(await ledger.quotaUse([CLAIM, { ...CLAIM, ...slots }])).toMatchObject([
      { settled: 0, reserved: 0, unknown: 4_000 },
      { settled: 0, reserved: 0, unknown: 0 },
    ]);
    await ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(900) }));
    expect(await ledger.quotaUse([CLAIM])).toMatchObject([{ settled: 900, reserved: 0, unknown: 0 }]);
  });
});

describe('a counter that was tampered with', () => {
  test.each([
    ['settled', 5_000],
    ['reserved', -1_234],
    ['unknown', 77],
    ['unpriced', 3],
  ])('in %s is added up anew at the next start, mended and told of', async (column, difference) => {
    const dataDir = temporaryFolder();
    const first = await openTestStore(dataDir);
    const [done, open, unpriced] = [
      claiming({}),
      claiming({ amount: 2_000, amountMin: 2_000 }),
      claiming({ amount: 0, amountMin: 0 }),
    ];
    for (const attempt of [done, open, unpriced]) {
      await first.ledger.recordAttempt({ ...attempt, claims: recent(attempt) });
    }
    await first.ledger.settleAttempt(done.id, settled({ costNanoUsd: nanoUsd(1_500) }));
    const { costNanoUsd: _cost, ...priceless } = settled();
    await first.ledger.settleAttempt(unpriced.id, priceless);
    await first.close();
    const database = new Database(join(dataDir, 'ledger.db'));
    database.exec(`UPDATE quota_counters SET ${column} = ${column} + ${difference}`);
    database.close();

    const logger = recordingLogger();
    const second = await openTestStore(dataDir, { logger });
    const expected = { settled: 1_500, reserved: 2_000, unknown: 0, unpriced: 1 };
    const place = recent(done);
    await expect.poll(() => second.ledger.quotaUse(place)).toMatchObject([expected]);
    await expect.poll(() => loud(logger)).toEqual(['a counter of a limit was wrong; mended']);
  });

  test('is left alone when it is right, while others write', async () => {
    const dataDir = temporaryFolder();
    const logger = recordingLogger();
    const first = await openTestStore(dataDir, { logger });
    const attempts = Array.from({ length: 300 }, () => claiming({ limit: 10_000_000 }));
    const writing = Promise.all(
      attempts.map(async (attempt) => {
        await first.ledger.recordAttempt({ ...attempt, claims: recent(attempt) });
        await first.ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(10) }));
      }),
    );
    for (let round = 0; round < 3; round += 1) await openTestStore(dataDir, { logger });
    await writing;
    expect(loud(logger)).toEqual([]);
    expect(await first.ledger.quotaUse(recent(claiming({})))).toMatchObject([{ settled: 3_000, reserved: 0 }]);
  });
});

describe('what rate limits counted', () => {
  const HOUR_MS = 3_600_000;
  const minutes = { quota: 'limit calm requests', unit: 'requests', amount: 1, amountMin: 1, keptMs: 60_000 } as const;
  const at = (bucketMs: number) => ({ bucketMs, fromMs: bucketMs });

  test('in windows long over is forgotten with its entries; budgets, what is under way and what still counts stay', async () => {
    const dataDir = temporaryFolder();
    const logger = recordingLogger();
    const nowMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const [longAgo, justNow] = [at(nowMs - 9 * HOUR_MS), at(nowMs)];
    const first = await openTestStore(dataDir, { logger });
    const over = Array.from({ length: 1_200 }, (_, index) =>
      claiming({ ...minutes, ...longAgo, key: `tenant ${index % 700}` }, { ...at(nowMs - 99 * HOUR_MS), limit: 1e9 }),
    );
    const fresh = claiming({ ...minutes, ...justNow });
    const stuck = claiming({ ...minutes, ...longAgo, key: 'slow' });
    await Promise.all([...over, fresh, stuck].map((attempt) => first.ledger.recordAttempt(attempt)));
    await Promise.all([...over, fresh].map(({ id }) => first.ledger.settleAttempt(id, settled())));
    await first.close();

    const second = await openTestStore(dataDir, { logger });
    const database = new Database(join(dataDir, 'ledger.db'), { readonly: true });
    const keys = database.prepare("SELECT DISTINCT key FROM quota_counters WHERE quota LIKE 'limit %' ORDER BY key");
    await expect.poll(() => keys.pluck().all()).toEqual(['', 'slow']);
    const entries = database.prepare("SELECT quota LIKE 'budget %', count(*) FROM quota_entries GROUP BY 1 ORDER BY 1");
    expect(entries.raw().all()).toEqual([
      [0, 2],
      [1, over.length],
    ]);
    expect(await second.ledger.quotaUse([{ ...CLAIM, ...at(nowMs - 99 * HOUR_MS) }])).toMatchObject([{ reserved: 0 }]);
    expect(await second.ledger.quotaUse([{ ...CLAIM, ...minutes, ...justNow }])).toMatchObject([{ settled: 1 }]);
    // Its end is still counted, and changes nothing that is gone.
    await second.ledger.settleAttempt(stuck.id, settled());
    database.close();
    expect(loud(logger)).toEqual([]);
  });

  test('only while an attempt is under way leaves nothing behind', async () => {
    const dataDir = temporaryFolder();
    const { ledger } = await openTestStore(dataDir);
    const busy = { quota: 'limit calm concurrency', unit: 'concurrency', ...at(0), keptMs: 0 } as const;
    const attempts = Array.from({ length: 3 }, () => claiming({ ...busy, amount: 1, amountMin: 1 }));
    for (const attempt of attempts) await ledger.recordAttempt(attempt);
    for (const { id } of attempts.slice(1)) await ledger.settleAttempt(id, settled());
    const database = new Database(join(dataDir, 'ledger.db'), { readonly: true });
    expect(database.prepare('SELECT attempt_id FROM quota_entries').pluck().all()).toEqual([attempts[0]?.id]);
    expect(await ledger.quotaUse([{ ...CLAIM, ...busy }])).toMatchObject([{ reserved: 1, settled: 0 }]);
    database.close();
  });
});

/** Counted today: what is long over is not checked. */
function recent({ claims = [] }: AttemptStart): readonly QuotaClaim[] {
  const todayMs = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  return claims.map((claim) => ({ ...claim, bucketMs: todayMs, fromMs: todayMs }));
}
