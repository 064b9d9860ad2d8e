import type { DatabaseFile } from '../file/database-file.ts';
import { holdClaims } from '../quotas/quota-counters.ts';

const DAY_MS = 86_400_000;
/** Running requests and pending attempts are few; a crash of many processes is worked off in parts. */
const PART_ROWS = 2_000;

const OVERDUE_ATTEMPTS = "SELECT id FROM attempts WHERE status = 'pending' AND expires_at_ms < @nowMs LIMIT @limit";

// A request without a pending attempt is over when its last attempt's time is; one that never had
// an attempt, after a day.
const OVERDUE_REQUESTS = `
  SELECT id FROM requests WHERE status IS NULL AND started_at_ms < @nowMs
    AND NOT EXISTS (SELECT 1 FROM attempts WHERE request_id = requests.id AND status = 'pending')
    AND coalesce((SELECT max(expires_at_ms) FROM attempts WHERE request_id = requests.id), started_at_ms + ${DAY_MS})
      < @nowMs
  LIMIT @limit`;

const GIVE_UP_ATTEMPTS = `
  UPDATE attempts SET status = 'unknown', usage_source = 'none' WHERE id IN (${OVERDUE_ATTEMPTS}) RETURNING id`;
const GIVE_UP_REQUESTS = `UPDATE requests SET status = 'failed' WHERE id IN (${OVERDUE_REQUESTS})`;

/** Are there rows of processes that died? A plain read. */
export function hasOverdueRows(file: DatabaseFile, nowMs: number): boolean {
  const first = { nowMs, limit: 1 };
  return [OVERDUE_ATTEMPTS, OVERDUE_REQUESTS].some((sql) => file.prepare<object>(sql).get(first) !== undefined);
}

/**
 * Closes the rows of processes that died, inside the caller's transaction: attempts past their time
 * become `unknown` with no cost, since nobody knows what the provider billed, and what they had reserved stays held;
 * their requests `failed`.
 */
export function giveUpOverdueRows(file: DatabaseFile, nowMs: number): void {
  const part = { nowMs, limit: PART_ROWS };
  for (const { id } of file.prepare<object, { id: string }>(GIVE_UP_ATTEMPTS).all(part)) holdClaims(file, id);
  file.prepare<object>(GIVE_UP_REQUESTS).run(part);
}
