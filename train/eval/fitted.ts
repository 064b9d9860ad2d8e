import { fitPairOver, type LabelledPrompt } from '../../src/routing/complexity/fit/fit-pair.ts';
import type { Row } from '../data.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { toExamples } from '../fit/examples.ts';
import { type Fold, foldsByStem, questionStem } from '../folds.ts';
import { foldsByQuestion, scoreByPriorWithout, TEMPLATE_ROWS_MIN } from '../held-out-prior.ts';
import { bootstrapInterval, type GapRecovered, measureGapRecovered } from '../metric.ts';
import { seededRandom, shuffled } from '../random.ts';

const SEED = 1;
const FOLDS = 5;
const WEAK = 'mixtral-8x7b-instruct';
const STRONG = 'gpt-4-1106-preview';

type Case = {
  readonly name: string;
  readonly benchmark: string;
  readonly folds: 'questions' | 'templates';
  /** Labels are these rows only, and judged are the others; else labels are all but the fold's. */
  readonly isLabelled?: (row: Row) => boolean;
  /** Only so many labels, drawn anew for each fold. */
  readonly labelsMax?: number;
  /** Instead of a fit: what going up gained in the true subject, which no router is told. */
  readonly isToldSubject?: true;
};

const CASES: readonly Case[] = [
  { name: 'MMLU', benchmark: 'mmlu', folds: 'questions' },
  { name: 'MMLU, told the true subject', benchmark: 'mmlu', folds: 'questions', isToldSubject: true },
  { name: 'MMLU, its templates held out too', benchmark: 'mmlu', folds: 'templates' },
  { name: 'MMLU, core1500 labels', benchmark: 'mmlu', folds: 'questions', isLabelled: ({ core1500 }) => core1500 },
  { name: 'MMLU, few labels', benchmark: 'mmlu', folds: 'questions', labelsMax: 200 },
  { name: 'GSM8K', benchmark: 'gsm8k', folds: 'questions' },
  { name: 'GSM8K, few labels', benchmark: 'gsm8k', folds: 'questions', labelsMax: 200 },
];

type Judged = {
  readonly labels: number;
  readonly scores: readonly number[];
  readonly shipped: readonly number[];
  readonly weak: readonly number[];
  readonly strong: readonly number[];
};

/** Scores fitted to labels of one pair of models, judged on other questions of the same benchmark. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const examples = toExamples(rows);
  const foldsBy = { questions: foldsByQuestion(rows, FOLDS, SEED), templates: foldsByStem(rows, FOLDS, SEED) };
  const priorsBy = {
    questions: foldsBy.questions.map((fold) => scoreByPriorWithout(fold, examples)),
    templates: foldsBy.templates.map((fold) => scoreByPriorWithout(fold, examples)),
  };
  const table = [['labels of', 'labels a fold', 'judged', 'APGR (95 %)', 'CPT50', 'CPT80', 'without labels']];
  for (const aCase of CASES) {
    const parts = foldsBy[aCase.folds].map((fold, part) =>
      judgeFold(rows, chooseRows(rows, fold, aCase), {
        prior: priorsBy[aCase.folds][part] as Float64Array,
        isToldSubject: aCase.isToldSubject ?? false,
      }),
    );
    table.push([aCase.name, ...describe(parts)]);
  }
  return {
    title: `Fitted to labels of one pair (${WEAK}, ${STRONG})`,
    table,
    notes: [
      `Means over ${FOLDS} folds by question, with the interval of all judged rows; the shipped score in the mix has not seen the judged rows.`,
      'Most questions of MMLU moral_scenarios share one template: kept together, nothing can be learnt of it.',
    ],
  };
}

type Scoring = { readonly prior: Float64Array; readonly isToldSubject: boolean };

function judgeFold(rows: readonly Row[], { train, test }: LearntAndJudged, { prior, isToldSubject }: Scoring): Judged {
  const shippedOf = new Map(rows.map(({ prompt }, at) => [prompt, prior[at] as number]));
  const shipped = (prompt: string) => shippedOf.get(prompt) as number;
  const score = isToldSubject ? gainBySubject(train) : scoreByFit(train, shipped);
  const outcomes = test.map(toLabel);
  return {
    labels: train.length,
    scores: test.map(score),
    shipped: outcomes.map(({ prompt }) => shipped(prompt)),
    weak: outcomes.map(({ weak }) => weak),
    strong: outcomes.map(({ strong }) => strong),
  };
}

function scoreByFit(train: readonly Row[], shipped: (prompt: string) => number): (row: Row) => number {
  const { score } = fitPairOver(train.map(toLabel), shipped);
  return ({ prompt }) => score(prompt);
}

/** As if so many questions of a subject had gained nothing. */
const SUBJECT_PRIOR = 10;

