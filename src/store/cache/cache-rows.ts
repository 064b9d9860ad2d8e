import type { CacheKey } from '../../core/ids.ts';
import type { DatabaseFile } from '../file/database-file.ts';

/** Few enough not to hold the event loop: each row takes some twenty microseconds. */
const EVICTED_PART_ROWS = 100;
/** Room made at once, so that not every write evicts. */
const FILLED_AFTER_EVICTION = 0.9;

/** So many first bits of a digest are the number an answer is found by. */
export const KEY_BITS = 48;

/** Where two digests share the number, the later answer takes the place. */
export function numberOf(key: CacheKey): number {
  return Number.parseInt(key.slice(0, KEY_BITS / 4), 16);
}

const FIND = 'SELECT digest, body FROM answers WHERE key = ?';

/** The JSON of the answer, however old. */
export function findAnswer(file: DatabaseFile, key: CacheKey): string | undefined {
  const row = file.prepare<[number], { digest: string; body: string }>(FIND).get(numberOf(key));
  return row?.digest === key ? row.body : undefined;
}

/** A row's own number and that of its key. */
export type RowKey = { readonly id: number; readonly key: number };

/** So many are read at a time: in three milliseconds, where answers are long. */
export const PART_ROWS = 2_000;

const NEWEST_ROW = 'SELECT id, key FROM answers ORDER BY id DESC LIMIT 1';
const ROWS_FROM = `SELECT id, key FROM answers WHERE id >= ? ORDER BY id LIMIT ${PART_ROWS}`;
// Out of the index alone, which is a small part of the file.
const KEYS_ABOVE = `SELECT key FROM answers WHERE key > ? ORDER BY key LIMIT ${PART_ROWS}`;

export function findNewestRow(file: DatabaseFile): RowKey | undefined {
  return file.prepare<[], RowKey>(NEWEST_ROW).get();
}

/** A part of the rows from this one on, in the order they were stored in. */
export function readRowsFrom(file: DatabaseFile, id: number): readonly RowKey[] {
  return file.prepare<[number], RowKey>(ROWS_FROM).all(id);
}

/** A part of the keys' numbers above this one, in ascending order. */
export function readKeysAbove(file: DatabaseFile, key: number): readonly number[] {
  return file.prepare<[number], number>(KEYS_ABOVE).pluck().all(key);
}

export type AnswerRow = {
  readonly key: CacheKey;
  readonly storedAtMs: number;
  /** The answer as JSON. */
  readonly body: string;
};

// Of two processes that ask the same the later answer stays, but none that was written while the clock was ahead; hits go on counting.
const STORE = `
  INSERT INTO answers (key, digest, body, stored_at_ms, last_used_at_ms)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET
    digest = excluded.digest, body = excluded.body, stored_at_ms = excluded.stored_at_ms,
    last_used_at_ms = max(last_used_at_ms, excluded.last_used_at_ms)
  WHERE excluded.stored_at_ms >= answers.stored_at_ms OR answers.stored_at_ms > ?`;

export function storeAnswer(file: DatabaseFile, { key, storedAtMs, body }: AnswerRow, nowMs: number): void {
  file.prepare<unknown[]>(STORE).run(numberOf(key), key, body, storedAtMs, storedAtMs, nowMs);
}

const COUNT_HITS = 'UPDATE answers SET hits = hits + ?, last_used_at_ms = max(last_used_at_ms, ?) WHERE key = ?';

export type Hits = { readonly key: CacheKey; readonly count: number; readonly lastHitAtMs: number };

export function countHits(file: DatabaseFile, { key, count, lastHitAtMs }: Hits): void {
  file.prepare<unknown[]>(COUNT_HITS).run(count, lastHitAtMs, numberOf(key));
}

/** What the file's pages hold; those that were freed are filled again. */
const READ_BYTES = `
  SELECT (page_count - freelist_count) * page_size AS bytes
  FROM pragma_page_count, pragma_freelist_count, pragma_page_size`;
const EVICT_ONE = `
  DELETE FROM answers
  WHERE id = coalesce(
      (SELECT id FROM answers WHERE last_used_at_ms > @newestMs ORDER BY last_used_at_ms DESC LIMIT 1),
      (SELECT id FROM answers ORDER BY last_used_at_ms LIMIT 1))
    AND (last_used_at_ms > @newestMs OR stored_at_ms <= @oldestMs OR @isOver)
  RETURNING octet_length(body) AS bytes`;

/** Answers that were stored between the two are still given. */
export type GivenSpan = { readonly oldestMs: number; readonly newestMs: number };

/**
 * Removes a part of what was not used for longest, while that is too old or the cache is over its size. Nobody
 * is given an answer that is too old, so each is among these in the end. Before them goes what was used while the
 * clock was far ahead: it would stay for as long, and leave no room. True when more has to go.
 */
export function evictAnswers(file: DatabaseFile, given: GivenSpan, bytesMax: number): boolean {
  const bytes = file.prepare<[], { bytes: number }>(READ_BYTES).get()?.bytes ?? 0;
  let surplus = bytes > bytesMax ? bytes - bytesMax * FILLED_AFTER_EVICTION : 0;
  const evictOne = file.prepare<object, { bytes: number }>(EVICT_ONE);
  for (let count = 0; count < EVICTED_PART_ROWS; count += 1) {
    const evicted = evictOne.get({ ...given, isOver: surplus > 0 ? 1 : 0 });
    if (!evicted) return false;
    surplus -= evicted.bytes;
  }
  return true;
}
