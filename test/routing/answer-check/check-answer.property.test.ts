import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswer } from '../../../src/routing/answer-check/check-answer.ts';

const pieces = fc.constantFrom(
  ...['(', ')', '{', '}', '[', '=', '+', '-', '*', '/', '^', '%', '.', ',', '$', '\\', '"', '\n', ' ', '`', '#', '<'],
  ...[
    '7',
    '42',
    '1,000',
    '0.5',
    'x',
    'A',
    'the answer is ',
    '\\boxed{',
    '\\frac{1}{2}',
    '####',
    '```',
    'B. ',
    '½',
    '答案',
    '٣',
  ],
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(pieces, { maxLength: 200 }).map((parts) => parts.join('')),
);

describe('whatever the texts are', () => {
  it('there is a verdict, a doubt from 0 to 1, and the same each time', () => {
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 2 }), (prompt, answer, peers) => {
        const check = checkAnswer({ prompt, answer, peers });
        expect(['pass', 'fail']).toContain(check.verdict);
        expect(check.doubt).toBeGreaterThanOrEqual(0);
        expect(check.doubt).toBeLessThanOrEqual(1);
        expect(check.verdict === 'fail' && check.reasons.length === 0).toBe(false);
        for (const { name, words, weight } of check.reasons) {
          expect(name).toMatch(/^[a-z_]+$/);
          expect(words).not.toBe('');
          expect(weight).toBeGreaterThan(0);
        }
        expect(checkAnswer({ prompt, answer, peers })).toEqual(check);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a hostile text', () => {
  const LENGTH = 100_000;
  const QUESTION = 'A shelf holds 6 boxes of 7 jars. How many jars are on it?';
  const CHOICE = 'Which is it?\nA. 1\nB. 2\nC. 3';
  const parts = [
    '(',
    '((1+',
    '7',
    '7,777',
    '=',
    '1=',
    '1+1=',
    '= ',
    '{',
    '[[',
    '{"a":',
    '\\frac{',
    '\\boxed{',
    '\\n',
    '\n',
    ' ',
    '\t',
  ];
  const words = [
    'the answer is ',
    'answer: ',
    '#### ',
    'A. ',
    '(a) ',
    'wait ',
    'a',
    'é',
    '1/',
    '1 / 1',
    '<<',
    '**',
    '"',
    'x=1 ',
    '%',
    '。',
  ];

  it.each([...parts, ...words])('of %j over and over, with or without an end, is read like any other', (part) => {
    const long = part.repeat(Math.ceil(LENGTH / part.length));
    for (const answer of [long, `${long}.`, `The answer is 42. ${long}`, `${long}\nThe answer is 42.`]) {
      expect(checkAnswer({ prompt: QUESTION, answer, peers: [answer] }).doubt).toBeLessThanOrEqual(1);
    }
    expect(checkAnswer({ prompt: CHOICE, answer: long }).doubt).toBeLessThanOrEqual(1);
    expect(checkAnswer({ prompt: `${long}${CHOICE}`, answer: 'The answer is (B).' }).doubt).toBeLessThanOrEqual(1);
  });
});
