/**
 * Parts that wait for the reader; beyond them the writer waits. Enough that a burst of the provider
 * costs no turn of the event loop for each part, and little enough to hold for every slow reader.
 */
const WAITING_MAX = 8;

const OVER: IteratorResult<never> = { value: undefined, done: true };

type Waiting = { readonly resolve: () => void; readonly reject: (reason: Error) => void };

/** Hands parts from one writer to one reader, at the reader's pace. */
export class HandOver<Part> implements AsyncIterator<Part> {
  readonly #onLeave: () => void;
  readonly #readers: ((result: IteratorResult<Part>) => void)[] = [];
  #waiting: Part[] = [];
  #writer: Waiting | undefined;
  #isOver = false;

  /** `onLeave` is called when the reader leaves before the last part. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get parts(): AsyncIterable<Part> {
    return { [Symbol.asyncIterator]: () => this };
  }

  /** Undefined when there was room, else resolves when there is. Throws or rejects once all is over. */
  put(part: Part): Promise<void> | undefined {
    if (this.#isOver) throw overError();
    this.#push(part);
    if (this.#waiting.length < WAITING_MAX) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#writer = { resolve, reject };
    return promise;
  }

  /** The last part, and what stands before it. There is always room for them. */
  end(last: Part, before: readonly Part[] = []): void {
    if (this.#isOver) return;
    for (const part of before) this.#push(part);
    this.#push(last);
    // A whole answer may be any number of parts: to take the first of many costs as much as there are.
    this.#waiting.reverse();
    this.#close();
  }

  /** The last part, in place of all that still waits. */
  cut(part: Part): void {
    if (this.#isOver) return;
    this.#waiting = [];
    this.end(part);
  }

  next(): Promise<IteratorResult<Part>> {
    const part = this.#isOver ? this.#waiting.pop() : this.#waiting.shift();
    if (part === undefined) {
      if (this.#isOver) return Promise.resolve(OVER);
      return new Promise((resolve) => this.#readers.push(resolve));
    }
    if (this.#writer && this.#waiting.length < WAITING_MAX / 2) {
      this.#writer.resolve();
      this.#writer = undefined;
    }
    return Promise.resolve({ value: part, done: false });
  }

  return(): Promise<IteratorResult<Part>> {
    const early = !this.#isOver;
    this.#waiting = [];
    this.#close();
    if (early) this.#onLeave();
    return Promise.resolve(OVER);
  }

  #close(): void {
    this.#isOver = true;
    for (const reader of this.#readers.splice(0)) reader(OVER);
    this.#writer?.reject(overError());
    this.#writer = undefined;
  }

  #push(part: Part): void {
    const reader = this.#readers.shift();
    if (reader) reader({ value: part, done: false });
    else this.#waiting.push(part);
  }
}

function overError(): Error {
  return new RangeError('the hand-over of the answer is over');
}
