import { TEXT_CHARS_MAX, TextCodes } from './complexity/text-codes.ts';

/** What a character is to the scan. */
const LOWER = 1;
const UPPER = 2;
const DIGIT = 4;
/** Apostrophes and control characters: tokenx takes them for parts of words. */
const OTHER = 8;
/** Beyond ASCII. */
const FOREIGN = 16;
const WORD = LOWER | UPPER | DIGIT | OTHER | FOREIGN;
const BLANK = 32;
const LINE_BREAK = 64;
const SPACE = BLANK | LINE_BREAK;
const PUNCTUATION = 128;
/** What the scan ends at: it stands behind the text, and is what tokenx joins to the word before it. */
const END = 0;

const KINDS = new Uint8Array(0x10000).fill(FOREIGN);
for (let code = 0; code < 128; code += 1) KINDS[code] = kindOf(String.fromCharCode(code));
for (const blank of '\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff') KINDS[blank.charCodeAt(0)] = BLANK;
KINDS.fill(BLANK, 0x2000, 0x200b);
/** Punctuation of scripts without spaces, from one character to another. */
const JOINED = ['、〃', '〈】', '〔〟', '〰〰', '・・', '！／', '：＠', '［｀', '｛･'];
for (const [first = '', last = ''] of JOINED) KINDS.fill(END, first.charCodeAt(0), last.charCodeAt(0) + 1);

/** Identifiers, hashes and base64 are words that tokenx prices too low: characters a token, chosen low. */
const DENSE_CHARS_PER_TOKEN = 2.2;
const DENSE_WITH_DIGIT_MIN = 12;
const DENSE_LETTERS_MIN = 40;

const reader = new TextCodes();
const { codes } = reader;
const END_CODE = JOINED[0]?.charCodeAt(0) as number;

/**
 * What tokenx says of a text, with dense words priced as `DENSE_TEXT` prices them, but in one pass and without
 * splitting the text: a fortieth of the work. Words that are not all ASCII are asked of `estimateWord`. Undefined for
 * texts with punctuation of scripts without spaces, and for long ones. A property test holds it to the figures of tokenx.
 */
export function estimateInOnePass(text: string, estimateWord: (word: string) => number): number | undefined {
  if (text.length >= TEXT_CHARS_MAX) return undefined;
  reader.read(text);
  codes[text.length] = END_CODE;
  let tokens = 0;
  let before = 0;
  let at = 0;
  let kind = KINDS[codes[0] as number] as number;
  while (kind !== END) {
    const start = at;
    const alike = (kind & WORD) !== 0 ? WORD : kind === LINE_BREAK ? SPACE : kind;
    let kinds = 0;
    do {
      kinds |= kind;
      at += 1;
      kind = KINDS[codes[at] as number] as number;
    } while ((kind & alike) !== 0);
    // Blanks count only after a line break.
    if (kinds === BLANK) continue;
    tokens += (kinds & FOREIGN) === 0 ? tokensOfRun(at - start, kinds, before) : estimateWord(text.slice(start, at));
    before = kinds;
  }
  return at === text.length ? tokens : undefined;
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
