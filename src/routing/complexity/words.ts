import { isAscii } from './is-ascii.ts';
import { findWord, hashCodes, type Token, type Tokens, tokenise } from './tokens.ts';
import { UNSPACED } from './unspaced.ts';

/** The whole words of a folded text; `codes` as in `Tokens`. */
export type Words = { readonly text: string; readonly codes: Uint16Array; readonly list: readonly Token[] };

/** From one word up to another. */
export type WordRange = { readonly from: number; readonly to: number };

const IN_RUN = new RegExp(`[${UNSPACED}]`, 'v');
const IN_WORD = /[\p{L}\p{N}\p{M}]/v;
/** Of each code point what it is part of, once that was asked. */
const PARTS = new Uint8Array(0x11_0000);
const NO_PART = 1;
const PART_OF_WORD = 2;
const PART_OF_RUN = 3;

/** Characters that carry about as much as one English word. */
const CHARS_PER_WORD_UNSPACED = 1.8;

/**
 * Cuts folded text into its whole words: runs of letters, marks and digits. Apostrophes and hyphens
 * divide. A run of a script without spaces is one word, cut where another script begins.
 */
export function segmentWords(text: string): Words {
  const tokens = tokenise(text);
  return { text, codes: tokens.codes, list: isAscii(text) ? segmentAscii(tokens) : segmentAny(tokens) };
}

/** The tokens, mostly; but what follows one without a gap belongs to it ("4th"), and one that passes over a mark is several ("don't"). */
function segmentAscii({ codes, list }: Tokens): readonly Token[] {
  const words: Token[] = [];
  let lastEnd = -1;
  for (const token of list) {
    const { kind, joined, start, end } = token;
    if (kind === 'mark') continue;
    if (start === lastEnd) addRuns(codes, (words.pop() as Token).start, end, words);
    else if (joined || kind === 'number') addRuns(codes, start, end, words);
    else words.push(token);
    lastEnd = end;
  }
  return words;
}

/** Adds the runs of letters and digits in a span of folded ASCII text. */
function addRuns(codes: Uint16Array, start: number, end: number, words: Token[]): void {
  for (let from = start; from < end; ) {
    let to = from;
    while (to < end && isLetterOrDigit(codes[to] as number)) to += 1;
    words.push(toWord('word', codes, from, to));
    from = to + 1;
  }
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function segmentAny({ text, codes }: Tokens): readonly Token[] {
  const words: Token[] = [];
  let part = NO_PART;
  let start = 0;
  for (let at = 0; at <= text.length; ) {
    const code = at < text.length ? codePointAt(codes, at, text.length) : 0;
    const next = PARTS[code] || askPart(code);
    if (next !== part) {
      if (part !== NO_PART) words.push(toWord(part === PART_OF_RUN ? 'run' : 'word', codes, start, at));
      part = next;
      start = at;
    }
    at += code > 0xffff ? 2 : 1;
  }
  return words;
}

function askPart(code: number): number {
  const character = String.fromCodePoint(code);
  const part = IN_RUN.test(character) ? PART_OF_RUN : IN_WORD.test(character) ? PART_OF_WORD : NO_PART;
  PARTS[code] = part;
  return part;
}

function codePointAt(codes: Uint16Array, at: number, end: number): number {
  const first = codes[at] as number;
  if ((first & 0xfc00) !== 0xd800 || at + 1 === end) return first;
  const second = codes[at + 1] as number;
  return (second & 0xfc00) === 0xdc00 ? 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00) : first;
}

function toWord(kind: 'word' | 'run', codes: Uint16Array, start: number, end: number): Token {
  const hash = hashCodes(codes, start, end);
  return { kind, hash, joined: false, known: findWord(hash), vowelGroups: 0, start, end };
}

/** A word of a text as it is written. */
export function written({ text }: Words, { start, end }: Token): string {
  return text.slice(start, end);
}

/** How many words of a language with spaces these would be, from one up to another. */
export function measureWords({ list }: Words, { from, to }: WordRange): number {
  let count = to - from;
  for (let at = from; at < to; at += 1) {
    const { kind, start, end } = list[at] as Token;
    if (kind === 'run') count += Math.max(1, (end - start) / CHARS_PER_WORD_UNSPACED) - 1;
  }
  return count;
}
