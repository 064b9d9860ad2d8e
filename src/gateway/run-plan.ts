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
import { sentCount } from '../resilience/run-candidate.ts';
import { isNamed } from '../routing/selection.ts';
import type { AnswerSink } from './answer-sink.ts';
import { answerBy } from './ask-candidate.ts';
import { affordsAnother, totalCost } from './attempt-costs.ts';
import { reasonToFallBack } from './book-request.ts';
import { mayGoOn, requestFailure } from './failures.ts';
import type { CallOptions } from './gateway.ts';
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
  let windowMin = 0;
  let unasked: readonly Candidate[] = [];

  for (const [index, candidate] of plan.candidates.entries()) {
    if (sentCount(attempts) >= attemptsMax) {
      unasked = plan.candidates.slice(index).filter(({ model }) => model.contextTokens >= windowMin);
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
    const result = await answerBy(parts, run, candidate, {
      attemptsLeft: attemptsMax - sentCount(attempts),
      hasNext: index < plan.candidates.length - 1,
      affords,
    });
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
  throw requestFailure({ plan, attempts, errors, rejected, forced, unasked: unasked.map(({ model }) => model.ref) });
}
