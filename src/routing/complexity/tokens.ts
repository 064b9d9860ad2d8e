import { codesOf, TextCodes } from './text-codes.ts';
import { KNOWN_WORDS, type KnownWord, UNKNOWN } from './vocabulary.ts';

/** A word, a number, a mark, or one character of a script without spaces; among whole words a run of such characters. */
export type Token = {
  readonly kind: 'word' | 'number' | 'mark' | 'ideograph' | 'run';
  /** Of a word its hash, of a number its shape (digits before and after the point), of a mark its character code. */
  readonly hash: number;
  /** An apostrophe in a word was passed over. */
  readonly joined: boolean;
  /** What is known of a word; of nothing else anything is. */
  readonly known: KnownWord;
  /** Of a word, how many groups of vowels its first `MEASURED_CHARS_MAX` characters have; other scripts have none. */
  readonly vowelGroups: number;
  readonly start: number;
  readonly end: number;
};

/** A text cut into tokens. */
export type Tokens = {
  readonly text: string;
  /** The UTF-16 codes of the text; valid until the next call of `tokenise`, which uses the same memory. */
  readonly codes: Uint16Array;
  readonly list: readonly Token[];
};

/** From one token up to another. */
export type TokenRange = { readonly from: number; readonly to: number };

/** A longer run of letters is no word, and says as much as one of this length. */
export const MEASURED_CHARS_MAX = 24;

/** What a character is to the scan. */
const SPACE = 0;
const LETTER = 1;
const DIGIT = 2;
const IN_WORD = LETTER | DIGIT;
const MARK = 4;
const IDEOGRAPH = 8;
/** Of the Latin alphabet. */
const VOWEL = 16;
/** By block, which is exact enough: what is neither space nor symbol nor ideograph is a letter. A later row wins. */
const BLOCKS: readonly (readonly [kind: number, ...spans: readonly (readonly [first: number, last: number])[]])[] = [
  [LETTER, [0, 0xffff]],
  [MARK, [0x21, 0xbf], [0xd7, 0xd7], [0xf7, 0xf7], [0x2000, 0x2bff], [0x3000, 0x303f], [0xd800, 0xdfff]],
  [MARK, [0xfe10, 0xfe6f], [0xff00, 0xffff]],
  [LETTER, [0x41, 0x5a], [0x61, 0x7a], [0xaa, 0xaa], [0xb5, 0xb5], [0xba, 0xba]],
  [DIGIT, [0x30, 0x39]],
  [
    IDEOGRAPH,
    [0x0e00, 0x0eff],
    [0x1000, 0x109f],
    [0x1780, 0x17ff],
    [0x3005, 0x3005],
    [0x3040, 0x9fff],
    [0xf900, 0xfaff],
  ],
  [SPACE, [0x00, 0x20], [0x7f, 0x7f], [0xa0, 0xa0], [0x2000, 0x200d], [0x2028, 0x2028], [0x3000, 0x3000]],
];
/** By code: no character costs more than a look. */
const CLASSES = new Uint8Array(0x10000);
for (const [kind, ...spans] of BLOCKS) for (const [first, last] of spans) CLASSES.fill(kind, first, last + 1);
for (const vowel of 'aeiouy') CLASSES[vowel.charCodeAt(0)] = LETTER | VOWEL;

const APOSTROPHE = 0x27;
const RIGHT_QUOTE = 0x2019;
const COMMA = 0x2c;
const POINT = 0x2e;
const HASH_SEED = 0x811c9dc5 | 0;
const HASH_FACTOR = 0x01000193;

const reader = new TextCodes();
const { codes } = reader;

/** The hash of a whole word, as `tokenise` computes it; FNV-1a, 32 bits. */
export function hashWord(word: string): number {
  return hashCodes(codesOf(word), 0, word.length);
}

/** The hash of a span of UTF-16 codes. */
export function hashCodes(text: Uint16Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (text[at] as number), HASH_FACTOR);
  return hash;
}

