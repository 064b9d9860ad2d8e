import { type Baseline, baselines } from '../baselines.ts';
import type { Row } from '../data.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { toExamples } from '../fit/examples.ts';
import { type Fold, foldsByValue } from '../folds.ts';
import { foldsByQuestion, scoreHeldOut } from '../held-out-prior.ts';
import { meanOf } from '../mean-of.ts';
import { meanGapRecovered, measureRouting, type RoutingMeasure } from '../pairs.ts';
import { seededRandom } from '../random.ts';

const SEED = 1;
const FOLDS = 5;
const ROUNDS = 1_000;
/** Families whose question sets are reported one by one. */
const FAMILIES = ['math-word', 'mcq-knowledge'];
/** On fewer prompts the APGR of a set is noise. */
const ROWS_MIN = 300;

/** One question set by a model that was trained without what is left out. */
type Measured = {
  readonly benchmark: string;
  readonly family: string;
  readonly rows: number;
  readonly ours: RoutingMeasure;
  /** The APGR of each baseline, in their order. */
  readonly theirs: readonly number[];
};

/** The shipped model on questions, question sets and families of sets that it has not seen. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const examples = toExamples(rows);
  const others = baselines(SEED);
  const measure = (folds: readonly Fold[]) => measureSets(rows, scoreHeldOut(examples, folds).route, others);
  const questions = measure(foldsByQuestion(rows, FOLDS, SEED));
  const sets = measure(foldsByValue(rows, ({ benchmark }) => benchmark));
  const families = measure(foldsByValue(rows, ({ family }) => family));
  const large = (measured: readonly Measured[]) => measured.filter((set) => set.rows >= ROWS_MIN);
  const table = [
    ['left out', 'question set', 'pairs', 'ours (95 %)', ...others.map(({ name }) => name), 'over length (95 %)'],
    ...sets.map((set) => describeSet('the set', set)),
    ...families.filter(({ family }) => FAMILIES.includes(family)).map((set) => describeSet('the family', set)),
    describeMean('the set', 'mean of all', sets, others),
    ...Object.entries({ 'the question': questions, 'the set': sets, 'the family': families }).map(
      ([leftOut, measured]) =>
        describeMean(leftOut, `mean of those of ${ROWS_MIN} rows or more`, large(measured), others),
    ),
  ];
  return {
    title: 'One shipped model, APGR on what it was not trained on',
    table,
    notes: [
      'Pairs: every cheap with every strong model that is ahead by a tenth; the mean over them, with the interval of the widest pair. Questions that begin alike are left out of training too.',
      'The interval of a mean is over the question sets: what another choice of sets would have given.',
      'On sets where the strong models fail at what the cheap ones fail at, no order of difficulty can do better than .5.',
      'The rows of mmlu, openbook_qa, arc_challenge and commonsense_qa in llmrouter lack the options that the models were shown.',
      'What options with common words add was set with both MMLU and MMLU-Pro in view; all else about them is learnt from other sets where they are left out.',
    ],
  };
}

function measureSets(rows: readonly Row[], scores: Float64Array, others: readonly Baseline[]): readonly Measured[] {
  const theirs = others.map(({ score }) => rows.map(({ prompt }) => score(prompt)));
  return [...Map.groupBy(rows.keys(), (row) => (rows[row] as Row).benchmark)].flatMap(([benchmark, at]) => {
    const judged = at.map((row) => rows[row] as Row);
    const take = (all: ArrayLike<number>) => at.map((row) => all[row] as number);
    const ours = measureRouting(judged, take(scores));
    if (ours === undefined) return [];
    const { family } = judged[0] as Row;
    const measured = theirs.map((all) => meanGapRecovered(judged, take(all)) ?? 0);
    return [{ benchmark, family, rows: at.length, ours, theirs: measured }];
  });
}

function describeSet(leftOut: string, { benchmark, ours, theirs }: Measured): readonly string[] {
  return [leftOut, benchmark, String(ours.pairs), withInterval(ours.apgr, ours.interval), ...theirs.map(three), ''];
}

function describeMean(
  leftOut: string,
  name: string,
  sets: readonly Measured[],
  others: readonly Baseline[],
): readonly string[] {
  const ours = sets.map(({ ours: { apgr } }) => apgr);
  const length = others.findIndex((other) => other.name === 'length');
  const ahead = sets.map(({ ours: { apgr }, theirs }) => apgr - (theirs[length] as number));
  const means = others.map((_, at) => three(meanOf(sets.map(({ theirs }) => theirs[at] as number))));
  return [leftOut, name, `${sets.length} sets`, withMeanInterval(ours), ...means, withMeanInterval(ahead)];
}

/** The mean with its 95 % interval by bootstrap over the values. */
function withMeanInterval(values: readonly number[]): string {
  const random = seededRandom(SEED);
  const draw = () => values[Math.floor(random() * values.length)] as number;
  const means = Array.from({ length: ROUNDS }, () => meanOf(values.map(draw))).sort((left, right) => left - right);
  const quantile = (share: number) => means[Math.floor(ROUNDS * share)] as number;
  return withInterval(meanOf(values), [quantile(0.025), quantile(0.975)]);
}

function withInterval(value: number, [low, high]: readonly [number, number]): string {
  return `${three(value)} (${three(low)} to ${three(high)})`;
}

function three(value: number): string {
  return value.toFixed(3);
}
