import { expect, it } from 'vitest';
import type { AttemptOutcome, AttemptStart, RequestStart } from '../../../src/core/books.ts';
import type { Correction } from '../../../src/core/costs.ts';
import type { AttemptId } from '../../../src/core/ids.ts';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { attemptStart, openTestStore, requestEnd, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const START_MS = Date.UTC(2024, 1, 29, 12);
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const BUDGET = { quota: 'budget day', key: '', bucketMs: START_MS, fromMs: START_MS };
const CLAIM: QuotaClaim = {
  ...BUDGET,
  unit: 'nano_usd',
  limit: 10_000,
  keptMs: 3_600_000,
  amount: 900,
  amountMin: 900,
  mode: 'hard',
};
const TOKENS: QuotaClaim = { ...CLAIM, quota: 'limit input', unit: 'input_tokens', amount: 500, amountMin: 500 };
const REQUESTS: QuotaClaim = { ...CLAIM, quota: 'limit requests', unit: 'requests', amount: 1, amountMin: 1 };

type Booked = { readonly request?: Partial<RequestStart>; readonly attempt?: Partial<AttemptStart> };

/** One request with one attempt; without an outcome its process has died. */
async function book(store: Store, outcome: Partial<AttemptOutcome> | undefined, more: Booked = {}): Promise<AttemptId> {
  const request = requestStart({ startedAtMs: START_MS, ...more.request });
  const attempt = attemptStart(request.id, {
    startedAtMs: START_MS,
    ...(outcome === undefined && { expiresAtMs: START_MS + 1 }),
    ...more.attempt,
  });
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(attempt);
  if (outcome) {
    await store.ledger.settleAttempt(attempt.id, settled(outcome));
    await store.ledger.endRequest(request.id, requestEnd());
  }
  return attempt.id;
}

const withoutPrice = (): Partial<AttemptOutcome> => {
  const { costNanoUsd: _known, ...rest } = settled();
  return { ...rest, costNanoUsd: undefined } as unknown as Partial<AttemptOutcome>;
};

const correctionOf = (attemptId: AttemptId, more: Partial<Correction> = {}): Correction => ({
  id: `invoice ${attemptId}`,
  of: { attemptId },
  costNanoUsd: signedNanoUsd(70),
  inputTokens: 4,
  outputTokens: 5,
  reason: 'invoice of November',
  ...more,
});

it('the value of a metadata name splits the sums, and whoever sent none is told apart', async () => {
  const store = await openTestStore(temporaryFolder());
  for (const metadata of [{ project: 'alpha' }, { project: 'alpha', 'x"y': '1' }, { project: '' }, { other: 'alpha' }])
    await book(store, {}, { request: { metadata } });
  await book(store, {});
  const keysOf = async (groupBy: `metadata.${string}`) =>
    (await store.ledger.costs({ ...ALL, groupBy })).groups.map(({ key, attempts }) => `${key}:${attempts}`);
  expect(await keysOf('metadata.project')).toEqual(['(none):2', 'alpha:2', ':1']);
  expect(await keysOf('metadata.x"y')).toEqual(['(none):4', '1:1']);
  expect(await keysOf('metadata.$.project')).toEqual(['(none):5']);
});

it('keys of the same name with two providers are two, and the hour is that of UTC', async () => {
  const store = await openTestStore(temporaryFolder());
  await book(store, { costNanoUsd: nanoUsd(5) }, { request: { team: 'red' } });
  await book(store, { costNanoUsd: nanoUsd(9) }, { attempt: { provider: 'openai', model: 'openai/gpt-5-mini' } });
  const report = await store.ledger.costs({ ...ALL, groupBy: 'key' });
  expect(report.groups).toMatchObject([
    { key: 'openai/primary', requests: 1, costNanoUsd: 9 },
    { key: 'groq/primary', requests: 1, costNanoUsd: 5 },
  ]);
  expect((await store.ledger.costs({ ...ALL, groupBy: 'hour' })).groups).toMatchObject([{ key: '2024-02-29T12:00Z' }]);
  expect((await store.ledger.costs({ ...ALL, groupBy: 'team' })).groups).toMatchObject([
    { key: '(none)', costNanoUsd: 9 },
    { key: 'red', costNanoUsd: 5 },
  ]);
});

it('what has no price and what died are listed, the newest first, until a correction tells their cost', async () => {
  const store = await openTestStore(temporaryFolder());
  const unpriced = await book(store, withoutPrice());
  const died = await book(store, undefined, {
    request: { startedAtMs: START_MS + 5 },
    attempt: { reservedNanoUsd: nanoUsd(900) },
  });
  await book(store, { costNanoUsd: nanoUsd(0) });
  const before = await store.ledger.costs({ ...ALL, openMax: 10 });
  expect(before.open).toMatchObject([
    { attemptId: died, kind: 'unknown', reservedNanoUsd: 900, inputTokens: 0 },
    { attemptId: unpriced, kind: 'unpriced', inputTokens: 123, outputTokens: 50 },
  ]);
  expect(before).toMatchObject({ openCount: 2, totals: { unpricedRequests: 2, unknownAttempts: 1, costNanoUsd: 0 } });
  const answered = async () => {
    let count = 0;
    for await (const _usage of store.ledger.usages(ALL)) count += 1;
    return count;
  };
  expect(await answered()).toBe(1);
  const one = await store.ledger.costs({ ...ALL, openMax: 1 });
  expect(one.open.map(({ attemptId }) => attemptId)).toEqual([died]);
  expect(one.openCount).toBe(2);

  await store.ledger.recordCorrections([
    correctionOf(unpriced),
    correctionOf(died, { costNanoUsd: signedNanoUsd(30) }),
  ]);
  const after = await store.ledger.costs({ ...ALL, openMax: 10 });
  expect(after).toMatchObject({ openCount: 0, open: [] });
  expect(await answered()).toBe(2);
  expect((await store.ledger.recentRequests({ limit: 9 })).map(({ costNanoUsd }) => costNanoUsd)).toEqual([30, 0, 70]);
  expect(after.totals).toMatchObject({
    unpricedRequests: 0,
    unknownAttempts: 0,
    costNanoUsd: 100,
    correctionsNanoUsd: 100,
  });
});

it('says how far expectations were off at the median, which way, and what cost more than it could', async () => {
  const store = await openTestStore(temporaryFolder());
  const costs = [
    [1_000, 1_000, 2_000],
    [1_100, 1_000, 2_000],
    [700, 1_000, 2_000],
    [5_000, 1_000, 900],
    [10, 0, 2_000],
  ] as const;
  for (const [expected, cost, most] of costs) {
    const attempt = { expectedNanoUsd: nanoUsd(expected), reservedNanoUsd: nanoUsd(most) };
    await book(store, { costNanoUsd: nanoUsd(cost) }, { attempt });
  }
  await book(store, { costNanoUsd: nanoUsd(7) });
  await book(
    store,
    { costNanoUsd: nanoUsd(7), error: 'malformed_response' },
    { attempt: { expectedNanoUsd: nanoUsd(1) } },
  );
  const { prediction } = await store.ledger.costs(ALL);
  expect(prediction).toEqual({ attempts: 4, medianError: 0.1, medianBias: 0, aboveMax: 1 });
  expect((await store.ledger.costs({ fromMs: 0, toMs: 1 })).prediction).toEqual({ attempts: 0, aboveMax: 0 });
});

it('a correction moves the budgets of its attempt: what was held for a dead process becomes what it cost', async () => {
  const store = await openTestStore(temporaryFolder());
  const claims = [CLAIM, TOKENS, REQUESTS];
  const useOf = async () => {
    await store.ledger.costs(ALL);
    return store.ledger.quotaUse(claims);
  };
  const paid = await book(store, { costNanoUsd: nanoUsd(100) }, { attempt: { claims } });
  const died = await book(store, undefined, { attempt: { claims } });
  const unpriced = await book(store, withoutPrice(), { attempt: { claims } });
  expect(await useOf()).toMatchObject([
    // What had a price when it was reserved, and none when it ended, may have cost all of that.
    { settled: 100, unknown: 1_800, reserved: 0, unpriced: 1 },
    { settled: 246, unknown: 500 },
    { settled: 2, unknown: 1 },
  ]);
  await store.ledger.recordCorrections([
    correctionOf(paid, { costNanoUsd: signedNanoUsd(-40), inputTokens: -1 }),
    correctionOf(died),
    correctionOf(unpriced),
  ]);
  const corrected = [
    { settled: 200, unknown: 0, reserved: 0, unpriced: 0 },
    { settled: 253, unknown: 0 },
    { settled: 2, unknown: 1 },
  ];
  expect(await useOf()).toMatchObject(corrected);
  await store.ledger.recordCorrections([correctionOf(died)]);
  expect(await useOf()).toMatchObject(corrected);
  // The dead process had written its end into a journal that is only found now.
  await store.ledger.settleAttempt(died, settled({ costNanoUsd: nanoUsd(70) }));
  await store.ledger.recordCorrections([correctionOf(died, { id: 'taken back', costNanoUsd: signedNanoUsd(-70) })]);
  expect(await useOf()).toMatchObject([
    { settled: 200, unknown: 0, reserved: 0, unpriced: 0 },
    { unknown: 0 },
    { settled: 3, unknown: 0 },
  ]);
});

it('counters stay the sums of their rows when a corrected attempt ends late without a price, or never was sent', async () => {
  const store = await openTestStore(temporaryFolder());
  const claims = [CLAIM, TOKENS, REQUESTS];
  const late = await book(store, undefined, { attempt: { claims } });
  const unsent = await book(store, undefined, { attempt: { claims } });
  await store.ledger.costs(ALL);
  await store.ledger.recordCorrections([correctionOf(late), correctionOf(unsent)]);
  await store.ledger.settleAttempt(late, settled(withoutPrice()));
  await store.ledger.voidAttempt(unsent);
  expect(await store.ledger.quotaUse(claims)).toMatchObject([
    { settled: 70, unknown: 0, reserved: 0, unpriced: 0 },
    { settled: 127, unknown: 0, reserved: 0 },
    { settled: 1, unknown: 0, reserved: 0 },
  ]);
  expect((await store.ledger.costs(ALL)).totals).toMatchObject({ costNanoUsd: 70, inputTokens: 127 });
});

it('refuses to correct what the books do not have or what is under way, and books none of that commit', async () => {
  const store = await openTestStore(temporaryFolder());
  const ended = await book(store, {});
  const running = await book(store, undefined, { attempt: { expiresAtMs: Date.now() + 600_000 } });
  const refused = [correctionOf('att_none' as AttemptId), correctionOf(running)];
  for (const [index, code] of (['not_found', 'invalid_request'] as const).entries()) {
    const wrong = refused[index];
    if (wrong === undefined) throw new Error('there are two');
    await expect(store.ledger.recordCorrections([correctionOf(ended), wrong])).rejects.toMatchObject({ code });
  }
  expect((await store.ledger.costs(ALL)).totals.correctionsNanoUsd).toBe(0);
});
