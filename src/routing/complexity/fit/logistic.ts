import { logistic } from '../../logistic.ts';
import type { Encoded } from './encoder.ts';
import { minimise } from './minimise.ts';
import { dotRow, toSparseRows } from './sparse-rows.ts';

/** Weights of a logistic regression, for the two kinds of inputs. */
export type Head = { readonly dense: Float64Array; readonly terms: Float64Array; readonly intercept: number };

const ROUNDS_MAX = 60;

/** The probability of 1. */
export function probabilityOf(row: Encoded, head: Head): number {
  let sum = head.intercept + dotRow(row.terms, head.terms);
  for (let at = 0; at < row.dense.length; at += 1) sum += (row.dense[at] as number) * (head.dense[at] as number);
  return logistic(sum);
}

/**
 * Logistic regression of targets 0 to 1 with a penalty on the squares of the weights, half of
 * `penalty` each; the intercept goes free.
 */
export function fitLogistic(
  rows: readonly Encoded[],
  targets: readonly number[],
  { termCount, penalty }: { readonly termCount: number; readonly penalty: number },
): Head {
  const width = rows[0]?.dense.length ?? 0;
  const dense = new Float64Array(rows.length * width);
  for (const [row, encoded] of rows.entries()) dense.set(encoded.dense, row * width);
  const { starts, columns, values } = toSparseRows(
    rows.map(({ terms }) => terms),
    termCount,
  );
  const last = width + termCount;
  const start = new Float64Array(last + 1);
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  start[last] = Math.log((mean + 0.01) / (1.01 - mean));
  const fitted = minimise(
    (point, gradient) => {
      let loss = 0;
      for (let at = 0; at < last; at += 1) {
        loss += (penalty / 2) * (point[at] as number) ** 2;
        gradient[at] = penalty * (point[at] as number);
      }
      gradient[last] = 0;
      for (let row = 0; row < rows.length; row += 1) {
        const from = row * width;
        const begin = starts[row] as number;
        const end = starts[row + 1] as number;
        let sum = point[last] as number;
        for (let at = 0; at < width; at += 1) sum += (dense[from + at] as number) * (point[at] as number);
        for (let at = begin; at < end; at += 1) {
          sum += (values[at] as number) * (point[width + (columns[at] as number)] as number);
        }
        const target = targets[row] as number;
        loss += Math.max(0, sum) + Math.log1p(Math.exp(-Math.abs(sum))) - target * sum;
        const error = logistic(sum) - target;
        for (let at = 0; at < width; at += 1) {
          gradient[at] = (gradient[at] as number) + error * (dense[from + at] as number);
        }
        for (let at = begin; at < end; at += 1) {
          const place = width + (columns[at] as number);
          gradient[place] = (gradient[place] as number) + error * (values[at] as number);
        }
        gradient[last] = (gradient[last] as number) + error;
      }
      return loss;
    },
    start,
    ROUNDS_MAX,
  );
  return { dense: fitted.slice(0, width), terms: fitted.slice(width, last), intercept: fitted[last] as number };
}
