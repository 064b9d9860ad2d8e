import { type Grounding, ground } from './grounding.ts';
import { measureSupport, type OptionSupport } from './option-support.ts';
import type { AnswerReading } from './read-answer.ts';
import { sameNumber } from './read-numbers.ts';
import type { PromptReading } from './read-prompt.ts';
import { asksForRepetition, type Task } from './task-of.ts';

/** What the signs of one answer are read from. */
type Subject = {
  readonly prompt: PromptReading;
  readonly answer: AnswerReading;
  /** The final answer, where it is a number. */
  readonly final: number | undefined;
  /** What the equations come to, in their order. */
  readonly results: readonly number[];
  readonly operators: readonly string[];
  readonly grounding: Grounding;
  /** How the reasoning supports the chosen option, and every other. */
  readonly chosen: OptionSupport | undefined;
  readonly others: readonly OptionSupport[];
};

/** Something about an answer that may tell whether it is wrong: a number, mostly 0 for none. */
export type Sign = { readonly name: string; readonly read: (subject: Subject) => number };

/** Things that come whole: `how many apples`, but not `how many hours`. */
const COUNTED =
  /\bhow many (?!(?:more |fewer |total |full )?(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|miles?|kilomet|met|km|feet|foot|inch|yards?|pounds?|ounces?|grams?|kilograms?|kg|gallons?|lit|cups?|tons?|acres?|square|cubic|percent|degrees?|dollars?|cents?|calories|units?|times)\b)/i;
