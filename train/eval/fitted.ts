import { fitPairOver, type LabelledPrompt } from '../../src/routing/complexity/fit/fit-pair.ts';
import type { Row } from '../data.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { toExamples } from '../fit/examples.ts';
import { type Fold, foldsByStem, questionStem } from '../folds.ts';
import { foldsByQuestion, scoreByPriorWithout, TEMPLATE_ROWS_MIN } from '../held-out-prior.ts';
import { bootstrapInterval, type GapRecovered, measureGapRecovered } from '../metric.ts';

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
};

const CASES: readonly Case[] = [
  { name: 'MMLU', benchmark: 'mmlu', folds: 'questions' },
  { name: 'MMLU, its templates held out too', benchmark: 'mmlu', folds: 'templates' },
  { name: 'MMLU, core1500 labels', benchmark: 'mmlu', folds: 'questions', isLabelled: ({ core1500 }) => core1500 },
  { name: 'GSM8K', benchmark: 'gsm8k', folds: 'questions' },
];

/** Scores fitted to labels of one pair of models, judged on other questions of the same benchmark. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const examples = toExamples(rows);
  const foldsBy = { questions: foldsByQuestion(rows, FOLDS, SEED), templates: foldsByStem(rows, FOLDS, SEED) };
  const table = [['labels of', 'labels a fold', 'judged', 'APGR (95 %)', 'CPT50', 'CPT80', 'without labels']];
  for (const { name, benchmark, folds, isLabelled } of CASES) {
    const judged = { scores: [] as number[], shipped: [] as number[], weak: [] as number[], strong: [] as number[] };
    const measures: GapRecovered[] = [];
    const shippedMeasures: GapRecovered[] = [];
    let labels = 0;
    for (const fold of foldsBy[folds]) {
      const { train, test } = chooseRows(rows, fold, benchmark, isLabelled);
      const shipped = scoreByPriorWithout(fold, examples);
      const shippedOf = new Map(rows.map(({ prompt }, at) => [prompt, shipped[at] as number]));
      const { score } = fitPairOver(train.map(toLabel), (prompt) => shippedOf.get(prompt) as number);
      const outcomes = test.map(toLabel);
      const weak = outcomes.map((row) => row.weak);
      const strong = outcomes.map((row) => row.strong);
      const scores = outcomes.map(({ prompt }) => score(prompt));
      measures.push(measureGapRecovered(scores, weak, strong));
      shippedMeasures.push(
        measureGapRecovered(
          outcomes.map(({ prompt }) => shippedOf.get(prompt) as number),
          weak,
          strong,
        ),
      );
      judged.scores.push(...scores);
      judged.weak.push(...weak);
      judged.strong.push(...strong);
      labels += train.length / FOLDS;
    }
    const [low, high] = bootstrapInterval(judged.scores, judged.weak, judged.strong);
    const half = (high - low) / 2;
    const apgr = meanOf(measures, ({ apgr }) => apgr);
    table.push([
      name,
      Math.round(labels).toString(),
      judged.scores.length.toString(),
      `${apgr.toFixed(3)} (${(apgr - half).toFixed(3)} to ${(apgr + half).toFixed(3)})`,
      meanOf(measures, ({ cpt50 }) => cpt50).toFixed(1),
      meanOf(measures, ({ cpt80 }) => cpt80).toFixed(1),
      meanOf(shippedMeasures, ({ apgr }) => apgr).toFixed(3),
    ]);
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

function chooseRows(
  rows: readonly Row[],
  fold: Fold,
  benchmark: string,
  isLabelled: Case['isLabelled'],
): { readonly train: readonly Row[]; readonly test: readonly Row[] } {
  const of = (at: readonly number[]) => at.map((row) => rows[row] as Row).filter((row) => row.benchmark === benchmark);
  if (isLabelled === undefined) return { train: of(fold.train), test: of(fold.test) };
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
