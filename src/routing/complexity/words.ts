import { isAscii } from './is-ascii.ts';

/** Scripts written without spaces: a run of them counts by its characters, and is searched inside. */
const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}ー々`;
const ANY_WORD = new RegExp(String.raw`[${UNSPACED}]+|[[\p{L}\p{N}\p{M}]--[${UNSPACED}]]+`, 'gv');
const UNSPACED_WORD = new RegExp(`^[${UNSPACED}]`, 'v');
const ASCII_WORD = /[a-z0-9]+/g;

/** Characters that carry about as much as one English word. */
const CHARS_PER_WORD_UNSPACED = 1.8;

/**
 * The whole words of folded text: runs of letters, marks and digits. Apostrophes and hyphens
 * divide. A run of a script without spaces is one word, cut where another script begins.
 */
export function segmentWords(text: string): readonly string[] {
  return text.match(isAscii(text) ? ASCII_WORD : ANY_WORD) ?? [];
}

/** Is this a run of a script that writes no spaces? */
export function isUnspaced(word: string): boolean {
  return word.charCodeAt(0) >= 0x0e00 && UNSPACED_WORD.test(word);
}

/** How many words of a language with spaces these would be. */
export function countWords(words: readonly string[]): number {
  let count = 0;
  for (const word of words) count += isUnspaced(word) ? Math.max(1, word.length / CHARS_PER_WORD_UNSPACED) : 1;
  return count;
}
