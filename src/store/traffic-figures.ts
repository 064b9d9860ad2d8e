import type { TrafficFigures } from '../core/alerts.ts';
import { ERROR_CODES, errorPolicy } from '../core/error-codes.ts';
import { nanoUsd } from '../core/money.ts';
import type { DatabaseFile } from './database-file.ts';
import { ATTEMPT_BOUNDARY, requestBoundary, timeSlices } from './time-slices.ts';

const SLICE_ROWS = 10_000;
/** Percentiles are of the newest answers. */
const LATENCIES_MAX = 10_000;
/** What ended lately is found by when it began: who took longer than this is not counted. */
const LASTED_MS_MAX = 20 * 60_000;

/** A request that failed by its caller's own mistake, or at a limit that was set on purpose, says nothing about us. */
const OWN_FAULTS = JSON.stringify(
  ERROR_CODES.filter((code) => errorPolicy(code).httpStatus >= 500 || errorPolicy(code).key === 'disable'),
);

const REQUESTS = `
  SELECT count(*) AS requests,
    count(*) FILTER (WHERE status IN ('failed', 'truncated') AND error IN (SELECT value FROM json_each(@ownFaults))) AS failed,
    count(*) FILTER (WHERE cache IN ('hit', 'coalesced')) AS cacheHits,
    count(*) FILTER (WHERE cache IN ('hit', 'coalesced', 'miss')) AS cacheable
  FROM requests
  WHERE started_at_ms >= @fromMs AND started_at_ms < @toMs AND ended_at_ms >= @sinceMs AND status <> 'cancelled'`;

const COST = `
  SELECT coalesce(sum(cost_nano_usd), 0) AS costNanoUsd FROM attempts
  WHERE started_at_ms >= @fromMs AND started_at_ms < @toMs AND ended_at_ms >= @sinceMs`;

/** An answer out of the cache takes no time and would hide how long the others take. */
const LATENCY = `
  SELECT percentile_disc(latency_ms, 0.95) AS latencyMsP95
  FROM (SELECT latency_ms FROM requests
    WHERE started_at_ms >= @fromMs AND ended_at_ms >= @sinceMs AND status = 'success' AND cache NOT IN ('hit', 'coalesced')
    ORDER BY started_at_ms DESC LIMIT ${LATENCIES_MAX})`;

type Counts = Pick<TrafficFigures, 'requests' | 'failed' | 'cacheHits' | 'cacheable'>;

/** What ended since `sinceMs` (wall clock), of all callers and processes together. */
export async function readFigures(file: DatabaseFile, sinceMs: number): Promise<TrafficFigures> {
  const span = { fromMs: sinceMs - LASTED_MS_MAX, toMs: Number.MAX_SAFE_INTEGER, rowsMax: SLICE_ROWS };
  const counts = { requests: 0, failed: 0, cacheHits: 0, cacheable: 0 };
  for await (const slice of timeSlices(file, { ...span, boundarySql: requestBoundary(undefined) })) {
    const parameters = { ...slice, sinceMs, ownFaults: OWN_FAULTS };
    const row = await file.read(() => file.prepare<object, Counts>(REQUESTS).get(parameters));
    for (const name of ['requests', 'failed', 'cacheHits', 'cacheable'] as const) counts[name] += row?.[name] ?? 0;
  }
  let costNanoUsd = 0;
  for await (const slice of timeSlices(file, { ...span, boundarySql: ATTEMPT_BOUNDARY })) {
    const parameters = { ...slice, sinceMs };
    const row = await file.read(() => file.prepare<object, { costNanoUsd: number }>(COST).get(parameters));
    costNanoUsd += row?.costNanoUsd ?? 0;
  }
  const parameters = { fromMs: span.fromMs, sinceMs };
  const latency = await file.read(() => file.prepare<object, { latencyMsP95: number | null }>(LATENCY).get(parameters));
  const latencyMsP95 = latency?.latencyMsP95 ?? undefined;
  return { ...counts, costNanoUsd: nanoUsd(costNanoUsd), ...(latencyMsP95 !== undefined && { latencyMsP95 }) };
}
