import { logistic } from '../logistic.ts';
import { findFault } from './faults.ts';
import { agree } from './final-answer.ts';
import type { AnswerReading } from './read-answer.ts';
import type { PromptReading } from './read-prompt.ts';
import { PEERS_DISAGREE, type Reason, reasonsOf } from './reasons.ts';
import { type AnswerModel, contributions, logitOf, measurePeer, scoreAlone } from './score-answer.ts';
import type { Task } from './task-of.ts';

/** `fail`: rather wrong than right, for something the answer says. */
export type AnswerVerdict = 'pass' | 'fail';

/** What a look at an answer finds. */
export type AnswerCheck = {
  readonly verdict: AnswerVerdict;
  /**
   * The probability that the answer is wrong, 0 to 1; 1 for what is no answer at all. Calibrated on arithmetic word
   * problems and multiple choice; elsewhere it is an order, and a guess.
   */
  readonly doubt: number;
  /** What speaks against it, the weightiest first. */
  readonly reasons: readonly Reason[];
};

/** More than this is rather wrong than right. */
const FAIL_DOUBT = 0.5;
/** The doubt of something that is wrong more often than not, and has its good reasons now and then. */
const FAULT_DOUBT = 0.5;
/** What is no certain fault is never quite sure. */
const DOUBT_MAX = 0.99;
/** Shorter answers show no work that could be checked. */
const WORKED_CHARS_MIN = 40;

type Beside = { readonly peers: readonly AnswerReading[]; readonly models: AnswerModel };

/** Judges an answer that was read, beside those of peers. Training passes models that have not seen the question. */
export function judgeReading(prompt: PromptReading, answer: AnswerReading, beside: Beside): AnswerCheck {
  const fault = findFault(prompt, answer);
  if (!fault) return weigh(prompt, answer, beside);
  const reason = { name: fault.name, words: fault.words, weight: 1 };
  if (fault.isCertain) return { verdict: 'fail', doubt: 1, reasons: [reason] };
  const { verdict, doubt, reasons } = weigh(prompt, answer, beside);
  return { verdict, doubt: Math.max(FAULT_DOUBT, doubt), reasons: [reason, ...reasons] };
}

function weigh(prompt: PromptReading, answer: AnswerReading, { peers, models }: Beside): AnswerCheck {
  const task: Task = answer.text.trim().length < WORKED_CHARS_MIN ? 'other' : prompt.task;
  const model = models[task];
  const alone = scoreAlone(prompt, answer, { task, model });
  const own = reasonsOf(task, alone.values, contributions(model.wrong, alone.values));
  const verdicts = peers.map((peer) => agree(answer.final, peer.final));
  const compared = peers.flatMap((peer, at) => {
    const agrees = verdicts[at];
    if (answer.final.kind === 'none' || (agrees === undefined && peer.final.kind !== 'none')) return [];
    const beside = measurePeer({
      disagrees: agrees === false,
      peerHasAnswer: peer.final.kind !== 'none',
      wrong: alone.wrong,
      hopeless: alone.hopeless,
      peerWrong: scoreAlone(prompt, peer, { task, model }).wrong,
    });
    return [logitOf(model.peer, beside)];
  });
  const logit = compared.length === 0 ? alone.wrong : compared.reduce((sum, one) => sum + one, 0) / compared.length;
  const doubt = Math.min(DOUBT_MAX, logistic(logit));
  const reasons = verdicts.includes(false) ? [PEERS_DISAGREE, ...own] : own;
  // Without anything that the answer itself says, a hard question alone makes nobody go up.
  return { verdict: doubt > FAIL_DOUBT && reasons.length > 0 ? 'fail' : 'pass', doubt, reasons };
}
