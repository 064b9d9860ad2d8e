import type { AttemptRecord } from '../../core/books.ts';
import { type SignedNanoUsd, signedNanoUsd } from '../../core/money.ts';
import { type OrNull, withoutNulls } from '../file/without-nulls.ts';
import { toUsage, USAGE_COLUMNS, type UsageRow, withoutUsage } from './usage-columns.ts';

export const ATTEMPT_COLUMNS = `
  id, request_id AS requestId, started_at_ms AS startedAtMs, provider, model, key, expires_at_ms AS expiresAtMs,
  price_version AS priceVersion, role, status, latency_ms AS latencyMs, first_token_ms AS firstTokenMs, error,
  provider_request_id AS providerRequestId, cost_nano_usd AS costNanoUsd,
  (SELECT sum(cost_nano_usd) FROM corrections WHERE attempt_id = attempts.id) AS correctedNanoUsd, ${USAGE_COLUMNS}`;

type Required = 'id' | 'requestId' | 'startedAtMs' | 'provider' | 'model' | 'key' | 'expiresAtMs' | 'status';

/** What `ATTEMPT_COLUMNS` selects. */
export type AttemptRow = Pick<AttemptRecord, Required> & OrNull<Omit<AttemptRecord, Required | 'usage'>> & UsageRow;

/** May the provider bill it? Its cost is then part of the request's, or unknown. */
const MAYBE_BILLED: readonly AttemptRecord['status'][] = ['settled', 'truncated', 'cancelled', 'unknown'];

export function toAttemptRecord(row: AttemptRow): AttemptRecord {
  const usage = toUsage(row);
  return { ...withoutNulls(withoutUsage(row)), ...(usage && { usage }) };
}

/** The cost of a request, as corrected; null when one of its attempts may be billed and nobody knows how much. */
export function costOfAttempts(attempts: readonly AttemptRecord[]): SignedNanoUsd | null {
  let sum = 0;
  for (const { costNanoUsd, correctedNanoUsd, status } of attempts) {
    if ((costNanoUsd ?? correctedNanoUsd) === undefined && MAYBE_BILLED.includes(status)) return null;
    sum += (costNanoUsd ?? 0) + (correctedNanoUsd ?? 0);
  }
  return signedNanoUsd(sum);
}
