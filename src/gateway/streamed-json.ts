import type { LivePart } from './answer-sink.ts';
import { mayOpenFence, opensFence, THOUGHTS } from './bare-json.ts';

/** Blank space beyond it is let through: a model may write it without end. */
const HELD_MAX = 200;

/**
 * JSON that goes on as it comes, without a Markdown fence around it; thoughts before it go on as such. What may belong to
 * either mark is held back.
 */
export class StreamedJson {
  #place: 'before' | 'thoughts' | 'fenced' | 'bare' = 'before';
  #held = '';

  /** What may go on with this piece. */
  add(piece: string): readonly LivePart[] {
    this.#held += piece;
    if (this.#place === 'before') this.#begin();
    const thoughts = this.#think();
    return toParts(thoughts, this.#place === 'bare' || this.#place === 'fenced' ? this.#goOn() : '');
  }

  /** What was held back and is no mark, once the text has ended. */
  end(): readonly LivePart[] {
    if (this.#place === 'fenced' && this.#held.trim() === '```') this.#held = '';
    const rest = this.#release(this.#held.length);
    return this.#place === 'thoughts' ? toParts(rest, '') : toParts('', rest);
  }

  #begin(): void {
    const text = this.#held.trimStart();
    const lineEnd = text.indexOf('\n');
    if (text.startsWith(THOUGHTS.opening)) {
      this.#place = 'thoughts';
      this.#held = text.slice(THOUGHTS.opening.length);
    } else if (lineEnd !== -1 && opensFence(text.slice(0, lineEnd))) {
      this.#place = 'fenced';
      this.#held = text.slice(lineEnd + 1);
    } else if (lineEnd === -1 && mayOpen(text) && this.#held.length <= HELD_MAX) this.#place = 'before';
    else this.#place = 'bare';
  }

  /** The thoughts, as far as they have come. What follows them may be fenced, or more of them. */
  #think(): string {
    const { closing } = THOUGHTS;
    let thoughts = '';
    while (this.#place === 'thoughts') {
      const end = this.#held.indexOf(closing);
      if (end === -1) return thoughts + this.#release(Math.max(0, this.#held.length - closing.length + 1));
      thoughts += this.#release(end);
      this.#held = this.#held.slice(closing.length);
      this.#begin();
    }
    return thoughts;
  }

  #goOn(): string {
    return this.#release(this.#place === 'bare' ? this.#held.length : closingAt(this.#held));
  }

  #release(length: number): string {
    const released = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return released;
  }
}

function mayOpen(text: string): boolean {
  return mayOpenFence(text) || THOUGHTS.opening.startsWith(text);
}

/** Where the end begins that may be the closing fence with blank space around it. */
function closingAt(text: string): number {
  const { length } = text
    .trimEnd()
    .replace(/`{1,3}$/, '')
    .trimEnd();
  return text.length - length > HELD_MAX ? text.length : length;
}

function toParts(thoughts: string, text: string): readonly LivePart[] {
  const parts: LivePart[] = [];
  if (thoughts !== '') parts.push({ type: 'reasoning-delta', text: thoughts });
  if (text !== '') parts.push({ type: 'text-delta', text });
  return parts;
}
