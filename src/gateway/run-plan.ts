import type { AttemptSummary } from '../core/books.ts';
import type { Completion } from '../core/completion.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { NanoUsd } from '../core/money.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate, Rejection, RoutePlan } from '../core/route-plan.ts';
import type { Verification } from '../core/verification.ts';
import { type CallFrame, timeOver } from '../resilience/attempt.ts';
import type { TermsRefusal } from '../resilience/attempt-terms.ts';
import { sentCount } from '../resilience/run-candidate.ts';
import { isNamed } from '../routing/selection.ts';
import type { AnswerSink } from './answer-sink.ts';
import { answerBy } from './ask-candidate.ts';
import { affordsAnother, totalCost } from './attempt-costs.ts';
import { reasonToFallBack } from './book-request.ts';
import { mayGoOn, requestFailure } from './failures.ts';
import type { CallOptions } from './gateway.ts';
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
  readonly sink?: AnswerSink;
  /** What the request has taken before this, or takes beside it. */
  readonly before?: Spent;
  readonly spending: Spending;
  readonly onBudgetReached?: CallOptions['onBudgetReached'];
};

/** A part of what one request may take. */
export type Spent = { readonly sentCount: number; readonly costNanoUsd: NanoUsd | undefined };

/** What the first candidate that could answer answered. */
export type PlanAnswer = {
  readonly completion: Completion;
  readonly data?: JsonValue;
  readonly candidate: Candidate;
  readonly attempts: readonly AttemptSummary[];
  /** Of all attempts; absent when one of unknown price may have been billed. */
  readonly costNanoUsd?: NanoUsd;
  /** Why the plan's first candidate did not answer, when another one did. */
  readonly fallbackReason?: ErrorCode;
  /** How its check went, when it was checked. */
  readonly verification?: Verification;
};

/** Goes through the candidates until one answers or the kind of error says stop. */
export async function runPlan(parts: GatewayParts, run: PlanRun): Promise<PlanAnswer> {
  const { plan, request, before } = run;
  const attemptsMax = parts.limits.attemptsMax - (before?.sentCount ?? 0);
  const forced = isNamed(request.routing.model) || request.routing.provider !== undefined;
  const attempts: AttemptSummary[] = [];
  const errors: GatewayError[] = [];
  const rejected: Rejection[] = [];
  let lastRefused: { readonly candidate: Candidate; readonly refusal: TermsRefusal } | undefined;
  let windowMin = 0;
  let unasked: readonly Candidate[] = [];

  const candidates = [...plan.candidates];
  for (const [index, candidate] of candidates.entries()) {
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
      rejected.push({ model: candidate.model.ref, code: 'budget_exceeded', reason });
      continue;
    }
    const allowance = {
      attemptsLeft: attemptsMax - sentCount(attempts),
      hasNext: index < candidates.length - 1,
      affords,
    };
    const result = await answerBy(parts, run, candidate, allowance);
    if (result.type === 'refused') {
      const { refusal } = result;
      const remedy = await whenRefused(parts, run, {
        candidate,
        refusal,
        isBound: forced && !request.routing.fallback,
      });
      if (remedy.type === 'again') {
        candidates.splice(index + 1, 0, candidate);
        continue;
      }
      if (remedy.type === 'cheaper') candidates.push(...remedy.candidates.filter((one) => !candidates.includes(one)));
      rejected.push({ model: candidate.model.ref, ...rejectionOf(refusal) });
      lastRefused = { candidate, refusal };
      continue;
    }
    if (result.type === 'rejected') {
      const { code, retryAfterMs } = result;
      rejected.push({ model: candidate.model.ref, code, reason: `resting after ${code}`, retryAfterMs });
      continue;
    }
    attempts.push(...result.attempts);
    if (result.type === 'answered') {
      const { completion, data } = result.answer;
      const cost = totalCost(attempts);
      const fallbackReason = index === 0 ? undefined : (reasonToFallBack(plan, attempts) ?? rejected[0]?.code);
      return {
        completion: { ...completion, usage: result.usage },
        ...(data !== undefined && { data }),
        candidate,
        attempts,
        ...(cost !== undefined && { costNanoUsd: cost }),
        ...(fallbackReason && { fallbackReason }),
      };
    }
    if (run.sink?.isOpen || run.frame.signal.aborted) throw result.error.with({ attempts });
    errors.push(result.error);
    if (!mayGoOn(result.error)) break;
    if (result.error.policy.tryNext === 'larger-window') windowMin = candidate.model.contextTokens + 1;
  }
  const advice = lastRefused && errors.length === 0 ? await adviseCheaper(parts, run, lastRefused) : undefined;
  throw requestFailure({
    plan,
    attempts,
    errors,
    rejected,
    forced,
    unasked: unasked.map(({ model }) => model.ref),
    ...(advice !== undefined && { advice }),
  });
}

function rejectionOf({ code, reason, retryAfterMs }: TermsRefusal) {
  return { code, reason, isByLimit: true, ...(retryAfterMs !== undefined && { retryAfterMs }) } as const;
}
