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
const IDEOGRAPHS_PER_WORD = 1.8;

/** Each by its name for people; shares are of the words, counts are logarithms. */
const SURFACE: readonly (readonly [
  name: string,
  read: (counts: Counts, options: OptionList, words: number) => number,
])[] = [
  ['length', ({ characters }) => log(characters)],
  ['words', (_, __, words) => log(words)],
  ['sentences', ({ sentences, questions }) => log(sentences + questions)],
  ['words a sentence', ({ sentences, questions }, _, words) => log(words / Math.max(1, sentences + questions))],
  ['longest sentence', ({ longestSentence }) => log(longestSentence)],
  ['mean word length', ({ letters }, _, words) => letters / Math.max(3, words)],
  ['long words', ({ longWords }) => log(longWords)],
  ['share of long words', ({ longWords }, _, words) => longWords / Math.max(5, words)],
  ['very long words', ({ longerWords }) => log(longerWords)],
  ['longest word', ({ longestWord }) => log(longestWord)],
  ['rare words', ({ uncommonWords }) => log(uncommonWords)],
  ['share of rare words', ({ uncommonWords }, _, words) => uncommonWords / Math.max(5, words)],
  ['ideographs', ({ ideographs }) => log(ideographs)],
  ['words of other scripts', ({ foreignWords }) => log(foreignWords)],
  ['numbers', ({ numbers }) => log(numbers)],
  ['share of numbers', ({ numbers }, _, words) => numbers / Math.max(5, words + numbers)],
  ['decimals', ({ decimals }) => log(decimals)],
  ['large numbers', ({ largeNumbers }) => log(largeNumbers)],
  ['years', ({ years }) => log(years)],
  ['longest number', ({ digitsMax }) => log(digitsMax)],
  ['marks', ({ marks }) => log(marks)],
  ['share of marks', ({ marks }, _, words) => marks / Math.max(5, words + marks)],
  ['commas', ({ commas }) => log(commas)],
  ['question marks', ({ questions }) => log(questions)],
  ['colons', ({ colons }) => log(colons)],
  ['brackets', ({ brackets }) => log(brackets)],
  ['quotation marks', ({ quotes }) => log(quotes)],
  ['operators', ({ operators }) => log(operators)],
  ['equations', ({ relations }) => log(relations)],
  ['money', ({ money }) => log(money)],
  ['percentages', ({ percents }) => log(percents)],
  ['dashes', ({ dashes }) => log(dashes)],
  ['blanks', ({ blanks }) => log(blanks)],
  ['LaTeX', ({ latexCommands }) => log(latexCommands)],
  ['mathematical marks', ({ mathsMarks }) => log(mathsMarks)],
  ['code marks', ({ codeMarks }) => log(codeMarks)],
  ['numbered statements', ({ romanNumerals }) => log(romanNumerals)],
  ['has options', (_, { count }) => (count > 0 ? 1 : 0)],
  ['options', (_, { count }) => log(count)],
  ['option length', (_, { mean }) => log(Math.max(0, mean))],
  ['longest option', (_, { longest }) => log(longest)],
  ['numeric options', (_, { numeric }) => numeric],
  ['distinct words', ({ distinctWords }) => log(distinctWords)],
  ['distinct rare words', ({ distinctRareWords }) => log(distinctRareWords)],
  ['repeated words', (counts) => (counts.words > 0 ? 1 - counts.distinctWords / counts.words : 0)],
  ['distinct numbers', ({ distinctNumbers }) => log(distinctNumbers)],
  ['syllables', ({ syllables }) => log(syllables)],
  ['syllables a word', (counts) => counts.syllables / Math.max(3, counts.words)],
  ['last sentence', ({ lastSentence }) => log(lastSentence)],
  ['sentences with numbers', ({ numericSentences }) => log(numericSentences)],
  ['before the last sentence', ({ lastSentence }, _, words) => log(Math.max(0, words - lastSentence))],
  ['options without numbers', (_, { count, numeric }) => (count > 0 ? 1 - numeric : 0)],
];

/** Names of the surface features, for people. The word classes come last. */
export const SURFACE_NAMES: readonly string[] = [...SURFACE.map(([name]) => name), ...WORD_CLASSES];

const classCounts = newClassCounts();

/** Reads one turn's text once. Pure: the same text has the same features. */
export function extractFeatures(text: string): PromptFeatures {
  const tokens = tokenise(capText(text));
  const { from, to } = unwrap(tokens);
  const options = findOptions(tokens, from, to);
  classCounts.fill(0);
  const counts = countTokens(tokens, { from, to: options.from }, classCounts);
  const words = counts.words + counts.ideographs / IDEOGRAPHS_PER_WORD;
  const surface = new Float64Array(SURFACE_NAMES.length);
  for (const [at, [, read]] of SURFACE.entries()) surface[at] = read(counts, options, words);
  for (let at = 0; at < classCounts.length; at += 1) surface[SURFACE.length + at] = log(classCounts[at] as number);
  return { surface, buckets: hashBuckets(tokens, from, to) };
}

function log(count: number): number {
  return Math.log1p(count);
}
