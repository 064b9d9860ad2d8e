import { BucketSet, bucketOf } from './bucket-set.ts';
import { add, SLOT, WORD_CLASS_SLOT } from './surface.ts';
import { asciiSet, hashCodes, MEASURED_CHARS_MAX, type Token, type TokenRange, type Tokens } from './tokens.ts';

const LONG_WORD_CHARS = 7;
const LONGER_WORD_CHARS = 10;
const LATIN_MAX = 0x24f;
const LARGE_NUMBER_DIGITS = 4;
const DIGIT_1 = 0x31;
const DIGIT_2 = 0x32;
const BACKSLASH = 0x5c;
const ROMAN = asciiSet('ivx');

const seen = new BucketSet();

/** Counts the words and numbers of a question, its options aside; in place of the mean length of words stand their letters. */
export function countWords({ codes, list }: Tokens, { from, to }: TokenRange, surface: Float64Array): void {
  const counts = { words: 0, letters: 0, long: 0, longer: 0, longest: 0, rare: 0, foreign: 0, latex: 0, roman: 0 };
  let distinct = 0;
  let distinctRare = 0;
  let syllables = 0;
  for (let at = from; at < to; at += 1) {
    const token = list[at] as Token;
    const { kind, hash, start, known } = token;
    if (kind === 'number') countNumber(token, codes, surface);
    if (kind !== 'word') continue;
    const letters = Math.min(MEASURED_CHARS_MAX, token.end - start);
    counts.words += 1;
    counts.letters += letters;
    if (letters >= LONG_WORD_CHARS) counts.long += 1;
    if (letters >= LONGER_WORD_CHARS) counts.longer += 1;
    if (letters > counts.longest) counts.longest = letters;
    if ((codes[start] as number) > LATIN_MAX) counts.foreign += 1;
    if (start > 0 && codes[start - 1] === BACKSLASH) counts.latex += 1;
    if (isRomanNumeral(codes, start, letters)) counts.roman += 1;
    syllables += token.vowelGroups;
    if (known.classes === undefined) counts.rare += 1;
    else addClasses(known.classes, surface);
    if (!seen.add(bucketOf(hash))) continue;
    distinct += 1;
    if (known.classes === undefined) distinctRare += 1;
  }
  seen.clear();
  surface[SLOT.words] = counts.words;
  surface[SLOT['mean word length']] = counts.letters;
  surface[SLOT['long words']] = counts.long;
  surface[SLOT['very long words']] = counts.longer;
  surface[SLOT['longest word']] = counts.longest;
  surface[SLOT['rare words']] = counts.rare;
  surface[SLOT['words of other scripts']] = counts.foreign;
  surface[SLOT.LaTeX] = counts.latex;
  surface[SLOT['numbered statements']] = counts.roman;
  surface[SLOT['distinct words']] = distinct;
  surface[SLOT['distinct rare words']] = distinctRare;
  surface[SLOT.syllables] = syllables;
}

function countNumber(token: Token, codes: Uint16Array, surface: Float64Array): void {
  const shape = token.hash;
  const whole = shape >> 4;
  add(surface, SLOT.numbers);
  if (seen.add(bucketOf(hashCodes(codes, token.start, token.end)))) add(surface, SLOT['distinct numbers']);
  if ((shape & 15) > 0) add(surface, SLOT.decimals);
  if (whole >= LARGE_NUMBER_DIGITS) add(surface, SLOT['large numbers']);
  if (isYear(token, codes)) add(surface, SLOT.years);
  if (whole > (surface[SLOT['longest number']] as number)) surface[SLOT['longest number']] = whole;
}

/** Four digits, of this millennium or the last. */
function isYear({ start, end }: Token, codes: Uint16Array): boolean {
  return end - start === 4 && (codes[start] === DIGIT_1 || codes[start] === DIGIT_2);
}

function addClasses(classes: readonly number[], surface: Float64Array): void {
  for (let at = 0; at < classes.length; at += 1) add(surface, WORD_CLASS_SLOT + (classes[at] as number));
}

/** "ii", "iv", "vi": the statements that a question numbers; a bare "i" is a word. */
function isRomanNumeral(codes: Uint16Array, start: number, length: number): boolean {
  if (length < 2 || length > 3) return false;
  for (let at = start; at < start + length; at += 1) if (ROMAN[codes[at] as number] !== 1) return false;
  return true;
}
