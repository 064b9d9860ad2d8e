/** Pieces are joined when they come to so many characters. */
const JOIN_CHARS = 4_096;

/**
 * A long text that comes in small pieces. Joined by `+=` each piece would stay an object of its own,
 * with another to hold it, until somebody reads the whole: twenty times the memory of the text.
 */
export class TextJoiner {
  #joined = '';
  #pieces: string[] = [];
  #waiting = 0;

  get length(): number {
    return this.#joined.length + this.#waiting;
  }

  add(piece: string): void {
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting >= JOIN_CHARS) this.#join();
  }

  /** All of it so far. */
  toString(): string {
    if (this.#pieces.length > 0) this.#join();
    return this.#joined;
  }

  #join(): void {
    this.#joined += this.#pieces.join('');
    this.#pieces = [];
    this.#waiting = 0;
  }
}