function gainBySubject(train: readonly Row[]): (row: Row) => number {
  const gains = new Map<string, number>();
  for (const [subject, rows] of Map.groupBy(train, ({ group }) => group)) {
    const gained = rows.map(toLabel).reduce((sum, { weak, strong }) => sum + strong - weak, 0);
    gains.set(subject, gained / (rows.length + SUBJECT_PRIOR));
  }
  return ({ group }) => gains.get(group) ?? 0;
}

function describe(parts: readonly Judged[]): readonly string[] {
  const all = (read: (part: Judged) => readonly number[]) => parts.flatMap(read);
  const measures = parts.map(({ scores, weak, strong }) => measureGapRecovered(scores, weak, strong));
  const shipped = parts.map((part) => measureGapRecovered(part.shipped, part.weak, part.strong));
  const [low, high] = bootstrapInterval(
    all(({ scores }) => scores),
    all(({ weak }) => weak),
    all(({ strong }) => strong),
  );
  const half = (high - low) / 2;
  const apgr = meanOf(measures, (measure) => measure.apgr);
  return [
    Math.round(all(({ labels }) => [labels]).reduce((sum, labels) => sum + labels, 0) / parts.length).toString(),
    all(({ scores }) => scores).length.toString(),
    `${apgr.toFixed(3)} (${(apgr - half).toFixed(3)} to ${(apgr + half).toFixed(3)})`,
    meanOf(measures, ({ cpt50 }) => cpt50).toFixed(1),
    meanOf(measures, ({ cpt80 }) => cpt80).toFixed(1),
    meanOf(shipped, (measure) => measure.apgr).toFixed(3),
  ];
}

type LearntAndJudged = { readonly train: readonly Row[]; readonly test: readonly Row[] };

function chooseRows(
  rows: readonly Row[],
  fold: Fold,
  { benchmark, isLabelled, labelsMax = Number.POSITIVE_INFINITY }: Case,
): LearntAndJudged {
  const of = (at: readonly number[]) => at.map((row) => rows[row] as Row).filter((row) => row.benchmark === benchmark);
  if (isLabelled === undefined) {
    return { train: shuffled(of(fold.train), seededRandom(SEED)).slice(0, labelsMax), test: of(fold.test) };
  }
  const test = of(fold.test).filter((row) => !isLabelled(row));
  // A passage that is judged must not be learnt from; a template may.
  const judged = Map.groupBy(test, ({ prompt }) => questionStem(prompt));
  const isPassage = (rowsAlike: number) => rowsAlike > 0 && rowsAlike < TEMPLATE_ROWS_MIN;
  const train = of([...fold.train, ...fold.test])
    .filter(isLabelled)
    .filter(({ prompt }) => !isPassage(judged.get(questionStem(prompt))?.length ?? 0));
  return { train, test };
}

function toLabel({ prompt, outcomes }: Row): LabelledPrompt {
  return { prompt, weak: outcomes[WEAK] as number, strong: outcomes[STRONG] as number };
}

function meanOf(measures: readonly GapRecovered[], read: (measure: GapRecovered) => number): number {
  return measures.reduce((sum, measure) => sum + read(measure), 0) / measures.length;
}
