import { mayOpenFence, opensFence } from './json-fence.ts';

/** Blank space beyond it is let through: a model may write it without end. */
const HELD_MAX = 200;

/** JSON that goes on as it comes, without a Markdown fence around it. What may belong to one is held back. */
export class StreamedJson {
  #place: 'before' | 'fenced' | 'bare' = 'before';
  #held = '';

  /** What may go on with this piece. */
  add(piece: string): string {
    this.#held += piece;
    if (this.#place === 'before') this.#begin();
    if (this.#place === 'before') return '';
    return this.#release(this.#place === 'bare' ? this.#held.length : closingAt(this.#held));
  }

  /** What was held back and is no fence, once the text has ended. */
  end(): string {
    if (this.#place === 'fenced' && this.#held.trim() === '```') this.#held = '';
    return this.#release(this.#held.length);
  }

  #begin(): void {
    const text = this.#held.trimStart();
    const lineEnd = text.indexOf('\n');
    if (lineEnd !== -1 && opensFence(text.slice(0, lineEnd))) {
      this.#place = 'fenced';
      this.#held = text.slice(lineEnd + 1);
    } else if (lineEnd !== -1 || !mayOpenFence(text) || this.#held.length > HELD_MAX) this.#place = 'bare';
  }

  #release(length: number): string {
    const released = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return released;
  }
}

/** Where the end begins that may be the closing fence with blank space around it. */
function closingAt(text: string): number {
  const { length } = text
    .trimEnd()
    .replace(/`{1,3}$/, '')
    .trimEnd();
  return text.length - length > HELD_MAX ? text.length : length;
}
