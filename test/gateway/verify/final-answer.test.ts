import fc from 'fast-check';
import { expect, it } from 'vitest';
import { finalAnswerOf } from '../../../src/gateway/verify/final-answer.ts';

it.each([
  ['6 × 7 = 42.\nThe answer is 42 jars.', '42'],
  ['First 6, then 7.\n#### 1,042', '1042'],
  ['So $x = \\boxed{-3.50}$ in the end, after 12 steps of work that took a while', '-3.5'],
  ['Final answer: (b) because the others are wrong', 'B'],
  ['C', 'C'],
  ['C. Paris', 'C'],
  ['**C**', 'C'],
  ['A dog', 'a dog'],
  ['Paris!', 'paris'],
  ['{"b": 1, "a": [2]}', '{"a":[2],"b":1}'],
  ['We take six boxes, each with seven jars.\nSo there are 42 jars on the whole long shelf.', '42'],
  ['', undefined],
  ['Plants take in light, water and carbon dioxide and turn them into sugar.', undefined],
])('%j comes to %j', (text, expected) => {
  expect(finalAnswerOf(text)).toBe(expected);
});

it('any text comes to something or to nothing, and the same each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(finalAnswerOf(text)).toBe(finalAnswerOf(text));
    }),
  );
});
