import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AttemptOutcome,
  type AttemptStart,
  COST_GROUPS,
  type CostTotals,
  type RequestEnd,
  type RequestStart,
} from '../../src/core/books.ts';
import { createAttemptId, createCallId } from '../../src/core/ids.ts';
import { nanoUsd } from '../../src/core/money.ts';
import { TASKS, TIERS } from '../../src/core/request.ts';
import { NO_GROUP } from '../../src/store/cost-report.ts';
import { attemptStart, openTestStore, requestEnd, requestStart, settled, temporaryFolder } from '../support/store.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2028, 1, 28);
const SPAN = { tenant: 'local', fromMs: START_MS, toMs: START_MS + 3 * DAY_MS };

type Row = {
  readonly request: RequestStart;
  readonly end: RequestEnd | undefined;
  readonly attempts: readonly { readonly start: AttemptStart; readonly outcome: AttemptOutcome | undefined }[];
};

const model = fc.constantFrom(
  'groq/llama',
  'groq/qwen',
  'openai/gpt-5-mini',
  'local/a/b',
) as fc.Arbitrary<'groq/llama'>;
const tokens = fc.integer({ min: 0, max: 2_000_000 });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const attemptRow = fc.record({
  model,
  status: fc.constantFrom('settled', 'failed_unbilled', 'truncated', 'cancelled', 'unknown', 'pending'),
  error: optional(fc.constantFrom('provider_error', 'rate_limited')),
  costNanoUsd: optional(fc.integer({ min: 0, max: 9_000_000_000 }).map(nanoUsd)),
  usage: fc.record({
    ...{ inputTokens: tokens, cachedInputTokens: tokens, cacheWriteTokens: tokens, outputTokens: tokens },
    ...{ reasoningTokens: tokens, source: fc.constantFrom('reported', 'estimated') },
  }),
});
const requestRow = fc.record({
  startedAtMs: fc.integer({ min: START_MS - DAY_MS, max: START_MS + 4 * DAY_MS }),
  tenant: fc.constantFrom('local', 'local', 'local', 'other'),
  client: fc.constantFrom('claude', 'cursor'),
  tier: optional(fc.constantFrom(...TIERS)),
  task: optional(fc.constantFrom(...TASKS)),
  rule: optional(fc.constantFrom('night', 'cheap')),
  cache: fc.constantFrom('hit', 'miss', 'refresh', 'off', 'coalesced'),
  model: optional(model),
  saved: optional(fc.integer({ min: 0, max: 9_000_000_000 }).map(nanoUsd)),
  ended: fc.boolean(),
  attempts: fc.array(attemptRow, { maxLength: 3 }),
});

function toRow(drawn: typeof requestRow extends fc.Arbitrary<infer Value> ? Value : never): Row {
  const { tier, task, rule, tenant, client, startedAtMs, cache, saved } = drawn;
  const id = createCallId();
  return {
    request: requestStart({
      id,
      startedAtMs,
      tenant,
      client,
      cache,
      ...(tier && { tier }),
      ...(task && { task }),
      ...(rule && { rule }),
    }),
    end: drawn.ended
      ? {
          status: 'success',
          cache,
          latencyMs: 1,
          ...(drawn.model && { model: drawn.model }),
          ...(saved !== undefined && { savedNanoUsd: saved }),
        }
      : undefined,
    attempts: drawn.attempts.map(({ model: ref, status, error, costNanoUsd, usage }, index) => ({
      start: attemptStart(id, {
        id: createAttemptId(),
        provider: ref.slice(0, ref.indexOf('/')),
        model: ref,
        startedAtMs: startedAtMs + index,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
      }),
      outcome:
        status === 'pending'
          ? undefined
          : { status, usage, latencyMs: 1, ...(error && { error }), ...(costNanoUsd !== undefined && { costNanoUsd }) },
    })),
  };
}

it('sums are exact, and those of every grouping equal the totals', async () => {
  const store = await openTestStore(temporaryFolder(), { cache: { enabled: false, ttlMs: 1, maxBytes: 1 } });
  const booked: Row[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(requestRow, { minLength: 1, maxLength: 30 }), async (drawn) => {
      const rows = drawn.map(toRow);
      booked.push(...rows);
      await Promise.all(rows.flatMap((row) => writesOf(store.ledger, row)));
      const expected = expectedTotals(booked);
      for (const groupBy of [undefined, ...COST_GROUPS]) {
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

function writesOf(ledger: Awaited<ReturnType<typeof openTestStore>>['ledger'], { request, end, attempts }: Row) {
  return [
    ledger.recordRequest(request),
    ...attempts.map(({ start }) => ledger.recordAttempt(start)),
    ...attempts.flatMap(({ start, outcome }) => (outcome ? [ledger.settleAttempt(start.id, outcome)] : [])),
    ...(end ? [ledger.endRequest(request.id, end)] : []),
  ];
}

/** The report by its definition, in big integers. */
function expectedTotals(rows: readonly Row[]): CostTotals {
  const own = rows.filter(
    ({ request }) =>
      request.tenant === 'local' && request.startedAtMs >= SPAN.fromMs && request.startedAtMs < SPAN.toMs,
  );
  const attempts = own.flatMap((row) => row.attempts);
  const outcomes = attempts.flatMap(({ outcome }) => outcome ?? []);
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce((total, value) => total + BigInt(value ?? 0), 0n);
  const billable = ['settled', 'truncated', 'cancelled', 'unknown'];
  return {
    requests: own.length,
    attempts: attempts.length,
    failedAttempts: outcomes.filter(({ status, error }) => status !== 'cancelled' && (status !== 'settled' || error))
      .length,
    cacheHits: own.filter(({ request }) => request.cache === 'hit').length,
    inputTokens: Number(
      sum(outcomes.flatMap(({ usage }) => [usage.inputTokens, usage.cachedInputTokens, usage.cacheWriteTokens])),
    ),
    outputTokens: Number(sum(outcomes.map(({ usage }) => usage.outputTokens))),
    costNanoUsd: nanoUsd(Number(sum(outcomes.map(({ costNanoUsd }) => costNanoUsd)))),
    savedByCacheNanoUsd: nanoUsd(Number(sum(own.map(({ end }) => end?.savedNanoUsd)))),
    unpricedRequests: own.filter((row) =>
      row.attempts.some(
        ({ outcome }) => outcome && billable.includes(outcome.status) && outcome.costNanoUsd === undefined,
      ),
    ).length,
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
    costNanoUsd: nanoUsd(sum('costNanoUsd')),
    savedByCacheNanoUsd: nanoUsd(sum('savedByCacheNanoUsd')),
    unpricedRequests: sum('unpricedRequests'),
  };
}
