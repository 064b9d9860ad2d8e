import { type AnswerCheck, type AnswerVerdict, judgeReading } from '../../src/routing/answer-check/judge-reading.ts';
import type { AnswerModel } from '../../src/routing/answer-check/score-answer.ts';
import type { Task } from '../../src/routing/answer-check/task-of.ts';
import { type Answered, FOLDS, readCascades } from '../cascades.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { fitAnswerModel, fitTask } from '../fit/answer-model.ts';
import { bootstrapInterval, measureAuc, measureGapRecovered } from '../metric.ts';

const SEED = 1;
/** The question set of multiple choice; the others are word problems. */
const CHOICE = 'mmlupro';
const ROUNDS = 100;

/** One answer as it was judged, alone or beside one peer. */
type Judged = { readonly answered: Answered; readonly peer: string | undefined; readonly check: AnswerCheck };

/** How well a look at the cheap answer tells who must go up, by models that have not seen the question. */
export function evaluate({ folder, rows }: EvaluationInput): EvaluationBlock {
  const answers = readCascades(folder, rows, SEED);
  const byQuestion = judgeHeldOut(answers, { fit: fitAnswerModel });
  const isChoice = ({ benchmark }: Answered) => benchmark === CHOICE;
  const models = [...new Set(answers.filter((answered) => !isChoice(answered)).map(({ model }) => model))];
  const byModel = models.flatMap((model) =>
    judgeHeldOut(answers, {
      fit: (lessons) => fitAnswerModel(without(lessons, model)),
      judges: (answered) => answered.model === model,
    }),
  );
  const byKind = [false, true].flatMap((kind) =>
    judgeHeldOut(answers, {
      fit: (lessons) => fitOther(lessons.filter((answered) => isChoice(answered) !== kind)),
      judges: (answered) => isChoice(answered) === kind,
      asTask: 'other',
    }),
  );
  const table = [
    [
      'answers',
      'beside',
      'left out',
      'pairs',
      'APGR (95 %)',
      'each pair',
      'answer length',
      'disagreement',
      'AUC wrong',
    ],
    ...describeAll(byQuestion, 'questions'),
    ...describeAll(byModel, 'questions and the model'),
    ...describeAll(byKind, 'questions and the kind of task'),
  ];
  const notes = [
    'Score: the doubt of the cheap answer. Pairs: a cheap model (and peer) with a strong one; the mean, with the interval of the widest. The cost of a peer is not counted.',
    ...describeVerdicts(byQuestion),
  ];
  return { title: 'Looking at the cheap answer', table, notes };
}

type HeldOut = {
  readonly fit: (lessons: readonly Answered[]) => AnswerModel;
  /** Which answers are judged; all, when it is left out. */
  readonly judges?: (answered: Answered) => boolean;
  /** Judges as if the question were of this kind. */
  readonly asTask?: Task;
};

/** Judges the answers of each fold by a model of the other folds. */
function judgeHeldOut(answers: readonly Answered[], { fit, judges = () => true, asTask }: HeldOut): readonly Judged[] {
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const models = fit(answers.filter((answered) => answered.fold !== fold));
    return answers
      .filter((answered) => answered.fold === fold && judges(answered))
      .flatMap((answered) => judge(answered, models, asTask ?? answered.task));
  });
}

/** The heads for any kind of task, in the place of all. */
function fitOther(lessons: readonly Answered[]): AnswerModel {
  const heads = fitTask('other', lessons);
  return { arithmetic: heads, choice: heads, other: heads };
}

/** What a model said, as a peer too, is not learnt from. */
function without(answers: readonly Answered[], model: string): readonly Answered[] {
  return answers
    .filter((answered) => answered.model !== model)
    .map((answered) => ({ ...answered, peers: answered.peers.filter((peer) => peer.model !== model) }));
}

function judge(answered: Answered, models: AnswerModel, task: Task): readonly Judged[] {
  const prompt = { ...answered.prompt, task };
  const check = (peers: Answered['peers']) =>
    judgeReading(prompt, answered.answer, { peers: peers.map(({ answer }) => answer), models });
  return [
    { answered, peer: undefined, check: check([]) },
    ...answered.peers.map((peer) => ({ answered, peer: peer.model, check: check([peer]) })),
  ];
}

