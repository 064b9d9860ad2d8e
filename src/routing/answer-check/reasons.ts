import { SIGNS } from './signs.ts';
import type { Task } from './task-of.ts';

/** Something that speaks against an answer. */
export type Reason = {
  /** A code, for the books. */
  readonly name: string;
  /** The same for people, as the rest of a sentence about the answer. */
  readonly words: string;
  /** How much it counts: what it adds to the logit of the doubt. */
  readonly weight: number;
};

/** Signs that can be told to people; the others only count. */
const WORDS: Readonly<Record<string, string>> = {
  final_answer_unmarked: 'it does not say which is its final answer',
  finals_differ: 'it states different final answers',
  repetition: 'it repeats itself',
  hedging: 'it hedges',
  self_correction: 'it corrects itself',
  wrong_arithmetic: 'it states a sum that does not come out',
  rounded_equations: 'it rounds on the way',
  no_equations: 'it shows no calculation',
  unused_numbers: 'it leaves numbers of the question unused',
  unused_results: 'it works out what it does not use',
  final_not_worked_out: 'its final answer is no result of its work',
  final_from_wrong_equation: 'its final answer comes from a sum that does not come out',
  final_not_last_result: 'its final answer is not what it worked out last',
  final_used_before: 'its final answer is a result on the way',
  fraction_of_whole_things: 'it counts whole things in fractions',
  final_negative: 'its final answer is below zero',
  fractional_results: 'its results are fractions',
  negative_results: 'its results are below zero',
  no_option_fits: 'it says that no option fits',
  option_number_missing: 'its reasoning does not come to the number of its option',
  other_option_numbers: 'its reasoning comes to the number of another option',
};

/** What counts less is not told. */
const WEIGHT_MIN = 0.2;
const REASONS_MAX = 4;

/** Another model's answer says something else. What it adds depends on both answers, so it has the full weight. */
export const PEERS_DISAGREE: Reason = {
  name: 'peers_disagree',
  words: 'another model came to something else',
  weight: 1,
};

/** The codes of all that a model can hold against an answer. */
export const REASON_NAMES: readonly string[] = [PEERS_DISAGREE.name, ...Object.keys(WORDS)];

/** The signs that an answer shows and that count against it. Arrays are in the order of the task's signs. */
export function reasonsOf(task: Task, values: Float64Array, weights: Float64Array): readonly Reason[] {
  return SIGNS[task]
    .flatMap(({ name }, at) => {
      const words = WORDS[name];
      const weight = weights[at] as number;
      return words !== undefined && (values[at] as number) > 0 && weight >= WEIGHT_MIN ? [{ name, words, weight }] : [];
    })
    .toSorted((left, right) => right.weight - left.weight)
    .slice(0, REASONS_MAX);
}
