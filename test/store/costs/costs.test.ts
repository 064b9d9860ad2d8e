import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { COST_GROUPS, type CostGroup, type CostRow, type CostTotals } from '../../../src/core/costs.ts';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import { NO_GROUP } from '../../../src/store/costs/cost-groups.ts';
import { readCosts } from '../../../src/store/costs/cost-report.ts';
import { attemptStart, openLedgerFile, openTestStore, requestEnd, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type CostsRow, DAY_MS, requestRow, START_MS, toRow } from './costs-rows.ts';

const SPAN = { tenant: 'local', fromMs: START_MS, toMs: START_MS + 3 * DAY_MS };

const GROUPINGS: readonly (CostGroup | undefined)[] = [
  undefined,
  ...COST_GROUPS,
  ...(['metadata.project', 'metadata.odd "name"', "metadata.it's", 'metadata.$', 'metadata.'] as const),
];

it('sums are exact, those of every grouping equal the totals, and so do the rows', async () => {
  const store = await openTestStore(temporaryFolder(), { cache: { enabled: false, ttlMs: 1, maxBytes: 1 } });
  const booked: CostsRow[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(requestRow, { minLength: 1, maxLength: 30 }), async (drawn) => {
      const rows = drawn.map(toRow);
      booked.push(...rows);
      await Promise.all(rows.flatMap((row) => writesOf(store.ledger, row)));
      const corrections = rows.flatMap((row) => row.corrections);
      expect(await store.ledger.recordCorrections(corrections)).toBe(corrections.length);
      expect(await store.ledger.recordCorrections(corrections)).toBe(0);
      const expected = expectedTotals(booked);
      expect(await sumOfRows(store.ledger.costRows(SPAN))).toEqual(expected);
      for (const groupBy of GROUPINGS) {
        const { totals, groups } = await store.ledger.costs({ ...SPAN, ...(groupBy && { groupBy }) });
        expect(totals).toEqual(expected);
        expect(groups.length > 0).toBe(groupBy !== undefined && expected.requests > 0);
        if (groupBy) expect(sumOf(groups)).toEqual(expected);
        expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
      }
    }),
    { numRuns: 40 },
  );
});

it('without a tenant the books are those of all', async () => {
  const store = await openTestStore(temporaryFolder());
  for (const tenant of ['local', 'other', 'other']) {
    const request = requestStart({ tenant, startedAtMs: START_MS });
    const attempt = attemptStart(request.id, { startedAtMs: START_MS });
    await store.ledger.recordRequest(request);
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(5) }));
  }
  const costsOf = async (query: object) => (await store.ledger.costs({ ...SPAN, ...query })).totals.costNanoUsd;
  const { tenant: _one, ...all } = SPAN;
  expect((await store.ledger.costs(all)).totals).toMatchObject({ requests: 3, attempts: 3, costNanoUsd: 15 });
  expect(await costsOf({ tenant: 'other' })).toBe(10);
  let usages = 0;
  for await (const _usage of store.ledger.usages(all)) usages += 1;
  expect(usages).toBe(3);
});

it('of a tenant with few requests among many the books are read in as many parts as those of all', async () => {
  const file = await openLedgerFile();
  file.database.exec(`
    WITH RECURSIVE numbers(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < 20000)
    INSERT INTO requests (id, started_at_ms, kind, tenant, client, strategy, cache, config_hash)
    SELECT value, ${START_MS} + value, 'complete', iif(value % 5000 = 1, 'rare', 'local'), '', '', 'off', ''
    FROM numbers`);
  const read = vi.spyOn(file, 'read');
  for (const tenant of ['local', 'rare']) {
    read.mockClear();
    const { totals } = await readCosts(file, { ...SPAN, tenant });
    expect(totals.requests).toBe(tenant === 'rare' ? 4 : 19_996);
    // Five slices, and where each ends.
    expect(read).toHaveBeenCalledTimes(10);
  }
});

