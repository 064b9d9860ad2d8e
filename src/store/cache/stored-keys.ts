import type { CacheKey } from '../../core/ids.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import {
  findNewestRow,
  KEY_BITS,
  numberOf,
  PART_ROWS,
  type RowKey,
  readKeysAbove,
  readRowsFrom,
} from './cache-rows.ts';

/** So much later, at most, this process finds what another one has stored. */
const CURRENT_MS = 100;
/** So many first bits of a key choose its mark: 2 MB of marks, and of half a million keys one in thirty meets another's. */
const MARK_BITS = 24;
/** After so many new ones all are read again: what was evicted meanwhile loses its mark. */
const NEW_MARKS_MAX = 1_000_000;

const KEYS_END = 2 ** KEY_BITS;
const NOTHING_READ: RowKey = { id: Number.MAX_SAFE_INTEGER, key: KEYS_END };

/**
 * Whose answers may be in the cache's file. Most of what is asked is new: a look into the file, which has to fetch
 * all of SQLite into the processor's caches, would cost more than it finds.
 */
export class StoredKeys {
  #marks = new Uint8Array(0);
  /** What was read: another file may begin with the same rows. */
  #database: DatabaseFile['database'] | undefined;
  /** The row with the greatest id, none in an empty file: what is stored later stands behind it. */
  #newest: RowKey | undefined = NOTHING_READ;
  /** Rows that were there at the start are marked up to this key. */
  #markedTo = KEYS_END;
  #newMarks = 0;
  #isCurrent = false;

  /** False when nothing is stored for the key, or only since a moment by another process. */
  mayHold(key: CacheKey): boolean {
    return !this.#isCurrent || this.#isMarked(numberOf(key));
  }

  /** This process has stored an answer. It is read again with the others: what stands before it, they alone tell. */
  add(key: CacheKey): void {
    this.#mark(numberOf(key));
  }

  /** Reads, where that is due, a part of what is not known yet. Until all is, any key may be there. */
  readOn(file: DatabaseFile): void {
    if (this.#isCurrent) return;
    const rows = readRowsFrom(file, this.#newest?.id ?? 0);
    // Where the newest was evicted, nobody knows what else was.
    const isSame = rows[0]?.id === this.#newest?.id && rows[0]?.key === this.#newest?.key;
    const isContinued = isSame && this.#database === file.database;
    this.#database = file.database;
    if (isContinued && this.#newMarks < NEW_MARKS_MAX) this.#markNew(rows);
    else this.#startOver(file);
    if (this.#markedTo < KEYS_END) this.#markOld(file);
    if (this.#markedTo < KEYS_END || rows.length === PART_ROWS) return;
    this.#isCurrent = true;
    setTimeout(() => {
      this.#isCurrent = false;
    }, CURRENT_MS).unref();
  }

  #startOver(file: DatabaseFile): void {
    this.#newest = findNewestRow(file);
    this.#marks = new Uint8Array(2 ** MARK_BITS / 8);
    this.#markedTo = -1;
  }

  #markNew(rows: readonly RowKey[]): void {
    for (const { key } of rows) this.#mark(key);
    this.#newest = rows.at(-1);
  }

  #markOld(file: DatabaseFile): void {
    const keys = readKeysAbove(file, this.#markedTo);
    for (const key of keys) this.#mark(key);
    this.#markedTo = keys.at(-1) ?? KEYS_END;
    this.#newMarks = 0;
  }

  #mark(key: number): void {
    if (this.#isMarked(key)) return;
    const bit = bitOf(key);
    this.#marks[bit >> 3] = (this.#marks[bit >> 3] ?? 0) | (1 << (bit & 7));
    this.#newMarks += 1;
  }

  #isMarked(key: number): boolean {
    const bit = bitOf(key);
    return ((this.#marks[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}

function bitOf(key: number): number {
  return Math.floor(key / 2 ** (KEY_BITS - MARK_BITS));
}
