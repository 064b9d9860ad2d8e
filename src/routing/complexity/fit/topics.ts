import { dot } from '../../dot.ts';
import { seededNormal } from './seeded-normal.ts';
import { dotRow, type SparseRow, type SparseRows } from './sparse-rows.ts';

/** Directions in the space of terms along which prompts differ most: what they are about. */
export type Topics = {
  /** A column of weights for each topic, by term; scaled so that a prompt's topics have a length of about 1. */
  readonly directions: readonly Float64Array[];
};

const ROUNDS = 20;
/** A few more than asked for make the ones asked for exact. */
const SPARE = 8;
/** A term of fewer prompts tells of no topic. */
const PROMPTS_MIN = 2;

/**
 * The leading singular directions of the prompts' terms, by subspace iteration from a random start
 * (Halko, Martinsson and Tropp 2011, section 4.4), each divided by the root of its singular value.
 */
export function findTopics(rows: SparseRows, promptsOfTerm: Int32Array, count: number): Topics {
  const common = keepCommon(rows, promptsOfTerm);
  const wanted = Math.min(count, rows.count);
  const normal = seededNormal(1);
  let base: readonly Float64Array[] = Array.from({ length: Math.min(wanted + SPARE, rows.count) }, () =>
    Float64Array.from({ length: rows.count }, normal),
  );
  orthonormalise(base);
  for (let round = 0; round < ROUNDS; round += 1) {
    base = base.map((column) => multiply(common, multiplyBack(common, column)));
    orthonormalise(base);
  }
  const directions = base.slice(0, wanted).flatMap((column) => {
    const direction = multiplyBack(common, column);
    const singular = Math.sqrt(dot(direction, direction));
    if (singular < 1e-9) return [];
    return [direction.map((part) => part / singular ** 1.5)];
  });
  let squares = 0;
  for (const direction of directions) for (const value of multiply(common, direction)) squares += value * value;
  const scale = squares === 0 ? 0 : Math.sqrt(rows.count / squares);
  return { directions: directions.map((direction) => direction.map((part) => part * scale)) };
}

/** How much a prompt is about each topic. */
export function topicsOf(row: SparseRow, { directions }: Topics): Float64Array {
  return Float64Array.from(directions, (direction) => dotRow(row, direction));
}

function keepCommon(rows: SparseRows, promptsOfTerm: Int32Array): SparseRows {
  const starts = new Int32Array(rows.count + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    for (let at = rows.starts[row] as number; at < (rows.starts[row + 1] as number); at += 1) {
      const column = rows.columns[at] as number;
      if ((promptsOfTerm[column] as number) < PROMPTS_MIN) continue;
      columns.push(column);
      values.push(rows.values[at] as number);
    }
    starts[row + 1] = columns.length;
  }
  return { ...rows, starts, columns: Int32Array.from(columns), values: Float64Array.from(values) };
}

function multiply({ count, starts, columns, values }: SparseRows, weights: Float64Array): Float64Array {
  const products = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    let sum = 0;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at += 1) {
      sum += (values[at] as number) * (weights[columns[at] as number] as number);
    }
    products[row] = sum;
  }
  return products;
}

function multiplyBack({ count, width, starts, columns, values }: SparseRows, shares: Float64Array): Float64Array {
  const sums = new Float64Array(width);
  for (let row = 0; row < count; row += 1) {
    const share = shares[row] as number;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at += 1) {
      const column = columns[at] as number;
      sums[column] = (sums[column] as number) + share * (values[at] as number);
    }
  }
  return sums;
}

/** Gram and Schmidt, each column against those before it, twice for exactness. */
function orthonormalise(base: readonly Float64Array[]): void {
  for (const [at, column] of base.entries()) {
    for (let pass = 0; pass < 2; pass += 1) {
      for (const before of base.slice(0, at)) {
        const shared = dot(before, column);
        for (let row = 0; row < column.length; row += 1)
          column[row] = (column[row] as number) - shared * (before[row] as number);
      }
    }
    const length = Math.sqrt(dot(column, column));
    for (let row = 0; row < column.length; row += 1)
      column[row] = length < 1e-12 ? 0 : (column[row] as number) / length;
  }
}
