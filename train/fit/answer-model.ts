import { agree } from '../../src/routing/answer-check/final-answer.ts';
import {
  type AnswerModel,
  type Head,
  logitOf,
  measurePeer,
  PEER_SIGNS,
  scoreAlone,
  type TaskModel,
} from '../../src/routing/answer-check/score-answer.ts';
import { measureSigns, SIGNS } from '../../src/routing/answer-check/signs.ts';
import type { Task } from '../../src/routing/answer-check/task-of.ts';
import type { Answered } from '../cascades.ts';
import { calibrateLogit } from './calibrate.ts';
import { fitLogistic, type Logistic } from './logistic.ts';

export const HYPERPARAMETERS = { alonePenalty: 100, peerPenalty: 30 } as const;

/** Fits the heads of every kind of question. No randomness. */
export function fitAnswerModel(answers: readonly Answered[]): AnswerModel {
  const of = (task: Task) => answers.filter((answered) => answered.task === task);
  return {
    arithmetic: fitTask('arithmetic', of('arithmetic')),
    choice: fitTask('choice', of('choice')),
    other: fitTask('other', answers),
  };
}

/** Fits the heads of one kind. For what holds anywhere each question set counts as much. */
export function fitTask(task: Task, answers: readonly Answered[]): TaskModel {
  const rowWeights = task === 'other' ? weighAlike(answers) : new Float64Array(answers.length).fill(1);
  const rows = answers.map(({ prompt, answer }) => measureSigns(prompt, answer, task));
  const names = SIGNS[task].map(({ name }) => name);
  const fit = (target: Float64Array) =>
    toHead(fitLogistic({ rows, target, rowWeights, penalty: HYPERPARAMETERS.alonePenalty }), names);
  const wrong = fit(Float64Array.from(answers, (answered) => answered.wrong));
  const hopeless = fit(Float64Array.from(answers, (answered) => 1 - strongShare(answered)));
  return { wrong, hopeless, peer: fitPeer(task, { answers, rowWeights, model: { wrong, hopeless } }) };
}

function weighAlike(answers: readonly Answered[]): Float64Array {
  const sets = Map.groupBy(answers, ({ benchmark }) => benchmark);
  const sizeOf = (benchmark: string) => sets.get(benchmark)?.length ?? 0;
  return Float64Array.from(answers, ({ benchmark }) => answers.length / sets.size / sizeOf(benchmark));
}

type PeerInput = {
  readonly answers: readonly Answered[];
  readonly rowWeights: Float64Array;
  readonly model: Pick<TaskModel, 'wrong' | 'hopeless'>;
};

/**
 * Ordered by what going up gains, since a question at which strong models fail too is none to go up with; then made a
 * probability that the answer is wrong.
 */
function fitPeer(task: Task, { answers, rowWeights, model }: PeerInput): Head {
  const pairs = answers.flatMap(({ prompt, answer, peers, ...rest }, at) => {
    const { wrong, hopeless } = scoreAlone(prompt, answer, { task, model });
    return peers.map((peer) => ({
      ...rest,
      weight: rowWeights[at] as number,
      values: measurePeer({
        disagrees: agree(answer.final, peer.answer.final) === false,
        peerHasAnswer: peer.answer.final.kind !== 'none',
        wrong,
        hopeless,
        peerWrong: rest.arePeersWhole ? scoreAlone(prompt, peer.answer, { task, model }).wrong : 0,
      }),
    }));
  });
  const weights = Float64Array.from(pairs, ({ weight }) => weight);
  const fitted = fitLogistic({
    rows: pairs.map(({ values }) => values),
    target: Float64Array.from(pairs, (pair) => (strongShare(pair) - (1 - pair.wrong) + 1) / 2),
    rowWeights: weights,
    penalty: HYPERPARAMETERS.peerPenalty,
  });
  const ordering = toHead(fitted, PEER_SIGNS);
  const { intercept, slope } = calibrateLogit(
    Float64Array.from(pairs, ({ values }) => logitOf(ordering, values)),
    Float64Array.from(pairs, ({ wrong }) => wrong),
    weights,
  );
  return {
    intercept: intercept + slope * ordering.intercept,
    signs: ordering.signs.map((sign) => ({ ...sign, weight: slope * sign.weight })),
  };
}

/** Share of the strong models that are right. */
function strongShare({ strong }: Pick<Answered, 'strong'>): number {
  const scores = Object.values(strong);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function toHead({ intercept, means, scales, weights }: Logistic, names: readonly string[]): Head {
  return {
    intercept,
    signs: names.map((name, at) => ({
      name,
      mean: means[at] as number,
      scale: scales[at] as number,
      weight: weights[at] as number,
    })),
  };
}
