import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkAnswer } from '../../../src/routing/answer-check/check-answer.ts';
import { FAULT_NAMES } from '../../../src/routing/answer-check/faults.ts';
import { REASON_NAMES } from '../../../src/routing/answer-check/reasons.ts';

it('every code that a check can give is explained in docs/answer-checks.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/answer-checks.md'), 'utf8');
  for (const name of [...FAULT_NAMES, ...REASON_NAMES]) expect(page).toContain(`\`${name}\``);
});

const JARS = 'There are 6 boxes on a shelf and each box holds 7 jars. How many jars are on the shelf?';
const CUPS = 'A shop has 6 boxes of 7 jars, 11 bags, 13 cans, 17 tins and 19 cups. How many jars does it have?';
const ROOT = 'Which of these is the square root of 2?\nA. 1.41 metres\nB. 1.73 metres\nC. 2.24 metres';
const EGGS = 'Which animal lays eggs?\nA. horse\nB. sparrow\nC. rabbit';
const FRANCE = 'Name the capital of France.';
const WORKED = 'There are 6 boxes with 7 jars each, so 6 * 7 = 42 jars. The answer is 42.';
const PARTED = 'There are 6 boxes with 7 jars each, so 6 / 7 = 0.857 jars. The answer is 0.857.';
const BELOW = 'There are 6 boxes with 7 jars each, so 6 - 7 = -1 jars. The answer is -1.';
const MISTAKEN = 'There are 6 boxes with 7 jars each, so 6 * 7 = 41 jars. The answer is 41.';
const TWICE = 'Each shelf has 6 * 7 = 42 jars, and two of them 42 * 2 = 84 jars. The answer is';
const DECIMALS = 'The square root of 2 is 1.4142 in decimals, when all is done. The answer is';
const PARIS = 'It is the city of Paris, which lies on the river Seine.';

/** A question, an answer that has the reason, and one that has not. */
const EXAMPLES: Readonly<Record<string, readonly [string, string, string]>> = {
  wrong_arithmetic: [JARS, MISTAKEN, WORKED],
  final_from_wrong_equation: [JARS, MISTAKEN, MISTAKEN.replace('is 41', 'is 42')],
  final_not_worked_out: [JARS, WORKED.replace('is 42', 'is 43'), WORKED],
  final_not_last_result: [JARS, `${TWICE} 42.`, `${TWICE} 84.`],
  final_used_before: [JARS, `${TWICE} 42.`, `${TWICE} 84.`],
  unused_numbers: [CUPS, WORKED, 'It is 6 * 7 = 42 jars, 11 + 13 = 24 and 17 + 19 = 36 others. The answer is 42.'],
  unused_results: [JARS, `It is 6 + 7 = 13 things, and 6 * 7 = 42 jars. The answer is 42.`, `${TWICE} 84.`],
  fraction_of_whole_things: [JARS, PARTED, WORKED],
  fractional_results: [JARS, PARTED, WORKED],
  final_negative: [JARS, BELOW, WORKED],
  negative_results: [JARS, BELOW, WORKED],
  rounded_equations: [JARS, 'When two share 85 of them, each has 85 / 2 = 42 jars. The answer is 42.', WORKED],
  no_equations: [JARS, 'It is plain from what is said of boxes and jars. The answer is 42.', WORKED],
  final_answer_unmarked: [JARS, WORKED.replace('The answer is', 'There you have'), WORKED],
  no_option_fits: [
    EGGS,
    'A sparrow is a bird, but it may be none of the options. The answer is (B).',
    'A sparrow is a bird, and birds lay their eggs in nests. The answer is (B).',
  ],
  option_number_missing: [ROOT, `${DECIMALS} (B).`, `${DECIMALS} (A).`],
  other_option_numbers: [ROOT, `${DECIMALS} (B).`, `${DECIMALS} (A).`],
  finals_differ: [
    FRANCE,
    'The answer is Lyon.\nNo, the answer is Paris.',
    'The answer is Paris.\nYes, the answer is Paris.',
  ],
  hedging: [FRANCE, 'I think that it is probably Paris, on the river Seine.', PARIS],
  self_correction: [FRANCE, 'It is Lyon. Wait, that is a mistake: it is Paris, on the Seine.', PARIS],
  repetition: [FRANCE, 'It is Paris on the Seine.\n'.repeat(3), PARIS],
};

it.each(Object.entries(EXAMPLES))('%s is told of an answer that shows it', (name, [prompt, shows, lacks]) => {
  const told = (answer: string) => checkAnswer({ prompt, answer }).reasons.map((reason) => reason.name);
  expect(told(shows)).toContain(name);
  expect(told(lacks)).not.toContain(name);
});

it('every reason has its example, but for what a peer says', () => {
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(REASON_NAMES.filter((name) => name !== 'peers_disagree').toSorted());
});

it('the weightiest is told first', () => {
  const { reasons } = checkAnswer({ prompt: JARS, answer: `${TWICE} 42.` });
  expect(reasons.map(({ name }) => name)).toEqual(['final_not_last_result', 'final_used_before', 'unused_results']);
});
