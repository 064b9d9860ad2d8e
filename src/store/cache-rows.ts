import type { CacheKey } from '../core/ids.ts';
import type { DatabaseFile } from './database-file.ts';

const EXPIRED_PART_ROWS = 100;
const EVICTED_PART_ROWS = 500;
/** Room made at once, so that not every write evicts. */
const FILLED_AFTER_EVICTION = 0.9;

const FIND = 'SELECT body FROM answers WHERE key = ? AND stored_at_ms > ?';

/** The JSON of the answer, unless it is too old. */
export function findAnswer(file: DatabaseFile, key: CacheKey, oldestMs: number): string | undefined {
  return file.prepare<[string, number], { body: string }>(FIND).get(key, oldestMs)?.body;
}

const EXISTS = 'SELECT 1 FROM answers WHERE key = ? AND stored_at_ms > ?';

export function hasAnswer(file: DatabaseFile, key: CacheKey, oldestMs: number): boolean {
  return file.prepare<[string, number]>(EXISTS).get(key, oldestMs) !== undefined;
}

export type AnswerRow = {
  readonly key: CacheKey;
  readonly body: string;
  readonly bytes: number;
  readonly storedAtMs: number;
};

// Of two processes that ask the same the later answer stays; hits go on counting.
const STORE = `
  INSERT INTO answers (key, body, bytes, stored_at_ms, last_used_at_ms)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET
    body = excluded.body, bytes = excluded.bytes, stored_at_ms = excluded.stored_at_ms,
    last_used_at_ms = max(last_used_at_ms, excluded.last_used_at_ms)
  WHERE excluded.stored_at_ms >= answers.stored_at_ms`;

export function storeAnswer(file: DatabaseFile, { key, body, bytes, storedAtMs }: AnswerRow): void {
  file.prepare<unknown[]>(STORE).run(key, body, bytes, storedAtMs, storedAtMs);
}

const COUNT_HITS = `
  UPDATE answers SET hits = hits + ?, last_hit_at_ms = max(coalesce(last_hit_at_ms, 0), ?),
    last_used_at_ms = max(last_used_at_ms, ?)
  WHERE key = ?`;

export type Hits = { readonly key: CacheKey; readonly count: number; readonly lastHitAtMs: number };

export function countHits(file: DatabaseFile, { key, count, lastHitAtMs }: Hits): void {
  file.prepare<unknown[]>(COUNT_HITS).run(count, lastHitAtMs, lastHitAtMs, key);
}

const DELETE_EXPIRED = `
  DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE stored_at_ms <= ? LIMIT ${EXPIRED_PART_ROWS})`;
const READ_BYTES = 'SELECT bytes FROM contents';
const READ_LEAST_USED = `SELECT id, bytes FROM answers ORDER BY last_used_at_ms, id LIMIT ${EVICTED_PART_ROWS}`;
const DELETE_ONE = 'DELETE FROM answers WHERE id = ?';

/**
 * Removes a part of what is too old and, when the cache is over its size, of what was not used for
 * longest. True when more has to go.
 */
export function evictAnswers(file: DatabaseFile, oldestMs: number, bytesMax: number): boolean {
  file.prepare<[number]>(DELETE_EXPIRED).run(oldestMs);
  let bytes = file.prepare<[], { bytes: number }>(READ_BYTES).get()?.bytes ?? 0;
  if (bytes <= bytesMax) return false;
  for (const row of file.prepare<[], { id: number; bytes: number }>(READ_LEAST_USED).all()) {
    file.prepare<[number]>(DELETE_ONE).run(row.id);
    bytes -= row.bytes;
    if (bytes <= bytesMax * FILLED_AFTER_EVICTION) return false;
  }
  return bytes > bytesMax;
}