it('a million nano-dollar amounts beyond float precision add up to the last one', async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  const costs = Array.from({ length: 3_000 }, (_, index) => nanoUsd(2_000_000_000_000 + (index % 7)));
  await store.ledger.recordRequest(request);
  await Promise.all(
    costs.map(async (costNanoUsd) => {
      const attempt = attemptStart(request.id);
      await store.ledger.recordAttempt(attempt);
      await store.ledger.settleAttempt(attempt.id, settled({ costNanoUsd }));
    }),
  );
  const { totals } = await store.ledger.costs({ tenant: 'local', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
  expect(BigInt(totals.costNanoUsd)).toBe(costs.reduce((sum, cost) => sum + BigInt(cost), 0n));
});

it('spend belongs to the model that was asked, the request and its cache hit to the one that answered', async () => {
  const store = await openTestStore(temporaryFolder());
  const failedOver = requestStart({ startedAtMs: START_MS, tier: 'simple' });
  const [first, second] = [
    attemptStart(failedOver.id, { startedAtMs: START_MS }),
    attemptStart(failedOver.id, { startedAtMs: START_MS + 5, provider: 'openai', model: 'openai/gpt-5-mini' }),
  ];
  const hit = requestStart({ startedAtMs: START_MS + DAY_MS, cache: 'hit', rule: 'night' });
  const lost = requestStart({ startedAtMs: START_MS + DAY_MS });
  for (const request of [failedOver, hit, lost]) await store.ledger.recordRequest(request);
  for (const attempt of [first, second]) await store.ledger.recordAttempt(attempt);
  await store.ledger.settleAttempt(first.id, settled({ error: 'malformed_response', costNanoUsd: nanoUsd(70) }));
  await store.ledger.settleAttempt(second.id, settled({ costNanoUsd: nanoUsd(500) }));
  await store.ledger.endRequest(failedOver.id, requestEnd({ model: 'openai/gpt-5-mini' }));
  await store.ledger.endRequest(
    hit.id,
    requestEnd({ cache: 'hit', savedNanoUsd: nanoUsd(500), model: 'openai/gpt-5-mini' }),
  );
  await store.ledger.endRequest(lost.id, { status: 'failed', cache: 'miss', latencyMs: 1, error: 'all_cooling' });

  const byProvider = await store.ledger.costs({ ...SPAN, groupBy: 'provider' });
  expect(byProvider.groups).toMatchObject([
    {
      key: 'openai',
      requests: 2,
      attempts: 1,
      failedAttempts: 0,
      cacheHits: 1,
      costNanoUsd: 500,
      savedByCacheNanoUsd: 500,
    },
    { key: 'groq', requests: 0, attempts: 1, failedAttempts: 1, inputTokens: 123, outputTokens: 50, costNanoUsd: 70 },
    { key: NO_GROUP, requests: 1, attempts: 0, costNanoUsd: 0 },
  ]);
  const keysOf = async (groupBy: 'model' | 'day' | 'tier' | 'rule') =>
    (await store.ledger.costs({ ...SPAN, groupBy })).groups.map(({ key, requests }) => `${key} ${requests}`);
  expect(await keysOf('model')).toEqual(['openai/gpt-5-mini 2', 'groq/llama 0', `${NO_GROUP} 1`]);
  expect(await keysOf('day')).toEqual(['2028-02-28 1', '2028-02-29 2']);
  expect(await keysOf('tier')).toEqual(['simple 1', `${NO_GROUP} 2`]);
  expect(await keysOf('rule')).toEqual([`${NO_GROUP} 2`, 'night 1']);
});

function writesOf(ledger: Awaited<ReturnType<typeof openTestStore>>['ledger'], { request, end, attempts }: CostsRow) {
  return [
    ledger.recordRequest(request),
    ...attempts.map(({ start }) => ledger.recordAttempt(start)),
    ...attempts.flatMap(({ start, outcome }) => (outcome ? [ledger.settleAttempt(start.id, outcome)] : [])),
    ...(end ? [ledger.endRequest(request.id, end)] : []),
  ];
}

/** The report by its definition, in big integers. */
function expectedTotals(rows: readonly CostsRow[]): CostTotals {
  const own = rows.filter(
    ({ request }) =>
      request.tenant === 'local' && request.startedAtMs >= SPAN.fromMs && request.startedAtMs < SPAN.toMs,
  );
  const attempts = own.flatMap((row) => row.attempts);
  const outcomes = attempts.flatMap(({ outcome }) => outcome ?? []);
  const corrections = own.flatMap((row) => row.corrections);
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce((total, value) => total + BigInt(value ?? 0), 0n);
  const told = new Set(
    corrections.flatMap(({ of, costNanoUsd }) => ('attemptId' in of && costNanoUsd !== undefined ? of.attemptId : [])),
  );
  const isOpen = ({ start, outcome }: CostsRow['attempts'][number]) =>
    outcome !== undefined &&
    ['settled', 'truncated', 'cancelled', 'unknown'].includes(outcome.status) &&
    outcome.costNanoUsd === undefined &&
    !told.has(start.id);
  return {
    requests: own.length,
    attempts: attempts.length,
    failedAttempts: outcomes.filter(({ status, error }) => status !== 'cancelled' && (status !== 'settled' || error))
      .length,
    cacheHits: own.filter(({ request }) => request.cache === 'hit').length,
    inputTokens: Number(
      sum([
        ...outcomes.flatMap(({ usage }) => [usage.inputTokens, usage.cachedInputTokens, usage.cacheWriteTokens]),
        ...corrections.map(({ inputTokens }) => inputTokens),
      ]),
    ),
    outputTokens: Number(
      sum([...outcomes.map(({ usage }) => usage.outputTokens), ...corrections.map(({ outputTokens }) => outputTokens)]),
    ),
    costNanoUsd: signedNanoUsd(Number(sum([...outcomes, ...corrections].map(({ costNanoUsd }) => costNanoUsd)))),
    correctionsNanoUsd: signedNanoUsd(Number(sum(corrections.map(({ costNanoUsd }) => costNanoUsd)))),
    savedByCacheNanoUsd: nanoUsd(Number(sum(own.map(({ end }) => end?.savedNanoUsd)))),
    unpricedRequests: own.filter((row) => row.attempts.some(isOpen)).length,
    unknownAttempts: attempts.filter((attempt) => attempt.outcome?.status === 'unknown' && isOpen(attempt)).length,
  };
}

/** The totals from the exported rows alone. */
async function sumOfRows(rows: AsyncIterable<CostRow>): Promise<CostTotals> {
  const all: CostRow[] = [];
  for await (const row of rows) all.push(row);
  const sum = (field: 'costNanoUsd' | 'savedNanoUsd' | 'inputTokens' | 'outputTokens', of: readonly CostRow[] = all) =>
    of.reduce((total, row) => total + (row[field] ?? 0), 0);
  const ofKind = (record: CostRow['record']) => all.filter((row) => row.record === record);
  const attempts = ofKind('attempt');
  const open = attempts.filter(
    ({ status, attemptId, costNanoUsd }) =>
      costNanoUsd === null &&
      ['settled', 'truncated', 'cancelled', 'unknown'].includes(String(status)) &&
      !ofKind('correction').some((row) => row.attemptId === attemptId && row.costNanoUsd !== null),
  );
  return {
    requests: ofKind('request').length,
    attempts: attempts.length,
    failedAttempts: attempts.filter(
      ({ status, error }) =>
        !['pending', 'cancelled'].includes(String(status)) && (status !== 'settled' || error !== null),
    ).length,
    cacheHits: ofKind('request').filter(({ cache }) => cache === 'hit').length,
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    costNanoUsd: signedNanoUsd(sum('costNanoUsd')),
    correctionsNanoUsd: signedNanoUsd(sum('costNanoUsd', ofKind('correction'))),
    savedByCacheNanoUsd: nanoUsd(sum('savedNanoUsd')),
    unpricedRequests: new Set(open.map(({ requestId }) => requestId)).size,
    unknownAttempts: open.filter(({ status }) => status === 'unknown').length,
  };
}

function sumOf(groups: readonly (CostTotals & { readonly key: string })[]): CostTotals {
  const sum = (field: keyof CostTotals) => groups.reduce((total, group) => total + group[field], 0);
  return {
    requests: sum('requests'),
    attempts: sum('attempts'),
    failedAttempts: sum('failedAttempts'),
    cacheHits: sum('cacheHits'),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    costNanoUsd: signedNanoUsd(sum('costNanoUsd')),
    correctionsNanoUsd: signedNanoUsd(sum('correctionsNanoUsd')),
    savedByCacheNanoUsd: nanoUsd(sum('savedByCacheNanoUsd')),
    unpricedRequests: sum('unpricedRequests'),
    unknownAttempts: sum('unknownAttempts'),
  };
}
