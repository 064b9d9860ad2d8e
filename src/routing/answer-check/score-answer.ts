import type { AnswerReading } from './read-answer.ts';
import type { PromptReading } from './read-prompt.ts';
import { measureSigns } from './signs.ts';
import type { Task } from './task-of.ts';

/** A logistic score of named signs, each counted from its mean in units of its spread. */
export type Head = {
  readonly intercept: number;
  readonly signs: readonly HeadSign[];
};

export type HeadSign = {
  readonly name: string;
  readonly mean: number;
  /** 0 for a sign that never varied; it does not count. */
  readonly scale: number;
  readonly weight: number;
};

/** What is known of answers to one kind of question. */
export type TaskModel = {
  /** The logit that the answer is wrong. */
  readonly wrong: Head;
  /** The logit that a strong model would be wrong too: then going up mends nothing. */
  readonly hopeless: Head;
  /** The logit that the answer is wrong, given another model's answer; signs in the order of `PEER_SIGNS`. */
  readonly peer: Head;
};

/** What two answers tell together: see `measurePeer`. */
export const PEER_SIGNS = [
  'disagrees',
  'peer_without_answer',
  'wrong',
  'hopeless',
  'peer_wrong',
  'disagrees_wrong',
  'disagrees_hopeless',
  'disagrees_peer_wrong',
] as const;

/** What is known of each kind. */
export type AnswerModel = Readonly<Record<Task, TaskModel>>;

/** Two answers of which at least the first comes to something. */
export type PeerComparison = {
  readonly disagrees: boolean;
  readonly peerHasAnswer: boolean;
  /** Logits of the first answer, see `TaskModel`. */
  readonly wrong: number;
  readonly hopeless: number;
  /** Of the peer's; 0 where only its final answer is known. */
  readonly peerWrong: number;
};

/** How far a sign counts from its mean, in spreads: what is stranger than anything seen says no more. */
export const STANDARD_MAX = 4;

/** The signs of the peer head, in the order of `PEER_SIGNS`. */
export function measurePeer({ disagrees, peerHasAnswer, wrong, hopeless, peerWrong }: PeerComparison): Float64Array {
  const factor = disagrees ? 1 : 0;
  const both = [wrong, hopeless, peerWrong];
  return Float64Array.of(factor, peerHasAnswer ? 0 : 1, ...both, ...both.map((logit) => factor * logit));
}

/** What each sign adds to the logit, against the mean of the training answers. */
export function contributions({ signs }: Head, values: Float64Array): Float64Array {
  return Float64Array.from(signs, ({ mean, scale, weight }, at) => {
    const standard = scale === 0 ? 0 : ((values[at] as number) - mean) / scale;
    return weight * Math.min(STANDARD_MAX, Math.max(-STANDARD_MAX, standard));
  });
}

export function logitOf(head: Head, values: Float64Array): number {
  return contributions(head, values).reduce((sum, part) => sum + part, head.intercept);
}

/** One answer by itself. */
export type AloneScore = {
  /** In the order of the task's signs. */
  readonly values: Float64Array;
  /** Logits, see `TaskModel`. */
  readonly wrong: number;
  readonly hopeless: number;
};

export function scoreAlone(
  prompt: PromptReading,
  answer: AnswerReading,
  { task, model }: { readonly task: Task; readonly model: Pick<TaskModel, 'wrong' | 'hopeless'> },
): AloneScore {
  const values = measureSigns(prompt, answer, task);
  return { values, wrong: logitOf(model.wrong, values), hopeless: logitOf(model.hopeless, values) };
}
