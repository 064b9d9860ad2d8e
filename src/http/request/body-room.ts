import { getHeapStatistics } from 'node:v8';

/** What a byte of a body comes to on the heap until its request is answered: its text, its parts, what is sent on. Measured, with two bytes a character. */
const HEAP_PER_BYTE = 6;
/** What it does not get: the service itself has 64 MB, and of the limit V8 counts 192 MB for what is young. */
const HEAP_RESERVED = 256 * 1_048_576;
const BYTES_MIN = 8 * 1_048_576;
/** What so small a body takes is bounded by the number of requests. It may be what ends those that hold the room. */
const SMALL_BYTES_MAX = 8_192;

/**
 * The bytes of all bodies whose requests are under way, held to what the heap can take: beyond it the process would
 * die, and with it everybody's requests. Counted as they arrive, so that nobody takes room by announcing much.
 */
export class BodyRoom {
  readonly #max: number;
  #held = 0;

  constructor(bytesMax = affordableBytes()) {
    this.#max = bytesMax;
  }

  /** Is there room for a body of which `own` bytes are held, and `bytes` more come? For a small one, and one alone, there always is. */
  fits(bytes: number, own: number): boolean {
    return own + bytes <= SMALL_BYTES_MAX || this.#held + bytes <= this.#max || this.#held === own;
  }

  take(bytes: number): void {
    this.#held += bytes;
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
  }
}

function affordableBytes(): number {
  const { heap_size_limit: heapBytes } = getHeapStatistics();
  return Math.max(BYTES_MIN, (heapBytes - HEAP_RESERVED) / HEAP_PER_BYTE);
}
