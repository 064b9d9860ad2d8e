import { baselines } from '../baselines.ts';
import type { Row } from '../data.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { takeExamples, toExamples } from '../fit/examples.ts';
import { fitPrior, scoreExamples } from '../fit/prior.ts';
import { type Fold, foldsByValue } from '../folds.ts';
import { measureRouting, type RoutingMeasure } from '../pairs.ts';

const SEED = 1;
/** Families whose question sets are reported one by one. */
const FAMILIES = ['math-word', 'mcq-knowledge'];

/** The shipped model on question sets, and on families of question sets, that it has not seen. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const examples = toExamples(rows);
  const others = baselines(SEED).map(({ name, score }) => ({ name, scores: rows.map(({ prompt }) => score(prompt)) }));
  const table: string[][] = [['left out', 'question set', 'pairs', 'ours (95 %)', ...others.map(({ name }) => name)]];
  const sums = new Float64Array(1 + others.length);
  let benchmarks = 0;
  const measureFold = (leftOut: string, { train, test }: Fold, counts: boolean) => {
    const prior = fitPrior(takeExamples(examples, train));
    const scores = scoreExamples(prior.route, prior, takeExamples(examples, test));
    const scoreOf = new Map(test.map((row, at) => [row, scores[at] as number]));
    for (const [benchmark, at] of groupByBenchmark(rows, test)) {
      const judged = at.map((row) => rows[row] as Row);
      const ours = measureRouting(
        judged,
        at.map((row) => scoreOf.get(row) as number),
      );
      if (ours === undefined) continue;
      const theirs = others.map(
        ({ scores: all }) =>
          measureRouting(
            judged,
            at.map((row) => all[row] as number),
          )?.apgr ?? 0,
      );
      table.push([leftOut, benchmark, String(ours.pairs), withInterval(ours), ...theirs.map(three)]);
      if (!counts) continue;
      benchmarks += 1;
      for (const [column, value] of [ours.apgr, ...theirs].entries()) sums[column] = (sums[column] as number) + value;
    }
  };
  for (const fold of foldsByValue(rows, ({ benchmark }) => benchmark)) measureFold('the set', fold, true);
  table.push(['the set', 'mean of the above', '', ...[...sums].map((sum) => three(sum / benchmarks))]);
  for (const fold of foldsByValue(rows, ({ family }) => family)) {
    if (FAMILIES.includes(fold.name)) measureFold(`family ${fold.name}`, fold, false);
  }
  return {
    title: 'One shipped model, APGR on what it was not trained on',
    table,
    notes: [
      'Pairs: every cheap with every strong model that is ahead by a tenth; the mean over them, with the interval of the widest pair. Questions that begin alike are left out of training too.',
      'On sets where the strong models fail at what the cheap ones fail at, no order of difficulty can do better than .5.',
    ],
  };
}

function groupByBenchmark(rows: readonly Row[], at: readonly number[]): ReadonlyMap<string, readonly number[]> {
  return Map.groupBy(at, (row) => (rows[row] as Row).benchmark);
}

function withInterval({ apgr, interval }: RoutingMeasure): string {
  return `${three(apgr)} (${three(interval[0])} to ${three(interval[1])})`;
}

function three(value: number): string {
  return value.toFixed(3);
}
