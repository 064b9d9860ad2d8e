import { Buffer } from 'node:buffer';

/** What a character is to the scan. */
const LOWER = 1;
const UPPER = 2;
const DIGIT = 4;
/** Apostrophes and control characters: tokenx takes them for parts of words. */
const OTHER = 8;
const WORD = LOWER | UPPER | DIGIT | OTHER;
const SPACE = 16;
const PUNCTUATION = 32;

const LINE_BREAK = 10;

const BEYOND_ASCII = 128;
/** Of each byte; none beyond ASCII. */
const KINDS = new Uint8Array(256).map((_, code) => (code < BEYOND_ASCII ? kindOf(String.fromCharCode(code)) : 0));

/** Identifiers, hashes and base64 are words that tokenx prices too low: characters a token, chosen low. */
const DENSE_CHARS_PER_TOKEN = 2.2;
const DENSE_WITH_DIGIT_MIN = 12;
const DENSE_LETTERS_MIN = 40;

/** The characters as bytes, since a loop over these costs half of one over a string. */
const BYTES = Buffer.alloc(4_096);
/** In UTF-8 no text takes more than three bytes for each of its `length`. */
const CHARS_MAX = Math.floor(BYTES.length / 3);

/**
 * What tokenx says of a text of ASCII characters, with dense words priced as `DENSE_TEXT` prices
 * them, but in one pass and without splitting the text: a fortieth of the work, and most prompts are
 * such. Undefined for other texts and for long ones. A property test holds it to the figures of tokenx.
 */
export function estimateAsciiTokens(text: string): number | undefined {
  if (text.length > CHARS_MAX || BYTES.write(text) !== text.length) return undefined;
  BYTES[text.length] = BEYOND_ASCII;
  let tokens = 0;
  let before = 0;
  let at = 0;
  while (at < text.length) {
    const start = at;
    let kind = KINDS[BYTES[at] as number] as number;
    const alike = (kind & WORD) === 0 ? kind : WORD;
    let kinds = 0;
    // Ends with the text at the latest: what stands behind it is like nothing.
    while ((kind & alike) !== 0) {
      kinds |= kind;
      at += 1;
      kind = KINDS[BYTES[at] as number] as number;
    }
    tokens += tokensOfRun(start, at, kinds, before);
    before = kinds;
  }
  return tokens;
}

/** `kinds` of characters make the run, white space, punctuation or a word; `before` made the one before it. */
function tokensOfRun(start: number, end: number, kinds: number, before: number): number {
  const length = end - start;
  switch (kinds) {
    case SPACE:
      return tokensOfSpace(start, end, before);
    case PUNCTUATION:
      return length <= 3 ? 1 : Math.ceil(length / 6);
    default:
      return tokensOfWord(length, kinds);
  }
}

function tokensOfWord(length: number, kinds: number): number {
  const dense = (kinds & OTHER) === 0 && length >= ((kinds & DIGIT) === 0 ? DENSE_LETTERS_MIN : DENSE_WITH_DIGIT_MIN);
  if (dense) return Math.ceil(length / DENSE_CHARS_PER_TOKEN);
  if (kinds === DIGIT) return Math.ceil(length / 3);
  if (length <= 3 || (length <= 8 && kinds === LOWER)) return 1;
  return Math.ceil(length / 7);
}

/** Indentation and blank lines count, and so does a single line break that no punctuation announces. */
function tokensOfSpace(start: number, end: number, before: number): number {
  for (let at = start; at < end - 1; at += 1) if (BYTES[at] === LINE_BREAK) return 1;
  return BYTES[end - 1] === LINE_BREAK && before !== PUNCTUATION ? 1 : 0;
}

function kindOf(character: string): number {
  if (/[a-z]/.test(character)) return LOWER;
  if (/[A-Z]/.test(character)) return UPPER;
  if (/\d/.test(character)) return DIGIT;
  if (/\s/.test(character)) return SPACE;
  return /[.,!?;(){}[\]<>:/\\|@#$%^&*+=`~_"-]/.test(character) ? PUNCTUATION : OTHER;
}
