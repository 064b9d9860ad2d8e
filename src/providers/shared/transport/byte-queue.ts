import { GatewayError } from '../../../core/errors.ts';

/** Where the bytes of an answer come from; a Readable is one too. */
export type ByteSource = AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown };

type Result = IteratorResult<Uint8Array, undefined>;
type Waiting = { readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void };

/** As much as waits for a slow reader before the connection is told to pause. */
const WAITING_BYTES_MAX = 64 * 1024;

const DONE: Result = { done: true, value: undefined };

/**
 * Bytes between one connection and one reader. A Readable does the same for any number of them, with events, ticks
 * and states that every chunk pays for.
 */
export class ByteQueue implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #onDrain: () => void;
  readonly #onLeave: (error: Error | undefined) => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isFull = false;
  #waiting: Waiting | undefined;
  #error: Error | undefined;
  #isEnded = false;

  /** `onDrain`: there is room again. `onLeave`: nobody reads on, or it failed; nothing more may be pushed. */
  constructor(onDrain: () => void, onLeave: (error: Error | undefined) => void) {
    this.#onDrain = onDrain;
    this.#onLeave = onLeave;
  }

  /** False: no more until it is drained. */
  push(chunk: Uint8Array): boolean {
    if (this.#isEnded) return true;
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: chunk });
      return true;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#isFull = this.#bytes >= WAITING_BYTES_MAX;
    return !this.#isFull;
  }

  /** The bytes ended as announced; those that wait are still read. */
  end(): void {
    this.#isEnded = true;
    this.#waiting?.resolve(DONE);
    this.#waiting = undefined;
  }

  /** What waits is dropped, the reader gets the error. */
  destroy(error?: Error): void {
    if (this.#isEnded && this.#chunks.length === 0) return;
    this.#isEnded = true;
    this.#chunks = [];
    this.#error = error ?? new GatewayError('stream_truncated', 'the answer was let go before its end.');
    if (this.#waiting) {
      this.#waiting.reject(this.#error);
      this.#waiting = undefined;
      this.#error = undefined;
    }
    this.#onLeave(error);
  }

  /** All that waits, as one: a server may send each byte as a chunk of its own, and readers look at a text once for each. */
  next(): Promise<Result> {
    const [first, ...others] = this.#chunks;
    if (first) {
      this.#chunks = [];
      this.#bytes = 0;
      if (this.#isFull) {
        this.#isFull = false;
        this.#onDrain();
      }
      return Promise.resolve({ done: false, value: others.length > 0 ? Buffer.concat([first, ...others]) : first });
    }
    if (this.#error) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#isEnded) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** The reader leaves. */
  return(): Promise<Result> {
    if (!this.#isEnded) {
      this.#isEnded = true;
      this.#onLeave(undefined);
    }
    this.#chunks = [];
    this.#error = undefined;
    this.#waiting?.resolve(DONE);
    this.#waiting = undefined;
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
