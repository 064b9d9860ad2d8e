import { Buffer } from 'node:buffer';

/** Texts with a line break between each two, as one that is never made: of a long conversation it would be copied. */
export class JoinedText {
  readonly length: number;
  /** UTF-8. */
  readonly bytes: number;
  readonly #texts: readonly string[];

  constructor(texts: readonly string[]) {
    const breaks = Math.max(0, texts.length - 1);
    this.#texts = texts;
    this.length = texts.reduce((sum, { length }) => sum + length, breaks);
    this.bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), breaks);
  }

  /** From one character up to another; neither is below 0. */
  slice(from: number, to: number): string {
    const end = Math.min(to, this.length);
    let part = '';
    let at = 0;
    for (const text of this.#texts) {
      if (at >= end) break;
      const breakAt = at + text.length;
      part += text.slice(Math.max(0, from - at), end - at);
      if (breakAt >= from && breakAt < end) part += '\n';
      at = breakAt + 1;
    }
    return part;
  }

  toString(): string {
    return this.#texts.join('\n');
  }
}
