import { examShare } from '../../src/routing/complexity/exam-share.ts';
import { extractFeatures } from '../../src/routing/complexity/extract-features.ts';
import { outline } from '../../src/routing/complexity/normalise.ts';
import { readRequest } from '../../src/routing/complexity/request-features.ts';
import { scoreFeatures, sumPoints } from '../../src/routing/complexity/score.ts';
import { fromLexiconScore, tierOfScore } from '../../src/routing/complexity/tiers.ts';
import { baselines } from '../baselines.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { type Examples, takeExamples, toExamples } from '../fit/examples.ts';
import { fitPrior, scoreExamples } from '../fit/prior.ts';
import { type Fold, foldsByStem, foldsByValue } from '../folds.ts';

const SEED = 1;
const FOLDS = 5;
const TIERS_JUDGED = ['simple', 'medium', 'complex', 'expert'] as const;

/** How the accuracy of cheap models falls from tier to tier, and how well the order tells where they fail. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const examples = toExamples(rows);
  const table: string[][] = [
    ['held out', 'scored by', ...TIERS_JUDGED.map((tier) => `${tier} (share)`), 'spread', 'AUC cheap fails'],
  ];
  const folds = {
    questions: foldsByStem(rows, FOLDS, SEED),
    'question sets': foldsByValue(rows, ({ benchmark }) => benchmark),
  };
  for (const [name, parts] of Object.entries(folds)) {
    const learnt = scoreHeldOut(examples, parts);
    const blended = rows.map(({ prompt }, row) => blend(prompt, learnt[row] as number));
    table.push([name, 'the model alone', ...describe([...learnt], examples)]);
    table.push([name, 'as classified', ...describe(blended, examples)]);
  }
  for (const { name, score } of baselines(SEED)) {
    table.push(['', name, ...describe(rankShares(rows.map(({ prompt }) => score(prompt))), examples)]);
  }
  return { title: 'Tiers: accuracy of the cheap models', table };
}

/** Each row's place among the held-out scores of its fold's model, 0 to 1. */
function scoreHeldOut(examples: Examples, folds: readonly Fold[]): Float64Array {
  const scores = new Float64Array(examples.count);
  for (const { train, test } of folds) {
    const prior = fitPrior(takeExamples(examples, train));
    const judged = scoreExamples(prior.failure, prior, takeExamples(examples, test));
    for (const [at, row] of test.entries()) scores[row] = judged[at] as number;
  }
  return Float64Array.from(rankShares([...scores]));
}

/** What `classify` makes of a place by the model, the lexicon having its share. */
function blend(prompt: string, learnt: number): number {
  const request = readRequest(
    outline({ messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }] }),
    sumPoints,
  );
  const share = examShare(extractFeatures(prompt), request);
  return share * learnt + (1 - share) * fromLexiconScore(scoreFeatures(request));
}

function rankShares(scores: readonly number[]): number[] {
  const sorted = Float64Array.from(scores).sort();
  const places = new Map<number, number>();
  for (const [place, score] of sorted.entries()) if (!places.has(score)) places.set(score, place / scores.length);
  return scores.map((score) => places.get(score) as number);
}

function describe(scores: readonly number[], { cheapFails }: Examples): readonly string[] {
  const accuracies: number[] = [];
  const cells = TIERS_JUDGED.map((tier) => {
    const rows = [...scores.keys()].filter((row) => tierOfScore(scores[row] as number) === tier);
    if (rows.length === 0) return 'none';
    const accuracy = 1 - rows.reduce((sum, row) => sum + (cheapFails[row] as number), 0) / rows.length;
    accuracies.push(accuracy);
    return `${accuracy.toFixed(3)} (${Math.round((100 * rows.length) / scores.length)} %)`;
  });
  const spread = (accuracies[0] ?? 0) - (accuracies.at(-1) ?? 0);
  return [...cells, spread.toFixed(3), measureShareAuc(scores, cheapFails).toFixed(3)];
}

/** The AUC where failure is a share: every row is a failure by its share and a success by the rest. */
function measureShareAuc(scores: readonly number[], failed: Float64Array): number {
  const order = [...scores.keys()].sort((left, right) => (scores[left] as number) - (scores[right] as number));
  let successes = 0;
  let won = 0;
  let failures = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tiedFailures = 0;
    let tiedSuccesses = 0;
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) {
      tiedFailures += failed[order[end] as number] as number;
      tiedSuccesses += 1 - (failed[order[end] as number] as number);
      end += 1;
    }
    won += tiedFailures * (successes + tiedSuccesses / 2);
    successes += tiedSuccesses;
    failures += tiedFailures;
    start = end;
  }
  return won / (successes * failures);
}
