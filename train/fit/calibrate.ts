import { logistic } from '../../src/routing/logistic.ts';
import type { Examples } from './examples.ts';
import { weighRows } from './standardise.ts';

/** A line from a raw score to a logit. */
export type Line = { readonly intercept: number; readonly slope: number };

const ROUNDS = 30;
const QUANTILE_STEPS = 40;

/**
 * Makes a score the logit of a probability: logistic regression on the score alone, by Newton's
 * method (Platt 1999). The target may be a share.
 */
export function calibrateLogit(scores: Float64Array, target: Float64Array, weights: Float64Array): Line {
  let intercept = 0;
  let slope = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = [0, 0];
    const curvature = [0, 0, 0];
    for (const [row, score] of scores.entries()) {
      const probability = logistic(intercept + slope * score);
      const weight = weights[row] as number;
      const error = weight * (probability - (target[row] as number));
      const bend = weight * probability * (1 - probability);
      gradient[0] = (gradient[0] as number) + error;
      gradient[1] = (gradient[1] as number) + error * score;
      curvature[0] = (curvature[0] as number) + bend;
      curvature[1] = (curvature[1] as number) + bend * score;
      curvature[2] = (curvature[2] as number) + bend * score * score;
    }
    const [flat, tilted] = gradient as [number, number];
    const [a, b, c] = curvature as [number, number, number];
    const determinant = a * c - b * b;
    intercept -= (c * flat - b * tilted) / determinant;
    slope -= (a * tilted - b * flat) / determinant;
  }
  return { intercept, slope };
}

/** The least-squares line from one number to another, rows weighted. */
export function fitLine(from: Float64Array, to: Float64Array, weights: Float64Array): Line {
  let total = 0;
  let meanFrom = 0;
  let meanTo = 0;
  for (const [row, weight] of weights.entries()) {
    total += weight;
    meanFrom += weight * (from[row] as number);
    meanTo += weight * (to[row] as number);
  }
  meanFrom /= total;
  meanTo /= total;
  let shared = 0;
  let spread = 0;
  for (const [row, weight] of weights.entries()) {
    const distance = (from[row] as number) - meanFrom;
    shared += weight * distance * ((to[row] as number) - meanTo);
    spread += weight * distance * distance;
  }
  const slope = shared / spread;
  return { intercept: meanTo - slope * meanFrom, slope };
}

/** The scores at even steps of the calibration traffic, lowest first: every benchmark by the root of its size. */
export function measureQuantiles(scores: Float64Array, examples: Examples): readonly number[] {
  const weights = weighRows(examples);
  const order = [...scores.keys()].sort((left, right) => (scores[left] as number) - (scores[right] as number));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const quantiles: number[] = [];
  let passed = 0;
  for (const row of order) {
    while (quantiles.length <= QUANTILE_STEPS && passed >= (quantiles.length / QUANTILE_STEPS) * total) {
      quantiles.push(scores[row] as number);
    }
    passed += weights[row] as number;
  }
  while (quantiles.length <= QUANTILE_STEPS) quantiles.push(scores[order.at(-1) as number] as number);
  return quantiles;
}
