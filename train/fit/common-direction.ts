import type { Examples } from './examples.ts';

/** What one feature's correlation with failure is over all benchmarks. */
type Pooled = { readonly mean: number; readonly standardError: number; readonly benchmarks: number };

/** A feature whose pooled correlation is not this many standard errors from 0 says nothing elsewhere. */
const STANDARD_ERRORS_MIN = 2.5;
/** The more doubtful it is, the more it shrinks: z² / (z² + this). */
const SHRINKAGE = 9;
const BENCHMARKS_MIN = 3;
const ROWS_MIN = 40;
const SPREAD_MIN = 1e-6;
/** Between benchmarks; the estimate runs away where they are few. */
const DEVIATION_MAX = 0.2;

/**
 * The direction that points to failure on most benchmarks alike. Each feature's correlation with
 * the target is measured inside every benchmark and pooled by a random-effects meta-analysis
 * (DerSimonian and Laird 1986): what differs between benchmarks counts as error, not as evidence.
 * Correlations of single features are kept as weights, for the joint weights of correlated features
 * fit one benchmark and fail on the next.
 */
export function findCommonDirection(values: Float64Array, target: Float64Array, examples: Examples): Float64Array {
  const rowsOf = Array.from({ length: examples.groupCount }, (): number[] => []);
  for (const [row, group] of examples.groups.entries()) (rowsOf[group] as number[]).push(row);
  const benchmarks = rowsOf.filter((rows) => rows.length >= ROWS_MIN);
  return Float64Array.from({ length: examples.width }, (_, at) => {
    const found: { readonly correlation: number; readonly size: number }[] = [];
    for (const rows of benchmarks) {
      const correlation = correlate(rows, (row) => values[row * examples.width + at] as number, target);
      if (correlation !== undefined) found.push({ correlation, size: rows.length });
    }
    if (found.length < BENCHMARKS_MIN) return 0;
    const { mean, standardError } = pool(found);
    const z = mean / standardError;
    return Math.abs(z) < STANDARD_ERRORS_MIN ? 0 : (mean * z * z) / (z * z + SHRINKAGE);
  });
}

function pool(found: readonly { readonly correlation: number; readonly size: number }[]): Pooled {
  const total = sumOf(found, ({ size }) => size);
  const fixed = sumOf(found, ({ correlation, size }) => correlation * size) / total;
  const heterogeneity = sumOf(found, ({ correlation, size }) => size * (correlation - fixed) ** 2);
  const spread = total - sumOf(found, ({ size }) => size * size) / total;
  const variance = Math.min(DEVIATION_MAX ** 2, Math.max(0, (heterogeneity - (found.length - 1)) / spread));
  const weights = sumOf(found, ({ size }) => 1 / (1 / size + variance));
  const mean = sumOf(found, ({ correlation, size }) => correlation / (1 / size + variance)) / weights;
  return { mean, standardError: 1 / Math.sqrt(weights), benchmarks: found.length };
}

function correlate(
  rows: readonly number[],
  valueOfRow: (row: number) => number,
  target: Float64Array,
): number | undefined {
  const meanValue = sumOf(rows, valueOfRow) / rows.length;
  const meanTarget = sumOf(rows, (row) => target[row] as number) / rows.length;
  const valueSpread = sumOf(rows, (row) => (valueOfRow(row) - meanValue) ** 2);
  const targetSpread = sumOf(rows, (row) => ((target[row] as number) - meanTarget) ** 2);
  if (valueSpread < SPREAD_MIN || targetSpread < SPREAD_MIN) return undefined;
  const shared = sumOf(rows, (row) => (valueOfRow(row) - meanValue) * ((target[row] as number) - meanTarget));
  return shared / Math.sqrt(valueSpread * targetSpread);
}

function sumOf<Item>(items: readonly Item[], read: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += read(item);
  return sum;
}
