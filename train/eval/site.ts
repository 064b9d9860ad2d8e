import { extractFeatures, type PromptFeatures } from '../../src/routing/complexity/extract-features.ts';
import { LOGIT_PER_SCORE } from '../../src/routing/learning/site-line.ts';
import { learn, newSite, type SiteModel, siteShift, trustOf } from '../../src/routing/learning/site-model.ts';
import type { Row } from '../data.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { toExamples } from '../fit/examples.ts';
import type { Fold } from '../folds.ts';
import { foldsByQuestion, scoreByPriorWithout } from '../held-out-prior.ts';
import { meanOf } from '../mean-of.ts';
import { measureGapRecovered } from '../metric.ts';
import { seededRandom, shuffled } from '../random.ts';

const SEED = 1;
const FOLDS = 5;
const DRAWS = 6;
const LABELS = 200;
const WEAK = 'mixtral-8x7b-instruct';
const STRONG = 'gpt-4-1106-preview';
const LABEL_EVERY_MS = 60_000;

type Teaching = {
  readonly name: string;
  readonly labels: number;
  /** What is reported of a row, 0 to 1; `random` may make it wrong. */
  readonly report: (row: Row, random: () => number, at: number) => number;
};

const weakFailed = ({ outcomes }: Row) => 1 - (outcomes[WEAK] as number);
const goingUpPaid = ({ outcomes }: Row) => (1 + (outcomes[STRONG] as number) - (outcomes[WEAK] as number)) / 2;

const TEACHINGS: readonly Teaching[] = [
  { name: 'no label', labels: 0, report: weakFailed },
  { name: 'did going up pay', labels: LABELS, report: goingUpPaid },
  { name: 'did the weak model fail', labels: LABELS, report: weakFailed },
  {
    name: 'did going up pay, half of them by chance',
    labels: LABELS,
    report: (row, random) => (random() < 0.5 ? Math.floor(3 * random()) / 2 : goingUpPaid(row)),
  },
  {
    name: 'all by chance',
    labels: LABELS,
    report: (_, random) => Math.floor(3 * random()) / 2,
  },
  {
    name: 'as many the wrong way round before',
    labels: 2 * LABELS,
    report: (row, _, at) => (at < LABELS ? 1 - goingUpPaid(row) : goingUpPaid(row)),
  },
];

type Judged = { readonly apgr: number; readonly trust: number };

/** A site's own model after a few labels, judged on other questions of the same benchmark. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const examples = toExamples(rows);
  const folds = foldsByQuestion(rows, FOLDS, SEED);
  const priors = folds.map((fold) => scoreByPriorWithout(fold, examples));
  const table = [['benchmark', 'labels', 'what they say', `APGR (95 %, over ${FOLDS * DRAWS} draws)`, 'trust']];
  for (const benchmark of ['mmlu', 'gsm8k']) {
    const features = new Map<number, PromptFeatures>();
    for (const [at, row] of rows.entries())
      if (row.benchmark === benchmark) features.set(at, extractFeatures(row.prompt));
    for (const teaching of TEACHINGS) {
      const judged = folds.flatMap((fold, part) =>
        Array.from({ length: DRAWS }, (_, draw) =>
          judge({ rows, features, fold, prior: priors[part] as Float64Array, teaching, seed: SEED + draw }),
        ),
      );
      const apgr = meanOf(judged.map((one) => one.apgr));
      const spread = Math.sqrt(meanOf(judged.map((one) => (one.apgr - apgr) ** 2)));
      const half = (1.96 * spread) / Math.sqrt(judged.length - 1);
      table.push([
        benchmark,
        teaching.labels.toString(),
        teaching.name,
        `${apgr.toFixed(3)} (${(apgr - half).toFixed(3)} to ${(apgr + half).toFixed(3)})`,
        meanOf(judged.map((one) => one.trust)).toFixed(2),
      ]);
    }
  }
  return {
    title: `A site's own model (${WEAK}, ${STRONG})`,
    table,
    notes: ['The interval is that of drawing labels and folds; the shipped score has not seen the judged rows.'],
  };
}

type Trial = {
  readonly rows: readonly Row[];
  readonly features: ReadonlyMap<number, PromptFeatures>;
  readonly fold: Fold;
  readonly prior: Float64Array;
  readonly teaching: Teaching;
  readonly seed: number;
};

function judge({ rows, features, fold, prior, teaching, seed }: Trial): Judged {
  const random = seededRandom(seed);
  const taught = shuffled(
    fold.train.filter((at) => features.has(at)),
    random,
  ).slice(0, teaching.labels);
  let site: SiteModel = newSite();
  for (const [count, at] of taught.entries()) {
    const failure = teaching.report(rows[at] as Row, random, count);
    const outcome = { features: features.get(at) as PromptFeatures, failure, weight: 1, source: 'feedback' } as const;
    site = learn(site, outcome, count * LABEL_EVERY_MS);
  }
  const test = fold.test.filter((at) => features.has(at));
  const scores = test.map(
    (at) => LOGIT_PER_SCORE * (prior[at] as number) + siteShift(site, features.get(at) as PromptFeatures),
  );
  const outcomesOf = (model: string) => test.map((at) => (rows[at] as Row).outcomes[model] as number);
  return { apgr: measureGapRecovered(scores, outcomesOf(WEAK), outcomesOf(STRONG)).apgr, trust: trustOf(site) };
}
