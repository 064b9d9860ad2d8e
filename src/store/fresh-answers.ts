import type { CacheKey } from '../core/ids.ts';
import { PassingMap } from '../core/passing-map.ts';
import type { AnswerRow } from './cache-rows.ts';

/** How long an answer waits for others, so that many share a commit. */
const GATHER_MS = 20;
/** More than this is not kept waiting. */
const WAITING_BYTES_MAX = 1_000_000;

/** Writes the rows and calls `done` when they are in the file, or will never be. */
export type WriteRows = (rows: readonly AnswerRow[], done: () => void) => void;

/** Answers on their way into the cache's file; this process finds them already. */
export class FreshAnswers {
  readonly #write: WriteRows;
  readonly #rows = new PassingMap<AnswerRow>();
  #waiting: AnswerRow[] = [];
  #waitingBytes = 0;
  #written = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(write: WriteRows) {
    this.#write = write;
  }

  /** Resolves when the row is in the file, or was given up. */
  add(row: AnswerRow): Promise<void> {
    this.#rows.set(row.key, row);
    this.#waiting.push(row);
    this.#waitingBytes += row.bytes;
    const { promise } = this.#written;
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER_MS).unref();
    return promise;
  }

  find(key: CacheKey, oldestMs: number): string | undefined {
    const row = this.#rows.get(key);
    return row && row.storedAtMs > oldestMs ? row.body : undefined;
  }

  /** Writes what waits now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const rows = this.#waiting;
    const written = this.#written;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#written = Promise.withResolvers();
    this.#write(rows, () => {
      for (const row of rows) {
        // A later answer to the same request may be on its way as well.
        if (this.#rows.get(row.key) === row) this.#rows.delete(row.key);
      }
      written.resolve();
    });
  }
}