const VARIABLE = /\blet(?:'s)? (?:denote|call|say|[a-z] (?:be|=))|\b[a-z] = /i;

const count = Math.log1p;
const flag = (is: boolean) => (is ? 1 : 0);
const has = (numbers: readonly number[], number: number) => numbers.some((other) => sameNumber(other, number));
const verdicts = ({ answer }: Subject, verdict: string) =>
  answer.equations.equations.filter((equation) => equation.verdict === verdict).length;

/** Of any answer. Counts are logarithms, so that ten more of many say little. */
const GENERAL: readonly Sign[] = [
  { name: 'prompt_failure', read: ({ prompt }) => logit(prompt.scores.failure) },
  { name: 'prompt_route', read: ({ prompt }) => prompt.scores.route },
  { name: 'no_final_answer', read: ({ answer }) => flag(answer.final.kind === 'none') },
  { name: 'final_answer_unmarked', read: ({ answer }) => flag(answer.final.kind !== 'none' && !answer.final.isCued) },
  { name: 'finals_differ', read: ({ answer }) => flag(answer.contradictsItself) },
  { name: 'answer_length', read: ({ answer }) => count(answer.text.length) },
  { name: 'answer_statements', read: ({ answer }) => count(answer.statements.length) },
  { name: 'repetition', read: ({ prompt, answer }) => (asksForRepetition(prompt.text) ? 0 : answer.repetition) },
  { name: 'hedging', read: ({ answer }) => count(answer.phrases.hedge) },
  { name: 'self_correction', read: ({ answer }) => count(answer.phrases.correction) },
];

const CALCULATION: readonly Sign[] = [
  { name: 'wrong_arithmetic', read: (subject) => flag(verdicts(subject, 'wrong') > 0) },
  { name: 'wrong_equations', read: (subject) => count(verdicts(subject, 'wrong')) },
  { name: 'rounded_equations', read: (subject) => count(verdicts(subject, 'rounded')) },
  { name: 'no_equations', read: ({ results }) => flag(results.length === 0) },
  { name: 'algebra', read: ({ answer }) => count(answer.equations.algebraicCount) },
];

const ARITHMETIC: readonly Sign[] = [
  { name: 'prompt_length', read: ({ prompt }) => count(prompt.text.length) },
  { name: 'prompt_sentences', read: ({ prompt }) => count(prompt.sentences) },
  { name: 'unused_numbers', read: ({ grounding, results }) => (results.length > 0 ? count(grounding.unusedGiven) : 0) },
  { name: 'unused_results', read: ({ grounding }) => count(grounding.unusedResults) },
  {
    name: 'final_not_worked_out',
    read: ({ final, results }) => flag(final !== undefined && results.length > 0 && !has(results, final)),
  },
  { name: 'final_from_wrong_equation', read: isFromWrongEquation },
  { name: 'final_not_last_result', read: isEarlierResult },
  {
    name: 'final_used_before',
    read: ({ final, results }) => flag(final !== undefined && has(results.slice(0, -1), final)),
  },
  {
    name: 'fraction_of_whole_things',
    read: ({ final, prompt }) => flag(final !== undefined && !Number.isInteger(final) && COUNTED.test(prompt.text)),
  },
  { name: 'final_negative', read: ({ final }) => flag(final !== undefined && final < 0) },
  { name: 'fractional_results', read: ({ results }) => count(results.filter((one) => !Number.isInteger(one)).length) },
  { name: 'negative_results', read: ({ results }) => count(results.filter((result) => result < 0).length) },
  { name: 'sums', read: ({ operators }) => count(operators.filter((operator) => operator === '+').length) },
  { name: 'products', read: ({ operators }) => count(operators.filter((operator) => operator === '*').length) },
  { name: 'variables', read: ({ answer }) => flag(VARIABLE.test(answer.text)) },
  { name: 'question_echoed', read: ({ prompt, answer }) => echoOf(prompt.text, answer.statements) },
];

const CHOICE: readonly Sign[] = [
  { name: 'no_option_fits', read: ({ answer }) => flag(answer.phrases.noneFits > 0) },
  { name: 'lookup', read: ({ answer }) => flag(answer.phrases.lookup > 0) },
  { name: 'numeric_option', read: ({ chosen }) => flag(chosen?.numbers !== undefined) },
  { name: 'option_number_missing', read: ({ chosen }) => (chosen?.numbers === undefined ? 0 : 1 - chosen.numbers) },
  { name: 'option_words', read: ({ chosen }) => chosen?.words ?? 0 },
  { name: 'wordless_option', read: ({ chosen }) => flag(chosen?.words === undefined) },
  { name: 'other_option_numbers', read: ({ chosen, others }) => lead(others, chosen, 'numbers') },
  { name: 'other_option_words', read: ({ chosen, others }) => lead(others, chosen, 'words') },
  { name: 'prompt_length', read: ({ prompt }) => count(prompt.text.length) },
  { name: 'prompt_numbers', read: ({ prompt }) => count(prompt.numbers.length) },
  { name: 'answer_numbers', read: ({ answer }) => count(answer.numbers.length) },
];

/** What means the same whatever was asked. */
const ANYWHERE = new Set([
  'prompt_failure',
  'prompt_route',
  'finals_differ',
  'repetition',
  'hedging',
  'self_correction',
  'wrong_arithmetic',
]);

/** Which signs are read for which kind of question. */
export const SIGNS: Readonly<Record<Task, readonly Sign[]>> = {
  arithmetic: [...GENERAL, ...CALCULATION, ...ARITHMETIC],
  choice: [...GENERAL, ...CALCULATION, ...CHOICE],
  other: [...GENERAL, ...CALCULATION].filter(({ name }) => ANYWHERE.has(name)),
};

/** The values of the signs for a kind of question, in their order. */
export function measureSigns(prompt: PromptReading, answer: AnswerReading, task: Task = prompt.task): Float64Array {
  const subject = toSubject(prompt, answer);
  return Float64Array.from(SIGNS[task], ({ read }) => read(subject));
}

function toSubject(prompt: PromptReading, answer: AnswerReading): Subject {
  const { equations } = answer.equations;
  const final = answer.final.kind === 'number' ? answer.final.value : undefined;
  const support = measureSupport(prompt.options, answer.reasoning);
  const letter = answer.final.kind === 'option' ? answer.final.letter : '';
  return {
    prompt,
    answer,
    final,
    results: equations.map(({ result }) => result),
    operators: equations.flatMap(({ operators }) => operators),
    grounding: ground(equations, { given: prompt.numbers, final }),
    chosen: support.get(letter),
    others: [...support].filter(([other]) => other !== letter).map(([, one]) => one),
  };
}

function isFromWrongEquation({ final, answer }: Subject): number {
  const { equations } = answer.equations;
  return flag(
    equations.some(({ verdict, result }) => verdict === 'wrong' && final !== undefined && sameNumber(result, final)),
  );
}

function isEarlierResult({ final, results }: Subject): number {
  const last = results.at(-1);
  return flag(final !== undefined && last !== undefined && has(results, final) && !sameNumber(last, final));
}

/** How much further the best of the others is supported than the chosen one. */
function lead(others: readonly OptionSupport[], chosen: OptionSupport | undefined, by: keyof OptionSupport): number {
  const best = Math.max(0, ...others.map((other) => other[by] ?? 0));
  return Math.max(0, best - (chosen?.[by] ?? 0));
}

/** Share of the last sentence's words in the question that come again at the end of the answer. */
function echoOf(question: string, statements: readonly string[]): number {
  const asked =
    question
      .trim()
      .split(/[.!?]\s/)
      .at(-1) ?? '';
  const words = new Set(asked.toLowerCase().match(/\p{L}{4,}/gu));
  const end = new Set(
    statements
      .slice(-3)
      .join(' ')
      .match(/\p{L}{4,}/gu),
  );
  return words.size === 0 ? 0 : [...words].filter((word) => end.has(word)).length / words.size;
}

function logit(probability: number): number {
  const inside = Math.min(0.99, Math.max(0.01, probability));
  return Math.log(inside / (1 - inside));
}
