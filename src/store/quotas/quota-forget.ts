import type { DatabaseFile } from '../file/database-file.ts';
import { pause } from '../file/pause.ts';
import type { WriteQueue } from '../file/write-queue.ts';

/** Clocks of machines that share a folder differ by less. */
const GRACE_MS = 3_600_000;
/** Rows of one commit, few enough not to hold the event loop. */
const PART_ROWS = 500;

type Place = { readonly quota: string; readonly key: string; readonly bucketMs: number };

/**
 * Of rate limits alone, by their names: what budgets counted stays beside the attempts it explains. A window after
 * their own nobody reads them again, and what is under way has gone by its own time.
 */
const OVER = `
  SELECT quota, key, bucket_ms AS bucketMs FROM quota_counters
  WHERE quota >= 'limit ' AND quota < 'limit!' AND +until_ms > 0 AND 2 * until_ms - bucket_ms < @nowMs - ${GRACE_MS}
    AND reserved = 0
  LIMIT ${PART_ROWS}`;
const DROP_ENTRIES = `
  DELETE FROM quota_entries WHERE (attempt_id, quota) IN (
    SELECT attempt_id, quota FROM quota_entries
    WHERE quota = @quota AND key = @key AND bucket_ms = @bucketMs LIMIT @limit)`;
const DROP_COUNTER = 'DELETE FROM quota_counters WHERE quota = @quota AND key = @key AND bucket_ms = @bucketMs';

type Parts = { readonly file: DatabaseFile; readonly queue: WriteQueue; readonly nowMs: number };

/**
 * Removes the counters of rate limits whose windows are over, with their entries: a limit for each minute and each
 * tenant would leave half a million a year. In small commits between those of requests.
 */
export async function forgetTraffic(parts: Parts): Promise<void> {
  while (await forgetPart(parts)) await pause(5, 10);
}

/** False when nothing was left. */
function forgetPart({ file, queue, nowMs }: Parts): Promise<boolean> {
  const forget = () => {
    const over = file.prepare<object, Place>(OVER).all({ nowMs });
    let left = PART_ROWS;
    for (const place of over) {
      left -= 1 + file.prepare<object>(DROP_ENTRIES).run({ ...place, limit: left }).changes;
      if (left <= 0) break;
      file.prepare<object>(DROP_COUNTER).run(place);
    }
    return over.length > 0;
  };
  // Not worth waiting for a lock.
  return queue.change(forget, () => false);
}
