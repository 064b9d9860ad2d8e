import { STANDARD_MAX } from '../../src/routing/answer-check/score-answer.ts';
import { dot } from '../../src/routing/dot.ts';
import { logistic } from '../../src/routing/logistic.ts';
import { fitRidge } from './ridge.ts';

/** A logistic score on standardised columns. */
export type Logistic = {
  readonly intercept: number;
  readonly means: Float64Array;
  /** 0 for a column that never varies; its weight is 0 too. */
  readonly scales: Float64Array;
  readonly weights: Float64Array;
};

export type LogisticInput = {
  /** Row by row; all as long. */
  readonly rows: readonly Float64Array[];
  /** 0 to 1. */
  readonly target: Float64Array;
  readonly rowWeights: Float64Array;
  /** On the squares of the weights, against the log-likelihood of all rows. */
  readonly penalty: number;
};

const ROUNDS_MAX = 30;
const STEP_MIN = 1e-6;
const SCALE_MIN = 1e-6;
const SPREAD_MIN = 1e-6;

/** Penalised logistic regression by Newton's method: each round is a ridge regression of the working response. */
export function fitLogistic({ rows, target, rowWeights, penalty }: LogisticInput): Logistic {
  const { means, scales } = measureColumns(rows, rowWeights);
  const width = means.length;
  const standard = rows.map((row) => standardise(row, means, scales));
  let weights = new Float64Array(width);
  let intercept = 0;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const curvature = new Float64Array(rows.length);
    const response = new Float64Array(rows.length);
    for (const [at, row] of standard.entries()) {
      const logit = intercept + dot(row, weights);
      const probability = logistic(logit);
      const spread = Math.max(SPREAD_MIN, probability * (1 - probability));
      curvature[at] = (rowWeights[at] as number) * spread;
      response[at] = logit + ((target[at] as number) - probability) / spread;
    }
    const next = solveRound(standard, response, { curvature, penalty });
    const step = Math.max(
      Math.abs(next.intercept - intercept),
      ...next.weights.map((one, at) => Math.abs(one - (weights[at] as number))),
    );
    ({ weights, intercept } = next);
    if (step < STEP_MIN) break;
  }
  return { intercept, means, scales, weights };
}

/** Weighted means are taken away first, so that the intercept is not drawn to 0. */
function solveRound(
  rows: readonly Float64Array[],
  response: Float64Array,
  { curvature, penalty }: { readonly curvature: Float64Array; readonly penalty: number },
): { intercept: number; weights: Float64Array<ArrayBuffer> } {
  const width = rows[0]?.length ?? 0;
  const total = sum(curvature);
  const centre = new Float64Array(width);
  let level = 0;
  for (const [at, row] of rows.entries()) {
    const share = (curvature[at] as number) / total;
    level += share * (response[at] as number);
    for (let column = 0; column < width; column += 1) {
      centre[column] = (centre[column] as number) + share * (row[column] as number);
    }
  }
  const values = new Float64Array(rows.length * width);
  for (const [at, row] of rows.entries()) {
    for (let column = 0; column < width; column += 1) {
      values[at * width + column] = (row[column] as number) - (centre[column] as number);
    }
  }
  const weights = Float64Array.from(
    fitRidge(
      values,
      response.map((one) => one - level),
      curvature,
      penalty / total,
    ),
  );
  return { intercept: level - dot(centre, weights), weights };
}

function measureColumns(rows: readonly Float64Array[], rowWeights: Float64Array) {
  const width = rows[0]?.length ?? 0;
  const total = sum(rowWeights);
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let column = 0; column < width; column += 1) {
    let mean = 0;
    let square = 0;
    for (const [at, row] of rows.entries()) {
      const share = (rowWeights[at] as number) / total;
      mean += share * (row[column] as number);
      square += share * (row[column] as number) ** 2;
    }
    const scale = Math.sqrt(Math.max(0, square - mean * mean));
    means[column] = mean;
    scales[column] = scale < SCALE_MIN ? 0 : scale;
  }
  return { means, scales };
}

function standardise(row: Float64Array, means: Float64Array, scales: Float64Array): Float64Array {
  return row.map((value, at) => {
    if (scales[at] === 0) return 0;
    const standard = (value - (means[at] as number)) / (scales[at] as number);
    return Math.min(STANDARD_MAX, Math.max(-STANDARD_MAX, standard));
  });
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
