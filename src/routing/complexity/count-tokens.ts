import { forgetSeen, hashSpan, isFirst } from './distinct.ts';
import { TOKEN, type Tokens } from './tokens.ts';
import { COMMON_MASK, classesOfWord, WORD_CLASSES } from './word-classes.ts';

/** What is counted in a question, its options aside. */
export const newCounts = () => ({
  words: 0,
  letters: 0,
  characters: 0,
  longWords: 0,
  longerWords: 0,
  longestWord: 0,
  uncommonWords: 0,
  ideographs: 0,
  foreignWords: 0,
  numbers: 0,
  decimals: 0,
  largeNumbers: 0,
  years: 0,
  digitsMax: 0,
  marks: 0,
  commas: 0,
  sentences: 0,
  longestSentence: 0,
  questions: 0,
  colons: 0,
  brackets: 0,
  quotes: 0,
  operators: 0,
  relations: 0,
  money: 0,
  percents: 0,
  dashes: 0,
  blanks: 0,
  latexCommands: 0,
  mathsMarks: 0,
  codeMarks: 0,
  romanNumerals: 0,
  distinctWords: 0,
  distinctRareWords: 0,
  distinctNumbers: 0,
  syllables: 0,
  lastSentence: 0,
  numericSentences: 0,
});
export type Counts = ReturnType<typeof newCounts>;

const LONG_WORD_CHARS = 7;
const LONGER_WORD_CHARS = 10;
/** A longer run of letters is no word, and says as much as one of this length. */
const WORD_CHARS_MAX = 24;
const LARGE_NUMBER_DIGITS = 4;
const BACKSLASH = 0x5c;
const VOWELS = asciiSet('aeiouy');
const ROMAN = asciiSet('ivx');

/** What a mark counts as. Marks that are not here count as marks only. */
const MARK_KINDS = new Map<number, keyof Counts>([
  ...entries(',', 'commas'),
  ...entries('.!。！;；', 'sentences'),
  ...entries('?？؟', 'questions'),
  ...entries(':', 'colons'),
  ...entries('()（）', 'brackets'),
  ...entries('"“”«»„', 'quotes'),
  ...entries('+*/^×÷·−', 'operators'),
  ...entries('=<>≤≥≠≈', 'relations'),
  ...entries('$€£¥', 'money'),
  ...entries('%', 'percents'),
  ...entries('-–—', 'dashes'),
  ...entries('_', 'blanks'),
  ...entries('∑∫∂√∞∀∃∈∩∪⊂→⇒π', 'mathsMarks'),
  ...entries('{}[];#`&|~@', 'codeMarks'),
]);

/** Counts tokens from one place up to another, and adds up the word classes of each. */
export function countTokens(tokens: Tokens, range: { from: number; to: number }, classCounts: Float64Array): Counts {
  const counts = newCounts();
  let sentenceStart = range.from;
  let numericSentence = 0;
  for (let at = range.from; at < range.to; at += 1) {
    const kind = tokens.kinds[at];
    counts.characters += (tokens.ends[at] as number) - (tokens.starts[at] as number);
    if (kind === TOKEN.word) countWord(tokens, at, counts, classCounts);
    else if (kind === TOKEN.number) {
      countNumber(tokens, at, counts);
      numericSentence = 1;
    } else if (kind === TOKEN.ideograph) counts.ideographs += 1;
    else {
      const mark = MARK_KINDS.get(tokens.hashes[at] as number);
      counts.marks += 1;
      if (mark === undefined) continue;
      counts[mark] += 1;
      if (mark !== 'sentences' && mark !== 'questions') continue;
      counts.longestSentence = Math.max(counts.longestSentence, at - sentenceStart);
      if (at > sentenceStart) counts.lastSentence = at - sentenceStart;
      counts.numericSentences += numericSentence;
      numericSentence = 0;
      sentenceStart = at + 1;
    }
  }
  if (range.to - sentenceStart > 1) counts.lastSentence = range.to - sentenceStart;
  counts.numericSentences += numericSentence;
  forgetSeen();
  counts.longestSentence = Math.max(counts.longestSentence, range.to - sentenceStart);
  return counts;
}

function countWord(tokens: Tokens, at: number, counts: Counts, classCounts: Float64Array): void {
  const start = tokens.starts[at] as number;
  const length = Math.min(WORD_CHARS_MAX, (tokens.ends[at] as number) - start);
  counts.words += 1;
  counts.letters += length;
  if (length >= LONG_WORD_CHARS) counts.longWords += 1;
  if (length >= LONGER_WORD_CHARS) counts.longerWords += 1;
  if (length > counts.longestWord) counts.longestWord = length;
  const code = tokens.text.charCodeAt(start);
  if (code > 0x24f) counts.foreignWords += 1;
  if (start > 0 && tokens.text.charCodeAt(start - 1) === BACKSLASH) counts.latexCommands += 1;
  if (length <= 3 && isRomanNumeral(tokens.text, start, length)) counts.romanNumerals += 1;
  let classes = classesOfWord(tokens.hashes[at] as number);
  if (classes === 0) counts.uncommonWords += 1;
  if (isFirst(tokens.hashes[at] as number)) {
    counts.distinctWords += 1;
    if (classes === 0) counts.distinctRareWords += 1;
  }
  counts.syllables += countSyllables(tokens.text, start, start + length);
  classes &= ~COMMON_MASK;
  for (; classes !== 0; classes &= classes - 1) {
    const bit = 31 - Math.clz32(classes & -classes);
    classCounts[bit] = (classCounts[bit] as number) + 1;
  }
}

function countNumber(tokens: Tokens, at: number, counts: Counts): void {
  const shape = tokens.hashes[at] as number;
  const whole = shape >> 4;
  counts.numbers += 1;
  if (isFirst(hashSpan(tokens, at))) counts.distinctNumbers += 1;
  if ((shape & 15) > 0) counts.decimals += 1;
  if (whole >= LARGE_NUMBER_DIGITS) counts.largeNumbers += 1;
  if (isYear(tokens, at)) counts.years += 1;
  if (whole > counts.digitsMax) counts.digitsMax = whole;
}

/** "ii", "iv", "vi": the statements that a question numbers; a bare "i" is a word. */
function isRomanNumeral(text: string, start: number, length: number): boolean {
  if (length < 2) return false;
  for (let at = start; at < start + length; at += 1) if (ROMAN[text.charCodeAt(at)] !== 1) return false;
  return true;
}

/** 1 for each of the letters, by its code. */
function asciiSet(letters: string): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (letters.includes(String.fromCharCode(code)) ? 1 : 0));
}

function entries(marks: string, kind: keyof Counts): readonly (readonly [number, keyof Counts])[] {
  return [...marks].map((mark) => [mark.charCodeAt(0), kind] as const);
}

/** Four digits, of this millennium or the last. */
function isYear(tokens: Tokens, at: number): boolean {
  const start = tokens.starts[at] as number;
  return (tokens.ends[at] as number) - start === 4 && '12'.includes(tokens.text[start] as string);
}

/** Groups of vowels of the Latin alphabet; other scripts have none. */
function countSyllables(text: string, start: number, end: number): number {
  let count = 0;
  let inVowels = false;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    const isVowel = code < 128 && VOWELS[code] === 1;
    if (isVowel && !inVowels) count += 1;
    inVowels = isVowel;
  }
  return count;
}

/** As many counters as there are word classes. */
export function newClassCounts(): Float64Array {
  return new Float64Array(WORD_CLASSES.length);
}
