import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/routing/answer-check/clean-text.ts';
import { readTokens } from '../../../src/routing/answer-check/equation-tokens.ts';
import { checkEquations } from '../../../src/routing/answer-check/equations.ts';

const check = (text: string) => checkEquations(readTokens(cleanText(text)));
const verdicts = (text: string) => check(text).equations.map(({ verdict }) => verdict);

describe('an equation that a text states', () => {
  it.each([
    '12 * 3 = 36',
    '12 × 3 = 36 apples',
    '$12 * 3 = $36',
    '5 hours * 60 minutes an hour = 300 minutes',
    'She has 2 + 3 = 5 apples',
    '(2 + 3) * 4 = 20',
    '2^3 = 8',
    '2**3 = 8',
    '10 / 4 = 2.5',
    '10 ÷ 3 = 3.33',
    '1,200 + 300 = 1,500',
    '20% of 50 = 10',
    '0.5 of 30 = 15',
    '(1/2) of 30 = 15',
    String.raw`\frac{1}{2} of 30 = 15`,
    '(2 + 3) * (4 + 1) = 25',
    '5 * (-2) = -10',
    '3 apples a day * 7 days a week = 21 apples a week',
    '1/2 of 30 = 15',
    String.raw`\frac{3}{4} \times 8 = 6`,
    '4(2 + 1) = 12',
    '7 - 10 = -3',
    '100 / 3 ≈ 33',
    '3 times 4 = 12',
    '3 x 4 = 12',
    '½ * 8 = 4',
    '3² + 1 = 10',
    '12.5% of 8 = 1',
    String.raw`\frac{4 + 2}{3} = 2`,
    String.raw`3 \cdot 4 = 12`,
    String.raw`12 \div 3 = 4`,
    String.raw`\left(2 + 3\right) \times 4 = 20 \text{ apples}`,
    String.raw`100 / 3 \approx 33`,
    String.raw`\$5 * 3 = \$15`,
    String.raw`So many\n5 * 3 = 15\nAll in all`,
  ])('%j is right', (text) => {
    expect(verdicts(text)).toEqual(['right']);
  });

  it.each([
    '3 x 4 = 13',
    '½ * 8 = 5',
    '3² + 1 = 8',
    '12 * 3 = 38',
    'She has 2 + 3 = 6 apples',
    '(2 + 3) * 4 = 14',
    '0.5 of 30 = 20',
    '(1/2) of 30 = 20',
    '3 apples a day * 7 days a week = 22 apples a week',
    '7 - 10 = 3',
  ])('%j is wrong', (text) => {
    expect(verdicts(text)).toEqual(['wrong']);
  });

  it('is not held wrong for units, percentages or rounding', () => {
    expect(verdicts('2 + 1 = 180 minutes')).toEqual(['unclear']);
    expect(verdicts('50 * 20% = 1000')).toEqual(['unclear']);
    expect(verdicts('7 / 2 = 4')).toEqual(['rounded']);
  });

  it('in a chain is re-done link by link', () => {
    expect(verdicts('2 + 3 = 5 = 10 / 2')).toEqual(['right', 'right']);
    expect(verdicts('2 + 3 = 6 = 12 / 2')).toEqual(['wrong', 'right']);
    expect(verdicts('4 + 6 = 10 = 20% of 50')).toEqual(['right', 'right']);
    expect(verdicts('4 * 5 = 20 = (2 + 3) * 4 = 4(2 + 3)')).toEqual(['right', 'right', 'right']);
    expect(verdicts('7 * 2 = 14 = (2 + 3) * 4')).toEqual(['right', 'wrong']);
  });

  it('with variables or words is algebra and not re-done', () => {
    expect(check('2x = 10')).toEqual({ equations: [], algebraicCount: 1 });
    expect(check('speed = distance / time').equations).toEqual([]);
    expect(verdicts('Week 5 = 3 * 4')).toEqual([]);
    expect(verdicts('3 * n - 5 = 10')).toEqual([]);
    expect(verdicts('10 = 3 * n - 5')).toEqual([]);
  });

  it('tells its operands, and what it says comes out', () => {
    expect(check('12 * 3 = 38').equations).toMatchObject([{ operands: [12, 3], operators: ['*'], result: 38 }]);
  });
});
