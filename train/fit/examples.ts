import { extractFeatures } from '../../src/routing/complexity/extract-features.ts';
import { SURFACE_NAMES } from '../../src/routing/complexity/surface.ts';
import { weighByAgreement } from '../agreement.ts';
import type { Row } from '../data.ts';
import { failureShare } from '../models.ts';

/** Prompts as numbers, column by column: what a fit reads. */
export type Examples = {
  readonly count: number;
  /** Number of surface features. */
  readonly width: number;
  /** Row after row, `width` numbers each. */
  readonly surface: Float64Array;
  /** Where each row's buckets begin, and after the last where they end. */
  readonly bucketStarts: Int32Array;
  readonly buckets: Uint16Array;
  /** The benchmark of each row, as a number. */
  readonly groups: Int32Array;
  readonly groupCount: number;
  /** Share of the cheap models that failed. */
  readonly cheapFails: Float64Array;
  /** The same, each model by its weight, see `weighByAgreement`: how hard the prompt is for cheap models. */
  readonly cheapDifficulty: Float64Array;
  /** And for strong ones. */
  readonly strongDifficulty: Float64Array;
};

/** Rows with a record of at least one cheap and one strong model. */
export function toExamples(rows: readonly Row[]): Examples {
  const width = SURFACE_NAMES.length;
  const surface = new Float64Array(rows.length * width);
  const bucketStarts = new Int32Array(rows.length + 1);
  const buckets: number[] = [];
  const rowsOf = Map.groupBy(rows, ({ benchmark }) => benchmark);
  const benchmarks = [...rowsOf.keys()];
  const weights = new Map([...rowsOf].map(([benchmark, of]) => [benchmark, weighByAgreement(of)]));
  for (const [at, { prompt }] of rows.entries()) {
    const features = extractFeatures(prompt);
    surface.set(features.surface, at * width);
    for (const bucket of features.buckets) buckets.push(bucket);
    bucketStarts[at + 1] = buckets.length;
  }
  return {
    count: rows.length,
    width,
    surface,
    bucketStarts,
    buckets: Uint16Array.from(buckets),
    groups: Int32Array.from(rows, ({ benchmark }) => benchmarks.indexOf(benchmark)),
    groupCount: benchmarks.length,
    cheapFails: Float64Array.from(rows, (row) => failureShare(row, 'cheap')),
    cheapDifficulty: Float64Array.from(rows, (row) => failureShare(row, 'cheap', weights.get(row.benchmark))),
    strongDifficulty: Float64Array.from(rows, (row) => failureShare(row, 'strong', weights.get(row.benchmark))),
  };
}

/** Some of the rows, their groups numbered anew without gaps. */
export function takeExamples(all: Examples, rows: readonly number[]): Examples {
  const { width } = all;
  const surface = new Float64Array(rows.length * width);
  const bucketStarts = new Int32Array(rows.length + 1);
  const groupNumbers = new Map<number, number>();
  for (const [at, row] of rows.entries()) {
    surface.set(all.surface.subarray(row * width, (row + 1) * width), at * width);
    const length = (all.bucketStarts[row + 1] as number) - (all.bucketStarts[row] as number);
    bucketStarts[at + 1] = (bucketStarts[at] as number) + length;
    const group = all.groups[row] as number;
    if (!groupNumbers.has(group)) groupNumbers.set(group, groupNumbers.size);
  }
  const buckets = new Uint16Array(bucketStarts[rows.length] as number);
  for (const [at, row] of rows.entries()) {
    buckets.set(all.buckets.subarray(all.bucketStarts[row], all.bucketStarts[row + 1]), bucketStarts[at]);
  }
  return {
    count: rows.length,
    width,
    surface,
    bucketStarts,
    buckets,
    groups: Int32Array.from(rows, (row) => groupNumbers.get(all.groups[row] as number) as number),
    groupCount: groupNumbers.size,
    cheapFails: Float64Array.from(rows, (row) => all.cheapFails[row] as number),
    cheapDifficulty: Float64Array.from(rows, (row) => all.cheapDifficulty[row] as number),
    strongDifficulty: Float64Array.from(rows, (row) => all.strongDifficulty[row] as number),
  };
}
