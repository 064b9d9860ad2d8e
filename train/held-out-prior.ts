import type { Row } from './data.ts';
import { type Examples, takeExamples } from './fit/examples.ts';
import { fitPrior, scoreExamples } from './fit/prior.ts';
import type { HeldOutScores } from './fit/prior-file.ts';
import { type Fold, foldsByStem, questionStem } from './folds.ts';

/** So many rows that begin alike have a template in common, not a question. */
export const TEMPLATE_ROWS_MIN = 20;

/**
 * Folds by question. Rows of a template ask different questions and are dealt one by one, as a
 * site's own traffic would have them on both sides; `foldsByStem` keeps even templates together.
 */
export function foldsByQuestion(rows: readonly Row[], count: number, seed: number): readonly Fold[] {
  const sizes = new Map<string, number>();
  const stems = rows.map(({ prompt }) => questionStem(prompt));
  for (const stem of stems) sizes.set(stem, (sizes.get(stem) ?? 0) + 1);
  const asked = stems.map((stem, at) => ({
    prompt: (sizes.get(stem) as number) >= TEMPLATE_ROWS_MIN ? `${at} ${stem}` : stem,
  }));
  return foldsByStem(asked, count, seed);
}

/** Route scores of all examples by a shipped model that has not seen the fold's judged rows. */
export function scoreByPriorWithout(fold: Fold, examples: Examples): Float64Array {
  const prior = fitPrior(takeExamples(examples, fold.train));
  return scoreExamples(prior.route, prior, examples);
}

/** Each row by both heads of a model that was trained without its fold. */
export function scoreHeldOut(examples: Examples, folds: readonly Fold[]): HeldOutScores {
  const route = new Float64Array(examples.count);
  const failure = new Float64Array(examples.count);
  for (const { train, test } of folds) {
    const prior = fitPrior(takeExamples(examples, train));
    const judged = takeExamples(examples, test);
    const routeScores = scoreExamples(prior.route, prior, judged);
    const failureScores = scoreExamples(prior.failure, prior, judged);
    for (const [at, row] of test.entries()) {
      route[row] = routeScores[at] as number;
      failure[row] = failureScores[at] as number;
    }
  }
  return { route, failure };
}
