import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractFeatures } from '../../../src/routing/complexity/extract-features.ts';
import prior from '../../../src/routing/complexity/prior.json' with { type: 'json' };
import {
  failureProbability,
  isOutsideExperience,
  positionInTraffic,
  routeScore,
} from '../../../src/routing/complexity/prior.ts';
import { scorePrompt } from '../../../src/routing/complexity/score-prompt.ts';

const WEIGHTS_BYTES_MAX = 64 * 1_024;
const HARD = `Let $f(x)$ be a polynomial of degree 5 with integer coefficients such that $f(1) = 3$, $f(2) = 7$ and
  $f(x) f(x+1) = f(x^2 + x + 1)$ for all real $x$. Determine the sum of all possible values of $f(10)$ modulo 1000.`;
const EASY = 'Which of these animals is a mammal?\nA. dog\nB. frog\nC. trout\nD. ant\nAnswer:';

describe('the shipped prior', () => {
  it('weighs at most 64 KB and says what it was trained on', () => {
    const file = join(import.meta.dirname, '../../../src/routing/complexity/prior.json');
    expect(statSync(file).size).toBeLessThanOrEqual(WEIGHTS_BYTES_MAX);
    expect(prior.manifest.data.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
    expect(prior.manifest).toMatchObject({ seed: 1, metrics: expect.anything(), hyperparameters: expect.anything() });
  });

  it('thinks that a cheap model fails at a hard problem sooner than at an easy one', () => {
    expect(failureProbability(extractFeatures(HARD))).toBeGreaterThan(failureProbability(extractFeatures(EASY)) + 0.2);
  });

  it('orders a question with options that are easily confused above one whose options are not', () => {
    const ask = (options: readonly string[]) =>
      routeScore(
        extractFeatures(`Which is it?\n${options.map((option, at) => `${'ABCD'[at]}. ${option}`).join('\n')}\nAnswer:`),
      );
    const confusing = ask(['wrong, wrong', 'wrong, not wrong', 'not wrong, wrong', 'not wrong, not wrong']);
    expect(confusing).toBeGreaterThan(ask(['red, small', 'blue, not large', 'not green, tall', 'not grey, not old']));
  });

  it('gives the evidence for a failure probability: the contributions make its logit', () => {
    const logit = (text: string) => {
      const probability = failureProbability(extractFeatures(text));
      return Math.log(probability / (1 - probability));
    };
    const sum = (text: string) => {
      let total = 0;
      failureProbability(extractFeatures(text), (_feature, _value, weight) => {
        total += weight;
      });
      return total;
    };
    for (const text of [HARD, EASY, 'Why?']) expect(sum(text)).toBeCloseTo(logit(text), 6);
  });

  it('places any score between 0 and 1 in its traffic, higher scores higher', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (low, more) => {
          const place = positionInTraffic('route', low);
          expect(place).toBeGreaterThanOrEqual(0);
          expect(positionInTraffic('route', low + more)).toBeGreaterThanOrEqual(place);
          expect(positionInTraffic('route', low + more)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('text of other languages', () => {
  it.each([
    ['Russian', 'Поезд выходит из города утром и едет весь день без остановки. '],
    ['Chinese', '火车早上从城里出发整天不停地行驶直到晚上。'],
    ['Swahili', 'Treni inaondoka mjini asubuhi na kusafiri mchana kutwa bila kusimama. '],
  ])('is ordered by its length: %s', (_, sentence) => {
    const scores = [1, 2, 4, 8].map((times) => {
      const features = extractFeatures(sentence.repeat(times));
      expect(isOutsideExperience(features)).toBe(true);
      return routeScore(features);
    });
    expect(scores).toEqual(scores.toSorted((left, right) => left - right));
    expect(new Set(scores).size).toBe(scores.length);
  });

  it('is not English', () => {
    expect(isOutsideExperience(extractFeatures(EASY))).toBe(false);
    expect(isOutsideExperience(extractFeatures(HARD))).toBe(false);
  });
});

describe('the score for outside judges', () => {
  it('is between 0 and 1, with a tier, and strong where it is high', () => {
    const short = scorePrompt('What is 2 plus 2?');
    const long = scorePrompt(`${HARD} `.repeat(3));
    expect(short).toMatchObject({ strong: false });
    expect(long.strong).toBe(true);
    expect(long.score).toBeGreaterThan(short.score);
    expect(long.score).toBeLessThan(1);
  });
});
