import type { Row } from './data.ts';
import { type Examples, takeExamples } from './fit/examples.ts';
import { fitPrior, scoreExamples } from './fit/prior.ts';
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
