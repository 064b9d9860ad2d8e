import type { CacheKey } from '../../core/ids.ts';
import type { AnswerRow } from './cache-rows.ts';

/** What comes so soon after the last write waits until then, so that many share a commit and the pages it writes. */
const GATHER_MS = 100;
/** More than this is not kept waiting. */
const WAITING_CHARS_MAX = 1_000_000;

/** Writes the rows and calls `done` when they are in the file, or will never be. */
export type WriteRows = (rows: readonly AnswerRow[], done: () => void) => void;

/** What is written together. Of two answers to the same request only the later one is. */
type Batch = {
  readonly rows: Map<CacheKey, AnswerRow>;
  readonly written: PromiseWithResolvers<void>;
  chars: number;
};

/**
 * Answers on their way into the cache's file; this process finds them already. They are kept as the text that will
 * be written: their objects would outlive young collections by the hundred, and hardly one is asked for.
 */
export class FreshAnswers {
  readonly #write: WriteRows;
  #gathering = createBatch();
  /** The latest first. */
  #underWay: readonly Batch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(write: WriteRows) {
    this.#write = write;
  }

  /** Resolves when the row is in the file, or was given up. */
  add(row: AnswerRow): Promise<void> {
    const batch = this.#gathering;
    batch.rows.set(row.key, row);
    batch.chars += row.body.length;
    if (batch.chars > WAITING_CHARS_MAX) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#waitMs()).unref();
    return batch.written.promise;
  }

  /** The JSON of the answer. */
  find(key: CacheKey): string | undefined {
    let row = this.#gathering.rows.get(key);
    for (const { rows } of this.#underWay) row ??= rows.get(key);
    return row?.body;
  }

  /** Writes what waits now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#gathering;
    if (batch.rows.size === 0) return;
    this.#writtenAtMs = performance.now();
    this.#gathering = createBatch();
    this.#underWay = [batch, ...this.#underWay];
    this.#write([...batch.rows.values()], () => {
      this.#underWay = this.#underWay.filter((other) => other !== batch);
      batch.written.resolve();
    });
  }

  #waitMs(): number {
    return Math.max(0, this.#writtenAtMs + GATHER_MS - performance.now());
  }
}

function createBatch(): Batch {
  return { rows: new Map(), written: Promise.withResolvers(), chars: 0 };
}