function describeAll(judged: readonly Judged[], leftOut: string): readonly (readonly string[])[] {
  const blocks = Map.groupBy(judged, ({ answered, peer }) => `${answered.benchmark}\n${nameOf(answered, peer)}`);
  return [...blocks].map(([key, block]) => {
    const [benchmark = '', beside = ''] = key.split('\n');
    return [benchmark, beside, leftOut, ...describe(block)];
  });
}

/** Two models beside each other count as one pair, whichever is asked first; the choices have one first model. */
function nameOf({ benchmark, model }: Answered, peer: string | undefined): string {
  if (benchmark === CHOICE) return peer ?? 'alone';
  return peer === undefined ? `alone, ${model}` : [model, peer].toSorted().join(' and ');
}

function describe(block: readonly Judged[]): readonly string[] {
  const curves = [...Map.groupBy(block, ({ answered }) => answered.model).values()].flatMap((own) =>
    Object.keys(own[0]?.answered.strong ?? {}).map((name) => ({
      own,
      weak: own.map(({ answered }) => 1 - answered.wrong),
      strong: own.map(({ answered }) => answered.strong[name] ?? 0),
    })),
  );
  const each = (score: (judged: Judged) => number) =>
    curves.map(({ own, weak, strong }) => measureGapRecovered(own.map(score), weak, strong).apgr);
  const meanOf = (score: (judged: Judged) => number) =>
    each(score).reduce((sum, apgr) => sum + apgr, 0) / curves.length;
  const doubtOf = ({ check }: Judged) => check.doubt;
  const mean = meanOf(doubtOf);
  const half = Math.max(
    ...curves.map(({ own, weak, strong }) => {
      const [low, high] = bootstrapInterval(own.map(doubtOf), weak, strong, { rounds: ROUNDS });
      return (high - low) / 2;
    }),
  );
  const hasPeer = block[0]?.peer !== undefined;
  return [
    String(curves.length),
    `${three(mean)} (${three(mean - half)} to ${three(mean + half)})`,
    each(doubtOf).map(three).join(' '),
    three(meanOf(({ answered }) => answered.answer.text.length)),
    hasPeer ? three(meanOf(disagreement)) : '',
    three(
      measureAuc(
        block.map(doubtOf),
        block.map(({ answered }) => answered.wrong === 1),
      ),
    ),
  ];
}

/** The reference without training: 1 where the peer came to something else. */
function disagreement({ check }: Judged): number {
  return check.reasons.some(({ name }) => name === 'peers_disagree') ? 1 : 0;
}

const VERDICTS: readonly AnswerVerdict[] = ['pass', 'fail'];

/** How often each verdict is given without a threshold, and how often the answer is wrong then. */
function describeVerdicts(judged: readonly Judged[]): readonly string[] {
  const blocks = Map.groupBy(
    judged,
    ({ answered, peer }) => `${answered.benchmark} ${peer === undefined ? 'alone' : 'with a peer'}`,
  );
  return [...blocks].map(([name, block]) => {
    const parts = VERDICTS.map((verdict) => {
      const own = block.filter(({ check }) => check.verdict === verdict);
      return `${verdict} ${percent(own.length / block.length)} (wrong ${percent(shareWrong(own))})`;
    });
    return `Verdicts, ${name}: ${parts.join(', ')}; calibration error ${percent(calibrationError(block))}.`;
  });
}

const BINS = 10;

/** The mean distance of doubt from the share that is wrong, over ten bins of equal size. */
function calibrationError(judged: readonly Judged[]): number {
  const sorted = judged.toSorted((left, right) => left.check.doubt - right.check.doubt);
  let error = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const own = sorted.slice((bin * sorted.length) / BINS, ((bin + 1) * sorted.length) / BINS);
    const doubt = own.reduce((sum, { check }) => sum + check.doubt, 0) / own.length;
    error += (Math.abs(doubt - shareWrong(own)) * own.length) / sorted.length;
  }
  return error;
}

function shareWrong(judged: readonly Judged[]): number {
  return judged.length === 0 ? 0 : judged.reduce((sum, { answered }) => sum + answered.wrong, 0) / judged.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function three(value: number): string {
  return value.toFixed(3);
}
