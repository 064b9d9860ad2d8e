import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIERS } from '../../../src/core/request.ts';
import { classifyText } from './turns.ts';

describe('hostile input', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['1 MB of a', 'a'.repeat(1e6)],
    ['1 MB of spaces', ' '.repeat(1e6)],
    ['1 MB of line breaks', '\n'.repeat(1e6)],
    ['1 MB of question marks', '?'.repeat(1e6)],
    ['nested JSON', '{"a":['.repeat(2e5)],
    ['unclosed quotes', '"'.repeat(1e6)],
    ['semicolons and spaces', ';   '.repeat(2.5e5)],
    ['code words', 'function '.repeat(1e5)],
    ['table bars', '|'.repeat(1e6)],
    ['joined emoji', '👩‍👩‍👧‍👦'.repeat(1e5)],
    ['right-to-left marks', '\u202eشكرا '.repeat(1e5)],
    ['stacked accents', 'a\u0300\u0301'.repeat(3e5)],
    ['stacked vowel signs', '\u0651\u064b'.repeat(5e5)],
    ['stacked signs of classes that have to be put in order', '\u0f71\u0f72\u0f74'.repeat(3e5)],
    ['forms that grow eighteenfold', '\ufdfa'.repeat(1e6)],
    ['lone surrogates', '\ud800'.repeat(1e6)],
    ['greetings without end', 'hi '.repeat(3e5)],
    ['Chinese', '请解释光合作用是如何工作的'.repeat(8e4)],
  ];

  it.each(hostile)('%s is read within the 50 ms that hostile text may take', (_, text) => {
    const { score, tier } = classifyText(text);
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(TIERS).toContain(tier);
    // The best of three: a busy machine may give one of them to others.
    const tookMs = [1, 2, 3].map(() => {
      const startedAtMs = performance.now();
      classifyText(text);
      return performance.now() - startedAtMs;
    });
    expect(Math.min(...tookMs)).toBeLessThan(50);
  });

  it('any text gives a score between 0 and 1, and the same one each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const { score, evidence } = classifyText(text);
        expect(score >= 0 && score <= 1).toBe(true);
        expect(evidence.every(({ weight }) => Number.isFinite(weight))).toBe(true);
        expect(classifyText(text).score).toBe(score);
      }),
    );
  });
});
