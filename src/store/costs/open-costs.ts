import type { OpenCost } from '../../core/costs.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { type OrNull, withoutNulls } from '../file/without-nulls.ts';
import { isOpen, requestsOf } from './cost-sums.ts';
import type { TimeSlice } from './time-slices.ts';

const open = (tenant: string | undefined) => `
  FROM requests AS r JOIN attempts AS a ON a.request_id = r.id
  WHERE ${requestsOf(tenant)} AND ${isOpen('a')}`;

const countOpen = (tenant: string | undefined) => `SELECT count(*) AS count ${open(tenant)}`;

const newestOpen = (tenant: string | undefined) => `
  SELECT a.id AS attemptId, a.request_id AS requestId, a.started_at_ms AS startedAtMs, a.model, a.key,
    CASE a.status WHEN 'unknown' THEN 'unknown' ELSE 'unpriced' END AS kind,
    a.input_tokens + a.cached_input_tokens + a.cache_write_tokens AS inputTokens, a.output_tokens AS outputTokens,
    a.reserved_nano_usd AS reservedNanoUsd
  ${open(tenant)}
  ORDER BY r.started_at_ms DESC, a.started_at_ms DESC, a.id DESC LIMIT @limit`;

type OpenCosts = { readonly count: number; readonly newest: readonly OpenCost[] };
type OpenRow = Omit<OpenCost, 'reservedNanoUsd'> & OrNull<Pick<OpenCost, 'reservedNanoUsd'>>;

/** Attempts of a slice of time whose cost is in no sum: how many, and the newest of them. */
export function readOpenCosts(
  file: DatabaseFile,
  { tenant, slice, limit }: { readonly tenant: string | undefined; readonly slice: TimeSlice; readonly limit: number },
): OpenCosts {
  const parameters = { tenant, ...slice, limit };
  const count = file.prepare<object, { count: number }>(countOpen(tenant)).get(parameters)?.count ?? 0;
  if (count === 0 || limit === 0) return { count, newest: [] };
  return { count, newest: file.prepare<object, OpenRow>(newestOpen(tenant)).all(parameters).map(withoutNulls) };
}
