import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/routing/answer-check/clean-text.ts';
import { countNumberWords, readNumbers, sameNumber } from '../../../src/routing/answer-check/read-numbers.ts';

describe('numbers of a text', () => {
  it.each([
    ['plain ones, and with a sign', 'from -3 to 12.5', [-3, 12.5]],
    ['thousands by comma', '1,234,567.5 in all', [1_234_567.5]],
    ['thousands by a narrow space, as in French', '12\u202f345 habitants', [12_345]],
    ['thousands by apostrophe, as in Swiss', "1'234'567.5", [1_234_567.5]],
    ['thousands by point, as in German', '1.234,50 und 1.234.567', [1_234.5, 1_234_567]],
    ['a decimal comma, as in German', 'genau 3,75 kg', [3.75]],
    ['money', '$1,000 or €20 or £3', [1_000, 20, 3]],
    ['a fraction', 'about 3/4 of it', [0.75]],
    ['a fraction in LaTeX', String.raw`\frac{1}{4} cup`, [0.25]],
    ['no fraction by zero', '5/0', [5]],
    ['a range as two', '3-5 days', [3, 5]],
    ['nothing but a point', '.5', [0.5]],
    ['calculator notes once', '2*3=<<2*3=6>>6', [2, 3, 6]],
  ])('reads %s', (_what, text, numbers) => {
    expect(readNumbers(cleanText(text))).toEqual(numbers);
  });

  it('of its words too', () => {
    expect(countNumberWords('Twice a dozen, and one half')).toBe(4);
    expect(countNumberWords('bone of contention')).toBe(0);
  });

  it('are the same but for the last place', () => {
    expect(sameNumber(0.1 + 0.2, 0.3)).toBe(true);
    expect(sameNumber(3, 3.01)).toBe(false);
  });
});
