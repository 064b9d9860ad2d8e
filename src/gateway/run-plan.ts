import type { AttemptSummary } from '../core/books.ts';
import type { Completion } from '../core/completion.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { GatewayError } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { JsonValue } from '../core/json.ts';
import type { ModelRef } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate, Rejection, RoutePlan } from '../core/route-plan.ts';
import type { Verification } from '../core/verification.ts';
import type { TermsRefusal } from '../resilience/attempt-terms.ts';
import { callerLeft } from '../resilience/attempt-timers.ts';
import { type CallFrame, timeOver } from '../resilience/call-frame.ts';
import { sentCount } from '../resilience/run-candidate.ts';
import { isNamed } from '../routing/selection.ts';
import type { AnswerSink } from './answer-sink.ts';
import { answerBy, type CheckedResult } from './ask-candidate.ts';
import { affordsAnother, totalCost } from './attempt-costs.ts';
import { reasonToFallBack } from './book-request.ts';
import { mayGoOn, rejectionOf, requestFailure } from './failures.ts';
import type { CallOptions } from './gateway.ts';
import { CheaperModels } from './money/cheaper-models.ts';
import { type Patience, patienceOf } from './money/patience.ts';
import type { Spending } from './money/spending.ts';
import { adviseCheaper, whenRefused } from './money/when-refused.ts';
import type { GatewayParts } from './parts.ts';
import type { AnswerSchema } from './structured-output.ts';

export type PlanRun = {
  readonly plan: RoutePlan;
  readonly request: ChatRequest;
  readonly frame: CallFrame;
  readonly schema: AnswerSchema | undefined;
  readonly upstream: NonNullable<CallOptions['upstream']>;
  readonly onProgress: NonNullable<CallOptions['onProgress']>;
  /** Takes the answer while it arrives. */
  readonly sink?: AnswerSink | undefined;
  /** What the request has taken before this, or takes beside it. */
  readonly before?: Spent;
  readonly spending: Spending;
  readonly onBudgetReached?: CallOptions['onBudgetReached'] | undefined;
};

/** A part of what one request may take. */
export type Spent = { readonly sentCount: number; readonly costNanoUsd: NanoUsd | undefined };

/** What the first candidate that could answer answered. */
export type PlanAnswer = {
  /** Whose upstream call it is. */
  readonly requestId: CallId;
  readonly completion: Completion;
  readonly data?: JsonValue | undefined;
  readonly candidate: Candidate;
  readonly attempts: readonly AttemptSummary[];
  /** Of all attempts; absent when one of unknown price may have been billed. */
  readonly costNanoUsd?: NanoUsd | undefined;
  /** Why the plan's first candidate did not answer, when another one did. */
  readonly fallbackReason?: ErrorCode | undefined;
  /** How its check went, when it was checked. */
  readonly verification?: Verification | undefined;
};

/**
 * Goes through the candidates until one answers or the kind of error says stop. When nobody answers it waits for those
 * that had no room for it.
 */
export async function runPlan(parts: GatewayParts, run: PlanRun): Promise<PlanAnswer> {
  const patience = patienceOf(parts, run.request.caller, run.frame);
  try {
    return await walkPlan(parts, run, patience);
  } finally {
    patience.leave();
    const ending = run.spending.endAllowance();
    if (ending) await ending;
  }
}

async function walkPlan(parts: GatewayParts, run: PlanRun, patience: Patience): Promise<PlanAnswer> {
  const { plan, request, before } = run;
  const attemptsMax = parts.limits.attemptsMax - (before?.sentCount ?? 0);
  const forced = isNamed(request.routing.model) || request.routing.provider !== undefined;
  const attempts: AttemptSummary[] = [];
  const errors: GatewayError[] = [];
  const rejected = new Map<ModelRef, Rejection>();
  let lastRefused: { readonly candidate: Candidate; readonly refusal: TermsRefusal } | undefined;
  let windowMin = 0;
  let unasked: readonly Candidate[] = [];
  const cheaper = new CheaperModels(parts, run);

  const candidates = [...plan.candidates];
  for (let index = 0; ; index += 1) {
    if (index === candidates.length) candidates.push(...(await patience.next()));
    const candidate = candidates[index];
    if (!candidate) break;
    const reject = (rejection: Omit<Rejection, 'model'>) =>
      rejected.set(candidate.model.ref, { model: candidate.model.ref, ...rejection });
    if (sentCount(attempts) >= attemptsMax) {
      unasked = candidates.slice(index).filter(({ model }) => model.contextTokens >= windowMin);
      break;
    }
    const over = timeOver(run.frame, parts.clock);
    if (over) throw over.with({ attempts });
    if (candidate.model.contextTokens < windowMin) continue;
    const affords = (more: readonly AttemptSummary[]) =>
      affordsAnother(candidate, [...attempts, ...more], request.routing.costMax, before);
    if (!affords([])) {
      const reason = 'what was already spent leaves too little of max_cost_usd';
      reject({ code: 'budget_exceeded', reason });
      continue;
    }
    const allowance = {
      attemptsLeft: attemptsMax - sentCount(attempts),
      hasNext: index < candidates.length - 1,
      affords,
      patience,
    };
    const result = await answerBy(parts, run, candidate, allowance);
    if (result.type === 'refused') {
      const { refusal } = result;
      const isBound = forced && !request.routing.fallback;
      const remedy = await whenRefused(run, { candidate, refusal, isBound, cheaper });
      if (remedy.type === 'again') {
        candidates.splice(index + 1, 0, candidate);
        continue;
      }
      if (remedy.type === 'cheaper') candidates.push(...remedy.candidates);
      reject(rejectionOf(result));
      patience.hold(candidate, refusal);
      if (refusal.code === 'budget_exceeded') lastRefused = { candidate, refusal };
      continue;
    }
    if (result.type === 'rejected') {
      reject(rejectionOf(result));
      continue;
    }
    attempts.push(...result.attempts);
    if (result.type === 'answered') {
      const isFirst = candidate === plan.candidates[0];
      const [firstRejected] = rejected.values();
      const fallbackReason = isFirst ? undefined : (reasonToFallBack(plan, attempts) ?? firstRejected?.code);
      return toAnswer(run, result, { candidate, attempts, fallbackReason });
    }
    if (run.sink?.isOpen || run.frame.signal.aborted) throw result.error.with({ attempts });
    errors.push(result.error);
    if (!mayGoOn(result.error)) break;
    if (result.error.policy.tryNext === 'larger-window') windowMin = candidate.model.contextTokens + 1;
  }
  const advice = lastRefused && errors.length === 0 ? await adviseCheaper({ ...lastRefused, cheaper }) : undefined;
  // Who leaves while waiting is told no more.
  if (run.frame.signal.aborted) throw callerLeft(run.frame.signal).with({ attempts });
  throw requestFailure({
    plan,
    attempts,
    errors,
    rejected: [...rejected.values()],
    forced,
    unasked: unasked.map(({ model }) => model.ref),
    ...(advice !== undefined && { advice }),
  });
}

function toAnswer(
  { frame }: PlanRun,
  { answer: completion, usage, data }: Extract<CheckedResult, { readonly type: 'answered' }>,
  { candidate, attempts, fallbackReason }: Pick<PlanAnswer, 'candidate' | 'attempts' | 'fallbackReason'>,
): PlanAnswer {
  return {
    requestId: frame.requestId,
    // What the provider did not report is estimated.
    completion: usage === completion.usage ? completion : { ...completion, usage },
    data,
    candidate,
    attempts,
    costNanoUsd: totalCost(attempts),
    fallbackReason,
  };
}
