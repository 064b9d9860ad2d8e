import type { CostGroup, CostTotals } from '../../core/costs.ts';
import { nanoUsd, summedNanoUsd, ZERO_USD } from '../../core/money.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { groupKeys, groupParameters, NO_GROUP } from './cost-groups.ts';
import { ofTenant, type TimeSlice } from './time-slices.ts';

/** A part of the sums of one group. */
export type Sums = Partial<CostTotals> & { readonly key: string };

export type SliceQuery = {
  readonly tenant: string | undefined;
  readonly groupBy: CostGroup | undefined;
  readonly slice: TimeSlice;
};

/** The sums of what started in a slice of time. To be read in one transaction, so that all are of the same moment. */
export function readSums(file: DatabaseFile, { tenant, groupBy, slice }: SliceQuery): readonly Sums[] {
  const keys = groupKeys(groupBy);
  const parameters = { tenant, ...groupParameters(groupBy), ...slice };
  const read = (sql: string) => file.prepare<object, Sums>(sql).all(parameters);
  const booked = [...read(sumsOfRequests(keys.request, tenant)), ...read(sumsOfAttempts(keys.attempt, tenant))];
  if (!hasCorrections(file)) return booked;
  return [
    ...booked,
    ...read(sumsOfCorrections(keys.attempt, tenant)),
    ...read(sumsOfLooseCorrections(keys.correction, tenant)),
  ];
}

function hasCorrections(file: DatabaseFile): boolean {
  return file.prepare<[], { has: number }>('SELECT EXISTS (SELECT 1 FROM corrections) AS has').get()?.has === 1;
}

/** An attempt that may be billed at a cost that nobody knows, and that no correction has told since. */
export const isOpen = (attempts: string) => `${attempts}.cost_nano_usd IS NULL
  AND ${attempts}.status IN ('settled', 'truncated', 'cancelled', 'unknown')
  AND NOT EXISTS (SELECT 1 FROM corrections WHERE attempt_id = ${attempts}.id AND cost_nano_usd IS NOT NULL)`;

/** The requests `r` of a slice. */
export const requestsOf = (tenant: string | undefined) =>
  `${ofTenant(tenant, 'r')} r.started_at_ms >= @fromMs AND r.started_at_ms < @toMs`;
/** The corrections `c` of a slice that speak of no attempt. */
export const looseCorrectionsOf = (tenant: string | undefined) =>
  `${ofTenant(tenant, 'c')} c.attempt_id IS NULL AND c.at_ms >= @fromMs AND c.at_ms < @toMs`;

const sumsOfRequests = (key: string, tenant: string | undefined) => `
  SELECT coalesce(${key}, '${NO_GROUP}') AS key,
    count(*) AS requests,
    sum(r.cache = 'hit') AS cacheHits,
    sum(coalesce(r.saved_nano_usd, 0)) AS savedByCacheNanoUsd,
    sum(EXISTS (SELECT 1 FROM attempts WHERE request_id = r.id AND ${isOpen('attempts')})) AS unpricedRequests
  FROM (
    SELECT *, coalesce(model, (SELECT model FROM attempts WHERE request_id = r.id
      ORDER BY started_at_ms DESC, id DESC LIMIT 1)) AS home_model
    FROM requests AS r WHERE ${requestsOf(tenant)}
  ) AS r GROUP BY 1`;

const sumsOfAttempts = (key: string, tenant: string | undefined) => `
  SELECT coalesce(${key}, '${NO_GROUP}') AS key,
    count(*) AS attempts,
    sum(a.status NOT IN ('pending', 'cancelled') AND (a.status <> 'settled' OR a.error IS NOT NULL)) AS failedAttempts,
    sum(a.input_tokens + a.cached_input_tokens + a.cache_write_tokens) AS inputTokens,
    sum(a.output_tokens) AS outputTokens,
    sum(coalesce(a.cost_nano_usd, 0)) AS costNanoUsd,
    sum(a.status = 'unknown' AND ${isOpen('a')}) AS unknownAttempts
  FROM requests AS r JOIN attempts AS a ON a.request_id = r.id
  WHERE ${requestsOf(tenant)} GROUP BY 1`;

const CORRECTED = `
    sum(coalesce(c.cost_nano_usd, 0)) AS costNanoUsd, sum(coalesce(c.cost_nano_usd, 0)) AS correctionsNanoUsd,
    sum(c.input_tokens) AS inputTokens, sum(c.output_tokens) AS outputTokens`;

const sumsOfCorrections = (key: string, tenant: string | undefined) => `
  SELECT coalesce(${key}, '${NO_GROUP}') AS key, ${CORRECTED}
  FROM requests AS r JOIN attempts AS a ON a.request_id = r.id JOIN corrections AS c ON c.attempt_id = a.id
  WHERE ${requestsOf(tenant)} GROUP BY 1`;

const sumsOfLooseCorrections = (key: string, tenant: string | undefined) => `
  SELECT coalesce(${key}, '${NO_GROUP}') AS key, ${CORRECTED}
  FROM corrections AS c
  WHERE ${looseCorrectionsOf(tenant)} GROUP BY 1`;

export const NO_COSTS: CostTotals = {
  requests: 0,
  attempts: 0,
  failedAttempts: 0,
  cacheHits: 0,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: ZERO_USD,
  correctionsNanoUsd: ZERO_USD,
  savedByCacheNanoUsd: ZERO_USD,
  unpricedRequests: 0,
  unknownAttempts: 0,
};

/** Throws when a sum of money leaves the range in which whole numbers are exact. */
export function addTotals(left: CostTotals, right: Partial<CostTotals>): CostTotals {
  const both = { ...NO_COSTS, ...right };
  return {
    requests: left.requests + both.requests,
    attempts: left.attempts + both.attempts,
    failedAttempts: left.failedAttempts + both.failedAttempts,
    cacheHits: left.cacheHits + both.cacheHits,
    inputTokens: left.inputTokens + both.inputTokens,
    outputTokens: left.outputTokens + both.outputTokens,
    costNanoUsd: summedNanoUsd(left.costNanoUsd + both.costNanoUsd),
    correctionsNanoUsd: summedNanoUsd(left.correctionsNanoUsd + both.correctionsNanoUsd),
    savedByCacheNanoUsd: nanoUsd(summedNanoUsd(left.savedByCacheNanoUsd + both.savedByCacheNanoUsd)),
    unpricedRequests: left.unpricedRequests + both.unpricedRequests,
    unknownAttempts: left.unknownAttempts + both.unknownAttempts,
  };
}
