import type { Examples } from './examples.ts';

/** How surface features become comparable: (value - mean) / scale, no farther than `STANDARD_MAX` from 0. */
export type Standard = { readonly means: Float64Array; readonly scales: Float64Array };

const STANDARD_MAX = 6;
const SCALE_MIN = 1e-6;

/**
 * The scale of a feature is its spread inside a benchmark, all benchmarks alike: between them it
 * spreads by what they are about, which says nothing of which prompt in one is the harder.
 */
export function measureStandard({ count, width, surface, groups, groupCount }: Examples): Standard {
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  const sizes = new Float64Array(groupCount);
  for (let row = 0; row < count; row += 1) sizes[groups[row] as number] = (sizes[groups[row] as number] as number) + 1;
  for (let at = 0; at < width; at += 1) {
    const sums = new Float64Array(groupCount);
    const squares = new Float64Array(groupCount);
    let sum = 0;
    for (let row = 0; row < count; row += 1) {
      const value = surface[row * width + at] as number;
      const group = groups[row] as number;
      sum += value;
      sums[group] = (sums[group] as number) + value;
      squares[group] = (squares[group] as number) + value * value;
    }
    let variance = 0;
    for (let group = 0; group < groupCount; group += 1) {
      const size = sizes[group] as number;
      variance += Math.max(0, (squares[group] as number) / size - ((sums[group] as number) / size) ** 2) / groupCount;
    }
    means[at] = sum / count;
    const scale = Math.sqrt(variance);
    scales[at] = scale < SCALE_MIN ? 1 : scale;
  }
  return { means, scales };
}

/** A standardised copy of all surface features, row after row. */
export function standardise({ count, width, surface }: Examples, { means, scales }: Standard): Float64Array {
  const values = new Float64Array(count * width);
  for (let row = 0; row < count; row += 1) {
    for (let at = 0; at < width; at += 1) {
      const value = ((surface[row * width + at] as number) - (means[at] as number)) / (scales[at] as number);
      values[row * width + at] = Math.min(STANDARD_MAX, Math.max(-STANDARD_MAX, value));
    }
  }
  return values;
}

/** A weight for each row: a benchmark counts by the root of its size, so that none drowns the others. The mean is 1. */
export function weighRows({ count, groups, groupCount }: Examples): Float64Array {
  const sizes = new Float64Array(groupCount);
  for (const group of groups) sizes[group] = (sizes[group] as number) + 1;
  const weights = Float64Array.from(groups, (group) => 1 / Math.sqrt(sizes[group] as number));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / count;
  return weights.map((weight) => weight / mean);
}

/** The values less the weighted mean of their benchmark. */
export function centre(values: Float64Array, { groups, groupCount }: Examples, weights: Float64Array): Float64Array {
  const sums = new Float64Array(groupCount);
  const totals = new Float64Array(groupCount);
  for (let row = 0; row < values.length; row += 1) {
    const group = groups[row] as number;
    sums[group] = (sums[group] as number) + (values[row] as number) * (weights[row] as number);
    totals[group] = (totals[group] as number) + (weights[row] as number);
  }
  return values.map((value, row) => {
    const group = groups[row] as number;
    return value - (sums[group] as number) / (totals[group] as number);
  });
}

/** The mean over benchmarks of the standard deviation inside each. */
export function spreadInside(scores: Float64Array, { groups, groupCount }: Examples): number {
  const sizes = new Float64Array(groupCount);
  const sums = new Float64Array(groupCount);
  const squares = new Float64Array(groupCount);
  for (const [row, score] of scores.entries()) {
    const group = groups[row] as number;
    sizes[group] = (sizes[group] as number) + 1;
    sums[group] = (sums[group] as number) + score;
    squares[group] = (squares[group] as number) + score * score;
  }
  let spread = 0;
  for (let group = 0; group < groupCount; group += 1) {
    const mean = (sums[group] as number) / (sizes[group] as number);
    spread += Math.sqrt(Math.max(0, (squares[group] as number) / (sizes[group] as number) - mean * mean));
  }
  return spread / groupCount;
}
