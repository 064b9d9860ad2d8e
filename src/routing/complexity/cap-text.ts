import { foldText } from './fold-text.ts';

/** Longer texts are read at both ends, this many characters each. */
export const END_CHARS_MAX = 2_048;
/** How much of either end is looked at to find so many characters, white space not counted. */
const END_CHARS_READ_MAX = 4 * END_CHARS_MAX;

/**
 * Folded (see `foldText`) and at most 4,096 characters long and one: the head and the tail of what
 * is longer. White space is shortened first, so that more of it does not move the cut.
 */
export function capText(text: string): string {
  if (text.length <= 2 * END_CHARS_MAX) return cut(foldText(text));
  if (text.length <= 2 * END_CHARS_READ_MAX) return cut(foldText(shortenSpace(text)));
  return cut(
    foldText(`${shortenSpace(text.slice(0, END_CHARS_READ_MAX))} ${shortenSpace(text.slice(-END_CHARS_READ_MAX))}`),
  );
}

function shortenSpace(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function cut(text: string): string {
  if (text.length <= 2 * END_CHARS_MAX) return text;
  return `${text.slice(0, END_CHARS_MAX)} ${text.slice(-END_CHARS_MAX)}`;
}
