import { foldText } from './fold-text.ts';

/** Longer texts are read at both ends, this many characters each. */
export const END_CHARS_MAX = 2_048;
/** How much of either end is looked at to find so many characters, white space not counted. */
const END_CHARS_READ_MAX = 4 * END_CHARS_MAX;
/** In most texts these hold as many. */
const END_CHARS_READ_FIRST = END_CHARS_MAX + 512;
/** With so many, what a cut does to the characters beside it stays outside. */
const END_CHARS_ENOUGH = END_CHARS_MAX + 128;

/**
 * Folded (see `foldText`) and at most 4,096 characters long and one: the head and the tail of what
 * is longer. White space is shortened first, so that more of it does not move the cut.
 */
export function capText(text: string): string {
  if (text.length <= 2 * END_CHARS_MAX) return cut(foldText(text));
  if (text.length > 2 * END_CHARS_READ_FIRST) {
    const [head = '', tail = ''] = endsOf(text, END_CHARS_READ_FIRST).map(foldText);
    if (head.length > END_CHARS_ENOUGH && tail.length > END_CHARS_ENOUGH) return join(head, tail);
  }
  if (text.length <= 2 * END_CHARS_READ_MAX) return cut(foldText(shortenSpace(text)));
  return cut(foldText(endsOf(text, END_CHARS_READ_MAX).join(' ')));
}

function endsOf(text: string, characters: number): readonly string[] {
  return [shortenSpace(text.slice(0, characters)), shortenSpace(text.slice(-characters))];
}

/**
 * A tenth of the work of replacing every space: what stands alone may stay where `tokenise` divides by it, or
 * `foldText` makes a space of it.
 */
function shortenSpace(text: string): string {
  return text.replace(/\s\s+|[\u1680\u2029\ufeff]/g, ' ');
}

function cut(text: string): string {
  return text.length <= 2 * END_CHARS_MAX ? text : join(text, text);
}

/** With a line break, as `normaliseAsk` does: often both come to the same text, which is then cut into tokens once. */
function join(head: string, tail: string): string {
  return `${head.slice(0, END_CHARS_MAX)}\n${tail.slice(-END_CHARS_MAX)}`;
}
