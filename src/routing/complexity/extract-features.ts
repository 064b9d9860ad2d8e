import { capText } from './cap-text.ts';
import { type Counts, countTokens, newClassCounts } from './count-tokens.ts';
import { hashBuckets } from './hash-buckets.ts';
import { findOptions, type OptionList } from './options.ts';
import { tokenise } from './tokens.ts';
import { WORD_CLASSES } from './word-classes.ts';
import { unwrap } from './wrappers.ts';

/** What the model reads of one text. */
export type PromptFeatures = {
  /** In the order of `SURFACE_NAMES`; the model standardises them. */
  readonly surface: Float64Array;
  /** Distinct buckets of hashed words and pairs of words, each below `BUCKET_COUNT`. */
  readonly buckets: Uint16Array;
};

/** Ideographs that carry about as much as one word. */
export const IDEOGRAPHS_PER_WORD = 1.8;

type Read = (counts: Counts, options: OptionList, words: number) => number;

/** By their names for people. A count becomes a logarithm, so that ten more of many say little; a plain number stays. */
const SURFACE: readonly (readonly [name: string, kind: 'count' | 'plain', read: Read])[] = [
  ['length', 'count', ({ characters }) => characters],
  ['length with options', 'count', ({ characters }, options) => characters + options.characters],
  ['words', 'count', (_, __, words) => words],
  ['sentences', 'count', ({ sentences, questions }) => sentences + questions],
  ['words a sentence', 'count', ({ sentences, questions }, _, words) => words / Math.max(1, sentences + questions)],
  ['longest sentence', 'count', ({ longestSentence }) => longestSentence],
  ['mean word length', 'plain', ({ letters }, _, words) => letters / Math.max(3, words)],
  ['long words', 'count', ({ longWords }) => longWords],
  ['share of long words', 'plain', ({ longWords }, _, words) => longWords / Math.max(5, words)],
  ['very long words', 'count', ({ longerWords }) => longerWords],
  ['longest word', 'count', ({ longestWord }) => longestWord],
  ['rare words', 'count', ({ uncommonWords }) => uncommonWords],
  ['share of rare words', 'plain', ({ uncommonWords }, _, words) => uncommonWords / Math.max(5, words)],
  ['ideographs', 'count', ({ ideographs }) => ideographs],
  ['words of other scripts', 'count', ({ foreignWords }) => foreignWords],
  ['numbers', 'count', ({ numbers }) => numbers],
  ['share of numbers', 'plain', ({ numbers }, _, words) => numbers / Math.max(5, words + numbers)],
  ['decimals', 'count', ({ decimals }) => decimals],
  ['large numbers', 'count', ({ largeNumbers }) => largeNumbers],
  ['years', 'count', ({ years }) => years],
  ['longest number', 'count', ({ digitsMax }) => digitsMax],
  ['marks', 'count', ({ marks }) => marks],
  ['share of marks', 'plain', ({ marks }, _, words) => marks / Math.max(5, words + marks)],
  ['commas', 'count', ({ commas }) => commas],
  ['question marks', 'count', ({ questions }) => questions],
  ['colons', 'count', ({ colons }) => colons],
  ['brackets', 'count', ({ brackets }) => brackets],
  ['quotation marks', 'count', ({ quotes }) => quotes],
  ['operators', 'count', ({ operators }) => operators],
  ['equations', 'count', ({ relations }) => relations],
  ['money', 'count', ({ money }) => money],
  ['percentages', 'count', ({ percents }) => percents],
  ['dashes', 'count', ({ dashes }) => dashes],
  ['blanks', 'count', ({ blanks }) => blanks],
  ['LaTeX', 'count', ({ latexCommands }) => latexCommands],
  ['mathematical marks', 'count', ({ mathsMarks }) => mathsMarks],
  ['code marks', 'count', ({ codeMarks }) => codeMarks],
  ['numbered statements', 'count', ({ romanNumerals }) => romanNumerals],
  ['has options', 'plain', (_, { count }) => (count > 0 ? 1 : 0)],
  ['options', 'count', (_, { count }) => count],
  ['option length', 'count', (_, { mean }) => Math.max(0, mean)],
  ['longest option', 'count', (_, { longest }) => longest],
  ['numeric options', 'plain', (_, { numeric }) => numeric],
  ['distinct words', 'count', ({ distinctWords }) => distinctWords],
  ['distinct rare words', 'count', ({ distinctRareWords }) => distinctRareWords],
  ['repeated words', 'plain', (counts) => (counts.words > 0 ? 1 - counts.distinctWords / counts.words : 0)],
  ['distinct numbers', 'count', ({ distinctNumbers }) => distinctNumbers],
  ['syllables', 'count', ({ syllables }) => syllables],
  ['syllables a word', 'plain', (counts) => counts.syllables / Math.max(3, counts.words)],
  ['last sentence', 'count', ({ lastSentence }) => lastSentence],
  ['sentences with numbers', 'count', ({ numericSentences }) => numericSentences],
  ['before the last sentence', 'count', ({ lastSentence }, _, words) => Math.max(0, words - lastSentence)],
  ['options without numbers', 'plain', (_, { count, numeric }) => (count > 0 ? 1 - numeric : 0)],
  ['words shared by options', 'plain', (_, { common }) => common],
];

/** Names of the surface features, for people. The word classes come last. */
export const SURFACE_NAMES: readonly string[] = [...SURFACE.map(([name]) => name), ...WORD_CLASSES];

const classCounts = newClassCounts();
const readers = SURFACE.map(([, , read]) => read);
const isCount = Uint8Array.from(SURFACE_NAMES, (_, at) => (SURFACE[at]?.[1] === 'plain' ? 0 : 1));
/** Most counts are small. */
const smallLogarithms = Float64Array.from({ length: 1_024 }, (_, count) => Math.log1p(count));

/** Reads one turn's text once. Pure: the same text has the same features. */
export function extractFeatures(text: string): PromptFeatures {
  const tokens = tokenise(capText(text));
  const { from, to } = unwrap(tokens);
  const options = findOptions(tokens, from, to);
  classCounts.fill(0);
  const counts = countTokens(tokens, { from, to: options.from }, classCounts);
  const words = counts.words + counts.ideographs / IDEOGRAPHS_PER_WORD;
  const surface = new Float64Array(SURFACE_NAMES.length);
  for (let at = 0; at < readers.length; at += 1) {
    const value = (readers[at] as Read)(counts, options, words);
    surface[at] = isCount[at] === 1 ? logarithm(value) : value;
  }
  for (let at = 0; at < classCounts.length; at += 1) {
    surface[readers.length + at] = logarithm(classCounts[at] as number);
  }
  return { surface, buckets: hashBuckets(tokens, from, to) };
}

/** What was counted or measured, before logarithms: for people. */
export function surfaceValue({ surface }: PromptFeatures, at: number): number {
  const value = surface[at] as number;
  return isCount[at] === 1 ? Math.expm1(value) : value;
}

function logarithm(count: number): number {
  return smallLogarithms[count] ?? Math.log1p(count);
}
