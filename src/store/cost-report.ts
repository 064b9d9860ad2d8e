import type { CostGroup, CostQuery, CostReport, CostTotals } from '../core/costs.ts';
import { addUsd, nanoUsd, ZERO_USD } from '../core/money.ts';
import type { DatabaseFile } from './database-file.ts';
import { ofTenant, requestBoundary, type TimeSlice, timeSlices } from './time-slices.ts';

/** The key of the group of rows that have no value: no rule, no tier, no model. */
export const NO_GROUP = '(none)';

const SLICE_REQUESTS = 4_000;

/**
 * Sums of requests and attempts by when their request started. The totals are the sums of the
 * groups, so the two can never differ.
 */
export async function readCosts(file: DatabaseFile, query: CostQuery): Promise<CostReport> {
  const { tenant, fromMs, toMs, groupBy } = query;
  const groups = new Map<string, CostTotals>();
  const slices = {
    fromMs,
    toMs,
    boundarySql: requestBoundary(tenant),
    rowsMax: SLICE_REQUESTS,
    parameters: { tenant },
  };
  for await (const slice of timeSlices(file, slices)) {
    for (const { key, ...sums } of await file.read(() => readSlice(file, { tenant, groupBy, slice }))) {
      groups.set(key, addTotals(groups.get(key) ?? NO_COSTS, sums));
    }
  }
  return {
    totals: [...groups.values()].reduce(addTotals, NO_COSTS),
    groups: groupBy ? [...groups].map(([key, totals]) => ({ key, ...totals })).sort(orderOf(groupBy)) : [],
  };
}

type Sums = Partial<CostTotals> & { readonly key: string };

function readSlice(
  file: DatabaseFile,
  { tenant, groupBy, slice }: { tenant: string | undefined; groupBy: CostGroup | undefined; slice: TimeSlice },
): readonly Sums[] {
  const { request, attempt } = GROUP_KEYS[groupBy ?? 'total'];
  const parameters = { tenant, ...slice };
  // One transaction, so that requests and attempts are of the same moment.
  const read = file.database.transaction(() => [
    ...file.prepare<object, Sums>(sumsOfRequests(request, tenant)).all(parameters),
    ...file.prepare<object, Sums>(sumsOfAttempts(attempt, tenant)).all(parameters),
  ]);
  return read();
}

/**
 * Tokens and cost belong to the provider and model of the attempt; the request itself, its cache
 * hit and what that saved, to the model that answered it, or that was asked last. Days are of UTC.
 */
const GROUP_KEYS: Record<CostGroup | 'total', { readonly request: string; readonly attempt: string }> = {
  total: { request: "''", attempt: "''" },
  model: { request: 'r.home_model', attempt: 'a.model' },
  provider: { request: "substr(r.home_model, 1, instr(r.home_model, '/') - 1)", attempt: 'a.provider' },
  tier: { request: 'r.tier', attempt: 'r.tier' },
  task: { request: 'r.task', attempt: 'r.task' },
  client: { request: 'r.client', attempt: 'r.client' },
  rule: { request: 'r.rule', attempt: 'r.rule' },
  day: { request: "date(r.started_at_ms / 1000, 'unixepoch')", attempt: "date(r.started_at_ms / 1000, 'unixepoch')" },
};

const sumsOfRequests = (key: string, tenant: string | undefined) => `
  SELECT coalesce(${key}, '${NO_GROUP}') AS key,
    count(*) AS requests,
    sum(r.cache = 'hit') AS cacheHits,
    sum(coalesce(r.saved_nano_usd, 0)) AS savedByCacheNanoUsd,
    sum(EXISTS (SELECT 1 FROM attempts WHERE request_id = r.id AND cost_nano_usd IS NULL
      AND status IN ('settled', 'truncated', 'cancelled', 'unknown'))) AS unpricedRequests
  FROM (
    SELECT *, coalesce(model, (SELECT model FROM attempts WHERE request_id = requests.id
      ORDER BY started_at_ms DESC, id DESC LIMIT 1)) AS home_model
    FROM requests WHERE ${ofTenant(tenant)} started_at_ms >= @fromMs AND started_at_ms < @toMs
  ) AS r GROUP BY 1`;

const sumsOfAttempts = (key: string, tenant: string | undefined) => `
  SELECT coalesce(${key}, '${NO_GROUP}') AS key,
    count(*) AS attempts,
    sum(a.status NOT IN ('pending', 'cancelled') AND (a.status <> 'settled' OR a.error IS NOT NULL)) AS failedAttempts,
    sum(a.input_tokens + a.cached_input_tokens + a.cache_write_tokens) AS inputTokens,
    sum(a.output_tokens) AS outputTokens,
    sum(coalesce(a.cost_nano_usd, 0)) AS costNanoUsd
  FROM requests AS r JOIN attempts AS a ON a.request_id = r.id
  WHERE ${ofTenant(tenant)} r.started_at_ms >= @fromMs AND r.started_at_ms < @toMs GROUP BY 1`;

const NO_COSTS: CostTotals = {
  requests: 0,
  attempts: 0,
  failedAttempts: 0,
  cacheHits: 0,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: ZERO_USD,
  savedByCacheNanoUsd: ZERO_USD,
  unpricedRequests: 0,
};

function addTotals(left: CostTotals, right: Partial<CostTotals>): CostTotals {
  const both = { ...NO_COSTS, ...right };
  return {
    requests: left.requests + both.requests,
    attempts: left.attempts + both.attempts,
    failedAttempts: left.failedAttempts + both.failedAttempts,
    cacheHits: left.cacheHits + both.cacheHits,
    inputTokens: left.inputTokens + both.inputTokens,
    outputTokens: left.outputTokens + both.outputTokens,
    costNanoUsd: addUsd(left.costNanoUsd, nanoUsd(both.costNanoUsd)),
    savedByCacheNanoUsd: addUsd(left.savedByCacheNanoUsd, nanoUsd(both.savedByCacheNanoUsd)),
    unpricedRequests: left.unpricedRequests + both.unpricedRequests,
  };
}

/** Days in their order, anything else the dearest first. */
function orderOf(group: CostGroup) {
  return (left: CostTotals & { readonly key: string }, right: CostTotals & { readonly key: string }): number => {
    const byKey = left.key < right.key ? -1 : 1;
    if (group === 'day') return byKey;
    return right.costNanoUsd - left.costNanoUsd || right.requests - left.requests || byKey;
  };
}
