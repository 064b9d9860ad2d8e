import { BUCKET_COUNT } from '../../src/routing/complexity/bucket-set.ts';
import { dot } from '../../src/routing/dot.ts';
import type { Examples } from './examples.ts';

/**
 * Weights of least squares with a penalty on their squares, rows weighted. `values` holds `width`
 * numbers a row. Solved by Cholesky's decomposition.
 */
export function fitRidge(
  values: Float64Array,
  target: Float64Array,
  weights: Float64Array,
  penalty: number,
): Float64Array {
  const width = values.length / target.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const products = new Float64Array(width * width);
  const shared = new Float64Array(width);
  for (let row = 0; row < target.length; row += 1) {
    const weight = (weights[row] as number) / total;
    for (let left = 0; left < width; left += 1) {
      const value = (values[row * width + left] as number) * weight;
      if (value === 0) continue;
      shared[left] = (shared[left] as number) + value * (target[row] as number);
      for (let right = 0; right <= left; right += 1) {
        const at = left * width + right;
        products[at] = (products[at] as number) + value * (values[row * width + right] as number);
      }
    }
  }
  for (let at = 0; at < width; at += 1) products[at * width + at] = (products[at * width + at] as number) + penalty;
  return solve(products, shared, width);
}

/** Solves a symmetric positive system of which the lower half is given; both arrays are used up. */
function solve(lower: Float64Array, right: Float64Array, width: number): Float64Array {
  for (let row = 0; row < width; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let value = lower[row * width + column] as number;
      for (let at = 0; at < column; at += 1) {
        value -= (lower[row * width + at] as number) * (lower[column * width + at] as number);
      }
      lower[row * width + column] =
        row === column ? Math.sqrt(value) : value / (lower[column * width + column] as number);
    }
  }
  for (let row = 0; row < width; row += 1) {
    let value = right[row] as number;
    for (let at = 0; at < row; at += 1) value -= (lower[row * width + at] as number) * (right[at] as number);
    right[row] = value / (lower[row * width + row] as number);
  }
  for (let row = width - 1; row >= 0; row -= 1) {
    let value = right[row] as number;
    for (let at = row + 1; at < width; at += 1) value -= (lower[at * width + row] as number) * (right[at] as number);
    right[row] = value / (lower[row * width + row] as number);
  }
  return right;
}

/** What `fitWords` needs to know beside the target. */
export type WordFit = {
  readonly weights: Float64Array;
  readonly penalty: number;
  /** Applied to predictions: the identity, or what takes benchmark means away. */
  readonly project: (values: Float64Array) => Float64Array;
};

const ROUNDS_MAX = 30;
const RESIDUAL_MIN = 1e-8;

/** The same for hashed words, of which each row has few: by conjugate gradients. */
export function fitWords(
  examples: Examples,
  target: Float64Array,
  { weights, penalty, project }: WordFit,
): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const back = (values: Float64Array) =>
    addUp(
      examples,
      values.map((value, row) => (value * (weights[row] as number)) / total),
    );
  const solution = new Float64Array(BUCKET_COUNT);
  const residual = back(target);
  const direction = Float64Array.from(residual);
  let length = dot(residual, residual);
  const enough = length * RESIDUAL_MIN;
  for (let round = 0; round < ROUNDS_MAX && length > enough; round += 1) {
    const image = back(project(scoreWords(examples, direction)));
    for (let at = 0; at < BUCKET_COUNT; at += 1)
      image[at] = (image[at] as number) + penalty * (direction[at] as number);
    const step = length / dot(direction, image);
    for (let at = 0; at < BUCKET_COUNT; at += 1) {
      solution[at] = (solution[at] as number) + step * (direction[at] as number);
      residual[at] = (residual[at] as number) - step * (image[at] as number);
    }
    const next = dot(residual, residual);
    for (let at = 0; at < BUCKET_COUNT; at += 1) {
      direction[at] = (residual[at] as number) + (next / length) * (direction[at] as number);
    }
    length = next;
  }
  return solution;
}

/** The sum of a row's bucket weights by the root of their number, for every row. */
export function scoreWords({ count, bucketStarts, buckets }: Examples, weights: Float64Array): Float64Array {
  const scores = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    const start = bucketStarts[row] as number;
    const end = bucketStarts[row + 1] as number;
    let sum = 0;
    for (let at = start; at < end; at += 1) sum += weights[buckets[at] as number] as number;
    scores[row] = sum / Math.sqrt(Math.max(1, end - start));
  }
  return scores;
}

/** The transpose of `scoreWords`. */
function addUp({ count, bucketStarts, buckets }: Examples, values: Float64Array): Float64Array {
  const sums = new Float64Array(BUCKET_COUNT);
  for (let row = 0; row < count; row += 1) {
    const start = bucketStarts[row] as number;
    const end = bucketStarts[row + 1] as number;
    const value = (values[row] as number) / Math.sqrt(Math.max(1, end - start));
    for (let at = start; at < end; at += 1) {
      const bucket = buckets[at] as number;
      sums[bucket] = (sums[bucket] as number) + value;
    }
  }
  return sums;
}