/** The hash of a span of a text; `seed` continues another hash. */
export function hashCharacters(text: string, start: number, end: number, seed = HASH_SEED): number {
  let hash = seed;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_FACTOR);
  return hash;
}

const knownByHash = new Map<number, KnownWord>();
for (const word of KNOWN_WORDS) knownByHash.set(hashWord(word.text), word);

/** What is known of a word, by its hash. */
export function findWord(hash: number): KnownWord {
  return knownByHash.get(hash) ?? UNKNOWN;
}

/**
 * Cuts folded text into words, numbers and marks; white space only divides, however much of it
 * there is. An apostrophe inside a word is dropped, a repeated mark is one token, and of a script
 * without spaces each character is a token.
 */
export function tokenise(text: string): Tokens {
  if (last.text !== text) last = { text, codes, list: readTokens(text) };
  return last;
}

/** Whoever classifies a turn reads its words and its features, both made of these. */
let last: Tokens = { text: '', codes, list: [] };

function readTokens(text: string): readonly Token[] {
  const length = reader.read(text);
  const list: Token[] = [];
  for (let at = 0; at < length; ) {
    const kind = CLASSES[codes[at] as number] as number;
    if (kind === SPACE) {
      at += 1;
      continue;
    }
    const token = readToken(kind, at, length);
    list.push(token);
    at = token.end;
  }
  return list;
}

function readToken(kind: number, start: number, length: number): Token {
  if ((kind & LETTER) !== 0) return readWord(start, length);
  if (kind === DIGIT) return readNumber(start, length);
  const code = codes[start] as number;
  let end = start + 1;
  if (kind === IDEOGRAPH)
    return { kind: 'ideograph', hash: code, joined: false, known: UNKNOWN, vowelGroups: 0, start, end };
  while (end < length && codes[end] === code) end += 1;
  return { kind: 'mark', hash: code, joined: false, known: UNKNOWN, vowelGroups: 0, start, end };
}

function readWord(start: number, length: number): Token {
  const measuredTo = start + MEASURED_CHARS_MAX;
  let hash = HASH_SEED;
  let joined = false;
  let vowelGroups = 0;
  let before = 0;
  let end = start;
  for (; end < length; end += 1) {
    const code = codes[end] as number;
    const kind = CLASSES[code] as number;
    if ((kind & IN_WORD) !== 0) hash = Math.imul(hash ^ code, HASH_FACTOR);
    else if (isApostrophe(code) && isLetter(end + 1, length)) joined = true;
    else break;
    if ((kind & ~before & VOWEL) !== 0 && end < measuredTo) vowelGroups += 1;
    before = kind;
  }
  return { kind: 'word', hash, joined, known: findWord(hash), vowelGroups, start, end };
}

function readNumber(start: number, length: number): Token {
  let whole = 0;
  let fraction = 0;
  let afterPoint = false;
  let end = start;
  for (; end < length; end += 1) {
    const code = codes[end] as number;
    if (CLASSES[code] === DIGIT) {
      if (afterPoint) fraction += 1;
      else whole += 1;
      continue;
    }
    if (code !== POINT && code !== COMMA) break;
    if (end + 1 >= length || CLASSES[codes[end + 1] as number] !== DIGIT) break;
    if (code === POINT) afterPoint = true;
  }
  const hash = Math.min(15, whole) * 16 + Math.min(15, fraction);
  return { kind: 'number', hash, joined: false, known: UNKNOWN, vowelGroups: 0, start, end };
}

function isLetter(at: number, length: number): boolean {
  return at < length && ((CLASSES[codes[at] as number] as number) & LETTER) !== 0;
}

/** 1 for each of the characters, by its code; nothing for codes beyond ASCII. */
export function asciiSet(characters: string): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0));
}

function isApostrophe(code: number): boolean {
  return code === APOSTROPHE || code === RIGHT_QUOTE;
}
