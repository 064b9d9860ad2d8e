import { capText } from './cap-text.ts';
import { countMarks } from './count-marks.ts';
import { countWords } from './count-words.ts';
import { hashBuckets } from './hash-buckets.ts';
import { findOptions, type OptionList } from './options.ts';
import { SLOT, SURFACE_NAMES, takeLogarithms } from './surface.ts';
import { tokenise } from './tokens.ts';
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

/** Reads one turn's text once. Pure: the same text has the same features. */
export function extractFeatures(text: string): PromptFeatures {
  const tokens = tokenise(capText(text));
  const { from, to } = unwrap(tokens);
  const options = findOptions(tokens, from, to);
  const question = { from, to: options.from };
  const surface = new Float64Array(SURFACE_NAMES.length);
  countWords(tokens, question, surface);
  countMarks(tokens, question, surface);
  describeOptions(options, surface);
  takeShares(surface);
  takeLogarithms(surface);
  return { surface, buckets: hashBuckets(tokens, from, to) };
}

function describeOptions(
  { count, characters, longest, mean, numeric, common }: OptionList,
  surface: Float64Array,
): void {
  surface[SLOT['length with options']] = (surface[SLOT.length] as number) + characters;
  surface[SLOT['has options']] = count > 0 ? 1 : 0;
  surface[SLOT.options] = count;
  surface[SLOT['option length']] = Math.max(0, mean);
  surface[SLOT['longest option']] = longest;
  surface[SLOT['numeric options']] = numeric;
  surface[SLOT['options without numbers']] = count > 0 ? 1 - numeric : 0;
  surface[SLOT['words shared by options']] = common;
}

/** Measures what was counted against each other. A share of few words is one of a few more, or it would say too much. */
function takeShares(surface: Float64Array): void {
  const counted = (slot: number) => surface[slot] as number;
  const spaced = counted(SLOT.words);
  const words = spaced + counted(SLOT.ideographs) / IDEOGRAPHS_PER_WORD;
  surface[SLOT.words] = words;
  surface[SLOT['words a sentence']] = words / Math.max(1, counted(SLOT.sentences));
  surface[SLOT['mean word length']] = counted(SLOT['mean word length']) / Math.max(3, words);
  surface[SLOT['share of long words']] = counted(SLOT['long words']) / Math.max(5, words);
  surface[SLOT['share of rare words']] = counted(SLOT['rare words']) / Math.max(5, words);
  surface[SLOT['share of numbers']] = counted(SLOT.numbers) / Math.max(5, words + counted(SLOT.numbers));
  surface[SLOT['share of marks']] = counted(SLOT.marks) / Math.max(5, words + counted(SLOT.marks));
  surface[SLOT['repeated words']] = spaced > 0 ? 1 - counted(SLOT['distinct words']) / spaced : 0;
  surface[SLOT['syllables a word']] = counted(SLOT.syllables) / Math.max(3, spaced);
  surface[SLOT['before the last sentence']] = Math.max(0, words - counted(SLOT['last sentence']));
}
