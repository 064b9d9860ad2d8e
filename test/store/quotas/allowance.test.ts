import { expect, it } from 'vitest';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { attemptStart, openTestStore, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CLAIM: QuotaClaim = {
  quota: 'budget daily',
  unit: 'nano_usd',
  key: '',
  limit: 1_000,
  bucketMs: 0,
  fromMs: 0,
  keptMs: 86_400_000,
  amount: 0,
  amountMin: 0,
  mode: 'hard',
};

/** Books of a rolling window of a minute. */
async function openRolling() {
  const { ledger } = await openTestStore(temporaryFolder());
  const at = (bucketMs: number, amount: number, more: Partial<QuotaClaim> = {}): QuotaClaim => {
    return { ...CLAIM, bucketMs, fromMs: 0, keptMs: 60_000, amount, amountMin: amount, ...more };
  };
  const spend = async (claim: QuotaClaim, cost = claim.amount) => {
    const attempt = attemptStart(requestStart().id, { claims: [claim] });
    const admission = await ledger.recordAttempt(attempt);
    if (admission.type === 'admitted') await ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(cost) }));
    return admission;
  };
  return { ledger, at, spend };
}

it('what a person allowed is no part of what a rolling window has used, and grows old with what it was spent on', async () => {
  const { ledger, at, spend } = await openRolling();
  await spend(at(1_000, 600));
  await spend(at(2_000, 700, { allowed: 700 }));
  expect(await ledger.quotaUse([at(2_000, 0)])).toMatchObject([{ settled: 1_300, extended: 300 }]);
  // Without the first part 400 are used, and 300 were added.
  const afterwards = { fromMs: 2_000 };
  expect(await spend(at(3_000, 600, afterwards))).toMatchObject({ type: 'admitted' });
  const refusal = (freeAtMs: number) => ({ type: 'refused', refusals: [{ freeAtMs }] });
  expect(await spend(at(3_000, 400, afterwards))).toMatchObject(refusal(62_000));
  expect(await spend(at(3_000, 401, afterwards))).toMatchObject(refusal(63_000));
});

it('what is allowed twice in one part of a window adds only what was missing each time', async () => {
  const { ledger, at, spend } = await openRolling();
  await spend(at(1_000, 900));
  await spend(at(2_000, 400, { allowed: 400 }));
  await spend(at(2_000, 200, { allowed: 200 }));
  expect(await ledger.quotaUse([at(2_000, 0)])).toMatchObject([{ settled: 1_500, extended: 500 }]);
});

it('what a limit has left is there also for whom a person allowed less', async () => {
  const { at, spend } = await openRolling();
  expect(await spend(at(1_000, 800, { allowed: 0 }))).toMatchObject({ type: 'admitted', grantedNanoUsd: 800 });
});

it.each([
  ['less than was allowed was billed', 1_100, { settled: 1_100, extended: 100 }],
  ['the limit has room for it after all', 900, { settled: 900, extended: 0 }],
  ['more was billed', 1_700, { settled: 1_700, extended: 200 }],
])('what a person allowed to an attempt is there for nobody after it, where %s', async (_where, cost, after) => {
  const { ledger, at, spend } = await openRolling();
  const claim = at(1_000, 1_200, { allowed: 1_200 });
  await spend(claim, cost);
  expect(await ledger.quotaUse([claim])).toMatchObject([after]);
});

it('what a person allowed to an attempt that was never sent is taken back with it', async () => {
  const { ledger, at } = await openRolling();
  const claim = at(1_000, 1_200, { allowed: 1_200 });
  const { id, ...attempt } = attemptStart(requestStart().id, { claims: [claim] });
  await ledger.recordAttempt({ ...attempt, id });
  expect(await ledger.quotaUse([claim])).toMatchObject([{ reserved: 1_200, extended: 200 }]);
  await ledger.voidAttempt(id);
  expect(await ledger.quotaUse([claim])).toMatchObject([{ reserved: 0, extended: 0 }]);
});

it('what a person allowed to an attempt of unknown cost is held for it until that is known', async () => {
  const { ledger, at } = await openRolling();
  const claim = at(1_000, 1_200, { allowed: 1_200 });
  const { id, ...attempt } = attemptStart(requestStart().id, { claims: [claim] });
  await ledger.recordAttempt({ ...attempt, id });
  await ledger.settleAttempt(id, settled({ costNanoUsd: undefined }));
  expect(await ledger.quotaUse([claim])).toMatchObject([{ unknown: 1_200, extended: 200 }]);
  const told = { costNanoUsd: signedNanoUsd(1_050), inputTokens: 0, outputTokens: 0, reason: 'test' };
  await ledger.recordCorrections([{ id: 'one', of: { attemptId: id }, ...told }]);
  expect(await ledger.quotaUse([claim])).toMatchObject([{ settled: 1_050, unknown: 0, extended: 50 }]);
});

it('what has no known price waits until what was billed beyond the limit has grown old, and no longer', async () => {
  const { at, spend } = await openRolling();
  await spend(at(1_000, 200));
  await spend(at(2_000, 200), 1_000);
  expect(await spend(at(3_000, 0))).toMatchObject({ type: 'refused', refusals: [{ freeAtMs: 61_000 }] });
  expect(await spend(at(3_000, 0, { fromMs: 2_000 }))).toMatchObject({ type: 'admitted' });
});

it.each<[string, Partial<QuotaClaim>]>([
  ['what is more than all of it', { amountMin: 1_001 }],
  ['a place among those who run', { unit: 'concurrency', limit: 1, bucketMs: 0, keptMs: 0 }],
])('no time is told for %s: the clock alone never makes room for it', async (_what, more) => {
  const { ledger, at, spend } = await openRolling();
  const claim = at(1_000, 1, more);
  await ledger.recordAttempt(attemptStart(requestStart().id, { claims: [claim] }));
  const admission = await spend(claim);
  expect(admission.type === 'refused' && admission.refusals.map(({ freeAtMs }) => freeAtMs)).toEqual([undefined]);
});
