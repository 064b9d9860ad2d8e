import { isAscii } from './is-ascii.ts';
import { findWord, hashCodes, type Token, type Tokens, tokenise } from './tokens.ts';
import { isUnspaced, UNSPACED } from './unspaced.ts';

/** The whole words of a folded text; `codes` as in `Tokens`. */
export type Words = { readonly text: string; readonly codes: Uint16Array; readonly list: readonly Token[] };

/** From one word up to another. */
export type WordRange = { readonly from: number; readonly to: number };

const ANY_WORD = new RegExp(String.raw`[${UNSPACED}]+|[[\p{L}\p{N}\p{M}]--[${UNSPACED}]]+`, 'gv');

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
  let end = 0;
  return (text.match(ANY_WORD) ?? []).map((word) => {
    const start = text.indexOf(word, end);
    end = start + word.length;
    return toWord(isUnspaced(word) ? 'run' : 'word', codes, start, end);
  });
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
