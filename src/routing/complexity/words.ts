import { isAscii } from './is-ascii.ts';
import { tokenise } from './tokens.ts';

/** Where a word stands in its text. */
export type Word = {
  readonly start: number;
  readonly end: number;
  /** A number of what it begins with; see `openingOf`. */
  readonly opening: number;
  /** Its script writes no spaces. */
  readonly unspaced: boolean;
};

/** The whole words of a folded text. */
export type Words = { readonly text: string; readonly isAscii: boolean; readonly list: readonly Word[] };

/** From one word up to another. */
export type WordRange = { readonly from: number; readonly to: number };

/** Scripts written without spaces: a run of them counts by its characters, and is searched inside. */
const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}ー々`;
const ANY_WORD = new RegExp(String.raw`[${UNSPACED}]+|[[\p{L}\p{N}\p{M}]--[${UNSPACED}]]+`, 'gv');
const UNSPACED_WORD = new RegExp(`^[${UNSPACED}]`, 'v');
const FIRST_UNSPACED = 0x0e00;

/** Characters that carry about as much as one English word. */
const CHARS_PER_WORD_UNSPACED = 1.8;

/** So many characters of a word tell what it could be. */
export const OPENING_CHARS = 3;

/**
 * Cuts folded text into its whole words: runs of letters, marks and digits. Apostrophes and hyphens
 * divide. A run of a script without spaces is one word, cut where another script begins.
 */
export function segmentWords(text: string): Words {
  const ascii = isAscii(text);
  return { text, isAscii: ascii, list: ascii ? segmentAscii(text) : segmentAny(text) };
}

/** What follows a word without a gap belongs to it ("4th"), and what passes over a mark is several ("don't"). */
function segmentAscii(text: string): readonly Word[] {
  const list: Word[] = [];
  const { codes, list: tokens } = tokenise(text);
  let lastEnd = -1;
  for (const { kind, joined, start, end } of tokens) {
    if (kind === 'mark') continue;
    let from = start === lastEnd ? (list.pop() as Word).start : start;
    while (from < end) {
      const to = joined ? endOfRun(codes, from, end) : end;
      list.push({ start: from, end: to, opening: openingIn(codes, from, to), unspaced: false });
      from = to + 1;
    }
    lastEnd = end;
  }
  return list;
}

/** Where letters and digits end, in folded ASCII text. */
function endOfRun(codes: Uint16Array, start: number, end: number): number {
  let at = start;
  while (at < end && isLetterOrDigit(codes[at] as number)) at += 1;
  return at;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function segmentAny(text: string): readonly Word[] {
  let end = 0;
  return (text.match(ANY_WORD) ?? []).map((word) => {
    const start = text.indexOf(word, end);
    end = start + word.length;
    return { start, end, opening: openingOf(word, OPENING_CHARS), unspaced: isUnspaced(word) };
  });
}

/** A number of the first characters of a word. That two openings may share one does no harm to who compares words whole. */
export function openingOf(word: string, charactersMax: number): number {
  const length = Math.min(word.length, charactersMax);
  let opening = length;
  for (let at = 0; at < length; at += 1) opening = openWith(opening, word.charCodeAt(at));
  return opening;
}

function openingIn(codes: Uint16Array, start: number, end: number): number {
  const to = Math.min(end, start + OPENING_CHARS);
  let opening = to - start;
  for (let at = start; at < to; at += 1) opening = openWith(opening, codes[at] as number);
  return opening;
}

function openWith(opening: number, code: number): number {
  return (opening * 37 + code) & 0xffffff;
}

/** The word at a place; the empty one where there is none. */
export function wordAt({ text, list }: Words, at: number): string {
  const word = list[at];
  return word === undefined ? '' : text.slice(word.start, word.end);
}

/** Is this the word at a place? */
export function isWordAt({ text, list }: Words, at: number, word: string): boolean {
  const found = list[at];
  return found !== undefined && found.end - found.start === word.length && text.startsWith(word, found.start);
}

/** Does the word at a place begin so? */
export function beginsAt({ text, list }: Words, at: number, stem: string): boolean {
  const found = list[at];
  return found !== undefined && found.end - found.start >= stem.length && text.startsWith(stem, found.start);
}

/** The words of a folded text as they are written. */
export function wordsOf(text: string): readonly string[] {
  const words = segmentWords(text);
  return words.list.map((_, at) => wordAt(words, at));
}

/** Is this a run of a script that writes no spaces? */
export function isUnspaced(word: string): boolean {
  return word.charCodeAt(0) >= FIRST_UNSPACED && UNSPACED_WORD.test(word);
}

/** How many words of a language with spaces these would be, from one up to another. */
export function measureWords({ list }: Words, { from, to }: WordRange): number {
  let count = to - from;
  for (let at = from; at < to; at += 1) {
    const { start, end, unspaced } = list[at] as Word;
    if (unspaced) count += Math.max(1, (end - start) / CHARS_PER_WORD_UNSPACED) - 1;
  }
  return count;
}
