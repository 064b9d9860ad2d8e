import type { AttemptSummary } from '../../core/books.ts';
import type { Completion } from '../../core/completion.ts';
import { type GatewayError, toGatewayError } from '../../core/errors.ts';
import type { VerifyPlan } from '../../core/route-plan.ts';
import type { Verification } from '../../core/verification.ts';
import { callerLeft } from '../../resilience/attempt-timers.ts';
import { elapsedMs } from '../../resilience/elapsed-ms.ts';
import { notTheJson } from '../ask-candidate.ts';
import { totalCost } from '../attempt-costs.ts';
import type { GatewayParts } from '../parts.ts';
import { type PlanAnswer, type PlanRun, runPlan } from '../run-plan.ts';
import { fitOf } from '../structured-output.ts';
import { askPeer, type Peer, type PeerReport } from './ask-peer.ts';
import { goUp } from './go-up.ts';
import { isCertain, type Judgement, judgeAnswer, type Question } from './judge-answer.ts';

/**
 * Asks the plan's candidates, checks the answer, and goes up when it is doubted. Attempts, deadline and cost limit
 * are those of one request, whoever is asked. A doubted answer is given all the same when nobody stronger can
 * answer, but for one that is not the JSON asked for: then the request fails as it would without a check.
 */
export async function runVerified(parts: GatewayParts, run: PlanRun, verify: VerifyPlan): Promise<PlanAnswer> {
  const { clock } = parts;
  const peer = askPeer(parts, run, verify);
  const first = await answerFirst(parts, run, peer);
  const answeredAtMs = clock.monotonicMs();
  // Of whoever is stronger and had to stand in for the first, nothing is doubted but the form.
  const isStrong = verify.stronger.some(({ model }) => model.ref === first.candidate.model.ref);
  const threshold = isStrong ? Number.POSITIVE_INFINITY : verify.threshold;
  const { question, judgement, report } = await check(run, { first, peer, threshold });
  const attempts = [...first.attempts, ...report.attempts];
  if (run.frame.signal.aborted) throw callerLeft(run.frame.signal).with({ attempts });
  const checked: Checked = {
    first,
    judgement,
    attempts,
    found: {
      doubt: judgement.doubt,
      reasons: judgement.reasons,
      first: first.candidate.model.ref,
      ...(peer && { peer: peer.candidate.model.ref }),
      checkMs: elapsedMs(answeredAtMs, clock.monotonicMs()),
      checkCostNanoUsd: totalCost(report.attempts),
    },
  };
  const { answer, verification, failure } = judgement.doubted
    ? await replace(parts, run, { verify, question, checked })
    : stands(checked);
  parts.outcomes?.answerJudged({
    requestId: run.frame.requestId,
    request: run.request,
    model: verification.first,
    failure,
    source: verification.outcome === 'escalated' ? 'escalation' : 'verification',
    verification,
  });
  return { ...answer, verification };
}

/** The first answer and what was found. */
type Checked = {
  readonly first: PlanAnswer;
  readonly judgement: Judgement;
  /** The peer's included. */
  readonly attempts: readonly AttemptSummary[];
  readonly found: Omit<Verification, 'outcome' | 'keptBecause'>;
};

type End = {
  readonly answer: PlanAnswer;
  readonly verification: Verification;
  /** How surely the first answer was wrong, from 0 to 1. */
  readonly failure: number;
};

/** The first answer, unchecked. */
async function answerFirst(parts: GatewayParts, run: PlanRun, peer: Peer | undefined): Promise<PlanAnswer> {
  try {
    return await runPlan(parts, { ...run, schema: undefined, ...(peer && { before: peer.reserved }) });
  } catch (thrown) {
    throw await withPeerStopped(peer, toGatewayError(thrown));
  }
}

type Subject = {
  readonly first: PlanAnswer;
  readonly peer: Peer | undefined;
  readonly threshold: number | undefined;
};

type Finding = { readonly question: Question; readonly judgement: Judgement; readonly report: PeerReport };

/** A verdict that no second opinion could change does not wait for one. */
async function check({ request, schema }: PlanRun, { first, peer, threshold }: Subject): Promise<Finding> {
  const { completion, candidate } = first;
  try {
    const question: Question = { request, threshold, fit: schema ? fitOf(completion, schema) : {} };
    const alone = judgeAnswer(completion, question);
    if (!peer) return { question, judgement: alone, report: { attempts: [] } };
    const isSecond = peer.candidate.model.ref !== candidate.model.ref;
    const report = isSecond && !isCertain(alone) ? await peer.report() : await peer.stop();
    const heard = isSecond ? report.completion : undefined;
    return { question, judgement: heard ? judgeAnswer(completion, question, heard) : alone, report };
  } catch (thrown) {
    const error = toGatewayError(thrown);
    throw await withPeerStopped(peer, error.with({ attempts: first.attempts }));
  }
}

/** The end of a request stops its peer, and tells of its attempt too. */
async function withPeerStopped(peer: Peer | undefined, error: GatewayError): Promise<GatewayError> {
  const report = await peer?.stop();
  return report ? error.with({ attempts: [...error.attempts, ...report.attempts] }) : error;
}

function stands({ first, judgement, attempts, found }: Checked): End {
  const answer = withAttempts(first, attempts, judgement);
  return { answer, verification: { outcome: 'passed', ...found }, failure: judgement.doubt };
}

type Doubt = { readonly verify: VerifyPlan; readonly question: Question; readonly checked: Checked };

/** The stronger model's answer, or the doubted one when there is none. */
async function replace(parts: GatewayParts, run: PlanRun, { verify, question, checked }: Doubt): Promise<End> {
  const { first, judgement, attempts: below, found } = checked;
  const ascent = await goUp(parts, run, { verify, attempts: below });
  const { attempts } = ascent;
  if (ascent.type === 'answered' && !isWorse(ascent.answer.completion, first.completion)) {
    const beside = judgeAnswer(first.completion, question, ascent.answer.completion);
    // Why the plan's first candidate did not answer is known from below; above is another list.
    const answer = { ...withAttempts(ascent.answer, attempts), fallbackReason: first.fallbackReason };
    return { answer, verification: { outcome: 'escalated', ...found }, failure: beside.doubt };
  }
  if (judgement.unfit) throw notTheJson(first.candidate.model, judgement.unfit).with({ attempts });
  const keptBecause = ascent.type === 'answered' ? 'content_filtered' : ascent.because;
  const verification: Verification = { outcome: 'kept', ...found, keptBecause };
  return { answer: withAttempts(first, attempts, judgement), verification, failure: judgement.doubt };
}

/** A refusal does not replace an answer. */
function isWorse({ finishReason }: Completion, first: Completion): boolean {
  return isRefusal(finishReason) && !isRefusal(first.finishReason);
}

function isRefusal({ unified }: Completion['finishReason']): boolean {
  return unified === 'refusal' || unified === 'content_filter';
}

/** An answer with what the whole request took. */
function withAttempts(answer: PlanAnswer, attempts: readonly AttemptSummary[], judgement?: Judgement): PlanAnswer {
  const data = judgement?.data === undefined ? answer.data : judgement.data;
  return { ...answer, attempts, costNanoUsd: totalCost(attempts), data };
}
