/** What a token is; the numbers are stored, one a token. */
export const TOKEN = { word: 1, number: 2, mark: 3, ideograph: 4 } as const;

/** A text cut into tokens, column by column. Valid until the next call of `tokenise`, which uses the same memory. */
export type Tokens = {
  readonly text: string;
  count: number;
  /** One of `TOKEN`. */
  readonly kinds: Uint8Array;
  /** Of a word its hash, of a number its shape (digits before and after the point), of a mark its character code. */
  readonly hashes: Int32Array;
  readonly starts: Uint16Array;
  readonly ends: Uint16Array;
};

/** No text longer than this is cut into tokens; see `capText`. */
export const TOKENISED_CHARS_MAX = 4_608;

const SPACE = 0;
const LETTER = 1;
const DIGIT = 2;
const MARK = 3;
const IDEOGRAPH = 4;
const ASCII_CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code <= 0x20 || code === 0x7f) return SPACE;
  const character = String.fromCharCode(code);
  if (/[a-z]/i.test(character)) return LETTER;
  return /[0-9]/.test(character) ? DIGIT : MARK;
});
const APOSTROPHE = 0x27;
const RIGHT_QUOTE = 0x2019;
const COMMA = 0x2c;
const POINT = 0x2e;
const HASH_SEED = 0x811c9dc5 | 0;
const HASH_FACTOR = 0x01000193;

const kinds = new Uint8Array(TOKENISED_CHARS_MAX);
const hashes = new Int32Array(TOKENISED_CHARS_MAX);
const starts = new Uint16Array(TOKENISED_CHARS_MAX);
const ends = new Uint16Array(TOKENISED_CHARS_MAX);

/** The hash of a whole word, as `tokenise` computes it; FNV-1a, 32 bits. */
export function hashWord(word: string): number {
  return hashCharacters(word, 0, word.length);
}

/** FNV-1a over the characters of a span; `seed` continues another hash. */
export function hashCharacters(text: string, start: number, end: number, seed = HASH_SEED): number {
  let hash = seed;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_FACTOR);
  return hash;
}

/**
 * Cuts folded text into words, numbers and marks; white space only divides, however much of it
 * there is. An apostrophe inside a word is dropped, a repeated mark is one token, and of a script
 * without spaces each character is a token.
 */
export function tokenise(text: string): Tokens {
  const length = Math.min(text.length, TOKENISED_CHARS_MAX);
  let count = 0;
  for (let at = 0; at < length; ) {
    const code = text.charCodeAt(at);
    const kind = classOf(code);
    if (kind === SPACE) {
      at += 1;
      continue;
    }
    starts[count] = at;
    if (kind === LETTER) {
      kinds[count] = TOKEN.word;
      at = readWord(text, at, length, count);
    } else if (kind === DIGIT) {
      kinds[count] = TOKEN.number;
      at = readNumber(text, at, length, count);
    } else {
      kinds[count] = kind === MARK ? TOKEN.mark : TOKEN.ideograph;
      hashes[count] = code;
      at += 1;
      if (kind === MARK) while (at < length && text.charCodeAt(at) === code) at += 1;
    }
    ends[count] = at;
    count += 1;
  }
  return { text, count, kinds, hashes, starts, ends };
}

function readWord(text: string, from: number, length: number, slot: number): number {
  let hash = HASH_SEED;
  let at = from;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    const kind = classOf(code);
    if (kind === LETTER || kind === DIGIT) hash = Math.imul(hash ^ code, HASH_FACTOR);
    else if (!isApostrophe(code) || at + 1 >= length || classOf(text.charCodeAt(at + 1)) !== LETTER) break;
  }
  hashes[slot] = hash;
  return at;
}

function readNumber(text: string, from: number, length: number, slot: number): number {
  let whole = 0;
  let fraction = 0;
  let afterPoint = false;
  let at = from;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (classOf(code) === DIGIT) {
      if (afterPoint) fraction += 1;
      else whole += 1;
      continue;
    }
    if (code !== POINT && code !== COMMA) break;
    if (at + 1 >= length || classOf(text.charCodeAt(at + 1)) !== DIGIT) break;
    if (code === POINT) afterPoint = true;
  }
  hashes[slot] = Math.min(15, whole) * 16 + Math.min(15, fraction);
  return at;
}

function isApostrophe(code: number): boolean {
  return code === APOSTROPHE || code === RIGHT_QUOTE;
}

function classOf(code: number): number {
  return code < 128 ? (ASCII_CLASSES[code] as number) : classOfOther(code);
}

/** By block, which is exact enough: what is neither space nor symbol nor ideograph is a letter. */
function classOfOther(code: number): number {
  if (code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200d) || code === 0x2028) return SPACE;
  if (code < 0xc0) return code === 0xaa || code === 0xb5 || code === 0xba ? LETTER : MARK;
  if (code === 0xd7 || code === 0xf7) return MARK;
  if (code >= 0x2010 && code <= 0x2bff) return MARK;
  if (code >= 0x3001 && code <= 0x303f) return code === 0x3005 ? IDEOGRAPH : MARK;
  if (code >= 0x3040 && code <= 0x9fff) return IDEOGRAPH;
  if (code >= 0x0e00 && code <= 0x0eff) return IDEOGRAPH;
  if (code >= 0x1000 && code <= 0x109f) return IDEOGRAPH;
  if (code >= 0x1780 && code <= 0x17ff) return IDEOGRAPH;
  if (code >= 0xd800 && code <= 0xdfff) return MARK;
  if (code >= 0xf900 && code <= 0xfaff) return IDEOGRAPH;
  if (code >= 0xfe10 && code <= 0xfe6f) return MARK;
  return code >= 0xff00 ? MARK : LETTER;
}
