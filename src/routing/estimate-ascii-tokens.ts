import { Buffer } from 'node:buffer';

/** What a character is to the scan. */
const LOWER = 1;
const UPPER = 2;
const DIGIT = 4;
/** Apostrophes and control characters: tokenx takes them for parts of words. */
const OTHER = 8;
const WORD = LOWER | UPPER | DIGIT | OTHER;
const BLANK = 16;
const LINE_BREAK = 32;
const SPACE = BLANK | LINE_BREAK;
const PUNCTUATION = 64;

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
  let kind = KINDS[BYTES[0] as number] as number;
  // What stands behind the text is of no kind.
  while (kind !== 0) {
    const start = at;
    const alike = (kind & WORD) !== 0 ? WORD : kind === LINE_BREAK ? SPACE : kind;
    let kinds = 0;
    do {
      kinds |= kind;
      at += 1;
      kind = KINDS[BYTES[at] as number] as number;
    } while ((kind & alike) !== 0);
    // Blanks count only after a line break.
    if (kinds === BLANK) continue;
    tokens += tokensOfRun(at - start, kinds, before);
    before = kinds;
  }
  return tokens;
}

/** `kinds` of characters make the run, a word, punctuation or white space; `before` made the one before it. */
function tokensOfRun(length: number, kinds: number, before: number): number {
  if ((kinds & WORD) !== 0) return tokensOfWord(length, kinds);
  if (kinds === PUNCTUATION) return length <= 3 ? 1 : Math.ceil(length / 6);
  // Indentation and blank lines count, and so does a single line break that no punctuation announces.
  return length > 1 || before !== PUNCTUATION ? 1 : 0;
}

function tokensOfWord(length: number, kinds: number): number {
  if (length <= 3 || (length <= 8 && kinds === LOWER)) return 1;
  const dense = (kinds & OTHER) === 0 && length >= ((kinds & DIGIT) === 0 ? DENSE_LETTERS_MIN : DENSE_WITH_DIGIT_MIN);
  if (dense) return Math.ceil(length / DENSE_CHARS_PER_TOKEN);
  return Math.ceil(length / (kinds === DIGIT ? 3 : 7));
}

function kindOf(character: string): number {
  if (/[a-z]/.test(character)) return LOWER;
  if (/[A-Z]/.test(character)) return UPPER;
  if (/\d/.test(character)) return DIGIT;
  if (character === '\n') return LINE_BREAK;
  if (/\s/.test(character)) return BLANK;
  return /[.,!?;(){}[\]<>:/\\|@#$%^&*+=`~_"-]/.test(character) ? PUNCTUATION : OTHER;
}
