import type { ProviderTraffic } from '../../core/books.ts';
import { ERROR_CODES, errorPolicy } from '../../core/error-codes.ts';
import { ATTEMPT_BOUNDARY, timeSlices } from '../costs/time-slices.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { withoutNulls } from '../file/without-nulls.ts';

const SLICE_ATTEMPTS = 10_000;
/** Percentiles are of the newest answers. */
const LATENCIES_MAX = 10_000;

/** Failures of the provider or our key; a caller's own mistake says nothing about the provider. */
const PROVIDER_ERRORS = ERROR_CODES.filter(
  (code) => errorPolicy(code).breaker === 'count' || errorPolicy(code).key !== 'none',
);

/** An answer that came whole, and only was not the JSON asked for, is none of them. */
export const IS_PROVIDER_FAILURE = `status <> 'cancelled' AND NOT (status = 'settled' AND error = 'malformed_response')
  AND error IN (${PROVIDER_ERRORS.map((code) => `'${code}'`).join(', ')})`;

type Counts = { readonly requests: number; readonly failures: number };

const COUNT = `
  SELECT provider, count(*) AS requests, count(*) FILTER (WHERE ${IS_PROVIDER_FAILURE}) AS failures
  FROM attempts WHERE started_at_ms >= @fromMs AND started_at_ms < @toMs AND ended_at_ms IS NOT NULL GROUP BY provider`;

const LATENCIES = `
  SELECT percentile_disc(latency_ms, 0.5) AS latencyMsP50, percentile_disc(latency_ms, 0.95) AS latencyMsP95
  FROM (SELECT latency_ms FROM attempts WHERE provider = @provider AND ended_at_ms >= @fromMs AND status = 'settled'
    ORDER BY ended_at_ms DESC LIMIT ${LATENCIES_MAX})`;

/** Finished attempts of each provider since `fromMs`, failures and latency of the answered ones. */
export async function readTraffic(file: DatabaseFile, fromMs: number): Promise<readonly ProviderTraffic[]> {
  const counts = new Map<string, Counts>();
  const slices = {
    fromMs,
    toMs: Number.MAX_SAFE_INTEGER,
    boundarySql: ATTEMPT_BOUNDARY,
    rowsMax: SLICE_ATTEMPTS,
  };
  for await (const slice of timeSlices(file, slices)) {
    const rows = await file.read(() => file.prepare<object, Counts & { provider: string }>(COUNT).all(slice));
    for (const row of rows) counts.set(row.provider, addCounts(counts.get(row.provider), row));
  }
  const traffic: ProviderTraffic[] = [];
  for (const [provider, sums] of counts) {
    traffic.push({ provider, ...sums, ...(await file.read(() => readLatencies(file, provider, fromMs))) });
  }
  return traffic;
}

type Latencies = { readonly latencyMsP50: number | null; readonly latencyMsP95: number | null };

function readLatencies(file: DatabaseFile, provider: string, fromMs: number) {
  const row = file.prepare<object, Latencies>(LATENCIES).get({ provider, fromMs });
  return row && withoutNulls(row);
}

function addCounts(left: Counts | undefined, { requests, failures }: Counts): Counts {
  return {
    requests: requests + (left?.requests ?? 0),
    failures: failures + (left?.failures ?? 0),
  };
}
