import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agree,
  contradictsItself,
  type FinalAnswer,
  findFinalAnswer,
  type Wanted,
} from '../../../src/routing/answer-check/final-answer.ts';
import { readAnswer } from '../../../src/routing/answer-check/read-answer.ts';

function plain(final: FinalAnswer): number | string | undefined {
  if (final.kind === 'number') return final.value;
  if (final.kind === 'option') return final.letter;
  return final.kind === 'text' ? final.text : undefined;
}

describe('what an answer comes to', () => {
  it.each<[string, Wanted, number | string | undefined]>([
    ['6 × 7 = 42.\nThe answer is 42 jars.', 'number', 42],
    ['First 6, then 7.\n#### 1,042', 'number', 1_042],
    [String.raw`So $x = \boxed{-3.50}$ in the end, after 12 steps`, 'number', -3.5],
    [String.raw`\boxed{\frac{1}{2}}`, 'number', 0.5],
    ['{"reasoning": "6 times 7", "answer": "42"}', 'number', 42],
    ['The answer is 3 + 4 = 7. It was 5 before.', 'number', 7],
    ['The answer is this one (7)', 'number', 7],
    ['Die Antwort lautet 3,5 Liter.', 'number', 3.5],
    ['La respuesta es 12.', 'number', 12],
    ['答案是 15', 'number', 15],
    ['We take six boxes of seven jars.\nSo there are 42 jars on the whole long shelf.', 'number', 42],
    ['Final answer: (b) because the others are wrong', 'option', 'B'],
    ['The answer is (C).', 'option', 'C'],
    ['C', 'option', 'C'],
    ['C. Paris', 'any', 'C'],
    ['**C**', 'any', 'C'],
    ['A dog', 'any', 'a dog'],
    ['Paris!', 'any', 'paris'],
    ['Ｐａｒｉｓ', 'any', 'paris'],
    ['Of all the cities that were thought of and looked up, the answer is Paris.', 'any', 'paris'],
    ['{"b": 1, "a": [2]}', 'any', '{"a":[2],"b":1}'],
    ['', 'any', undefined],
    ['Plants take in light, water and CO2 and turn them into sugar, all 24 hours.', 'any', undefined],
    ['All of these are good, and it is hard to choose one of the 4, so I will not.', 'option', undefined],
  ])('%j, where a %s is wanted, is %j', (text, wanted, expected) => {
    expect(plain(findFinalAnswer(text, wanted))).toBe(expected);
  });

  it('is the last that is stated, and two that differ are a contradiction', () => {
    const text = 'The answer is 12. No, the answer is 13.\nThe answer is 14.';
    expect(plain(findFinalAnswer(text, 'number'))).toBe(14);
    expect(contradictsItself(text, 'number')).toBe(true);
    expect(contradictsItself('The answer is 14. So the answer is $14.00.', 'number')).toBe(false);
  });
});

it.each(['```', '```json', '``` {"a":1} ```', '```\n{"a":1}', `${'['.repeat(16_000)}${']'.repeat(16_000)}`])(
  'brackets that nothing closes, or no stack holds, are no JSON',
  (text) => {
    expect(findFinalAnswer(text, 'any')).not.toMatchObject({ text: expect.stringContaining('{') });
  },
);

it('a long answer is read at both ends', () => {
  const middle = 'And so it goes on and on. '.repeat(4_000);
  const { final, text } = readAnswer(`Let us see.${middle}The answer is 9.${middle}The answer is 7.`, 'arithmetic');
  expect(plain(final)).toBe(7);
  expect(text).toHaveLength(32_769);
  expect(text).toMatch(/^Let us see/);
});

describe('two answers agree', () => {
  const compare = (one: string, other: string, wanted: Wanted) =>
    agree(findFinalAnswer(one, wanted), findFinalAnswer(other, wanted));

  it.each<[string, string, Wanted]>([
    ['The answer is 1,000.', '1000.0', 'number'],
    ['$1000', 'the answer is 1,000 dollars', 'number'],
    ['1/2', '0.5', 'number'],
    ['(b)', 'The answer is B.', 'option'],
    ['Paris', 'The capital of France is Paris.', 'any'],
    ['{"a":1,"b":2}', '{ "b": 2, "a": 1 }', 'any'],
    ['```json\n{"a":1}\n```', '{ "a": 1 }', 'any'],
  ])('%j and %j', (one, other, wanted) => {
    expect(compare(one, other, wanted)).toBe(true);
  });

  it.each<[string, string, Wanted]>([
    ['The answer is 1,000.', '1001', 'number'],
    ['(b)', 'The answer is C.', 'option'],
    ['Paris', 'Lyon', 'any'],
    ['{"a":1}', '{"a":2}', 'any'],
    ['{"a":"a word or two, and more"}', 'It is a word or two, and more of them', 'any'],
  ])('%j and %j do not', (one, other, wanted) => {
    expect(compare(one, other, wanted)).toBe(false);
  });

  it('is not known of sentences, nor where one comes to nothing', () => {
    expect(compare('It grows on trees in the south.', 'Trees bear it, mostly southern ones.', 'any')).toBeUndefined();
    expect(compare('', 'Paris', 'any')).toBeUndefined();
    expect(compare('42', 'Paris', 'any')).toBeUndefined();
  });

  it('whichever is asked first', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.integer().map(String),
      fc.constantFrom('A', '(b)', '{"a":1}'),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(compare(one, other, 'any')).toBe(compare(other, one, 'any'));
      }),
    );
  });
});
