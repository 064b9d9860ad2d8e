import type { AttemptSummary } from '../core/books.ts';
import type { Completion } from '../core/completion.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import { type GatewayError, toGatewayError } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { JsonValue } from '../core/json/json.ts';
import type { ModelRef } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate, Rejection, RoutePlan } from '../core/route-plan.ts';
import type { Verification } from '../core/verification.ts';
import type { TermsRefusal } from '../resilience/attempt-terms.ts';
import { callerLeft } from '../resilience/attempt-timers.ts';
import { type CallFrame, timeOver } from '../resilience/call-frame.ts';
import { sentCount } from '../resilience/run-candidate.ts';
import { isForced } from '../routing/selection.ts';
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
  const walk = new PlanWalk(parts, run, patience);
  try {
    return await walk.answer();
  } catch (thrown) {
    // However it ends, what was asked was asked.
    throw toGatewayError(thrown).with({ attempts: walk.attempts });
  } finally {
    patience.leave();
  }
}

type Became<Type extends CheckedResult['type']> = Extract<CheckedResult, { readonly type: Type }>;

/** One request on its way through the candidates, and what became of those it asked. */
class PlanWalk {
  readonly attempts: AttemptSummary[] = [];
  readonly #parts: GatewayParts;
  readonly #run: PlanRun;
  readonly #patience: Patience;
  readonly #cheaper: CheaperModels;
  /** Still to be asked, the next one first. */
  readonly #waiting: Candidate[];
  readonly #errors: GatewayError[] = [];
  readonly #rejected = new Map<ModelRef, Rejection>();
  #overBudget: { readonly candidate: Candidate; readonly refusal: TermsRefusal } | undefined;
  /** Who has a smaller window than this is passed over. */
  #windowMin = 0;

  constructor(parts: GatewayParts, run: PlanRun, patience: Patience) {
    this.#parts = parts;
    this.#run = run;
    this.#patience = patience;
    this.#cheaper = new CheaperModels(parts, run);
    this.#waiting = [...run.plan.candidates];
  }

  async answer(): Promise<PlanAnswer> {
    const { frame, request, before } = this.#run;
    const attempts = this.attempts;
    const attemptsMax = this.#parts.limits.attemptsMax - (before?.sentCount ?? 0);
    for (;;) {
      if (this.#waiting.length === 0) this.#waiting.push(...(await this.#patience.next()));
      const candidate = this.#waiting.shift();
      if (!candidate) throw await this.#failure();
      const attemptsLeft = attemptsMax - sentCount(attempts);
      if (attemptsLeft <= 0) throw await this.#failure([candidate, ...this.#waiting]);
      const over = timeOver(frame, this.#parts.clock);
      if (over) throw over;
      if (candidate.model.contextTokens < this.#windowMin) continue;
      const affords = (more: readonly AttemptSummary[]) =>
        affordsAnother(candidate, [...attempts, ...more], request.routing.costMax, before);
      if (!affords([])) {
        const reason = 'what was already spent leaves too little of max_cost_usd';
        this.#reject(candidate, { code: 'budget_exceeded', reason });
        continue;
      }
      const hasNext = this.#waiting.length > 0;
      const turn = { candidate, attemptsLeft, hasNext, affords, patience: this.#patience };
      const result = await answerBy(this.#parts, this.#run, turn).catch((thrown) => {
        attempts.push(...toGatewayError(thrown).attempts);
        throw thrown;
      });
      if (result.type === 'answered') return this.#answered(candidate, result);
      if (result.type === 'rejected') this.#reject(candidate, rejectionOf(result));
      else if (result.type === 'refused') await this.#refused(candidate, result);
      else if (!this.#failed(candidate, result)) throw await this.#failure();
    }
  }

  #answered(candidate: Candidate, { answer, usage, data, attempts }: Became<'answered'>): PlanAnswer {
    const { plan, frame } = this.#run;
    this.attempts.push(...attempts);
    const [firstRejected] = this.#rejected.values();
    const isFirst = candidate === plan.candidates[0];
    return {
      requestId: frame.requestId,
      // What the provider did not report is estimated.
      completion: usage === answer.usage ? answer : { ...answer, usage },
      data,
      candidate,
      attempts: this.attempts,
      costNanoUsd: totalCost(this.attempts),
      fallbackReason: isFirst ? undefined : (reasonToFallBack(plan, this.attempts) ?? firstRejected?.code),
    };
  }

  /** Could another one answer? Throws where the caller hears of this failure in any case. */
  #failed({ model }: Candidate, { error, attempts }: Became<'failed'>): boolean {
    const { sink, frame } = this.#run;
    this.attempts.push(...attempts);
    if (sink?.isOpen || frame.signal.aborted) throw error;
    this.#errors.push(error);
    if (error.tryNext === 'larger-window') this.#windowMin = model.contextTokens + 1;
    return mayGoOn(error);
  }

  /** By a budget, a rate limit, or for want of a place. */
  async #refused(candidate: Candidate, refused: Became<'refused'>): Promise<void> {
    const { refusal } = refused;
    const remedy = await whenRefused(this.#run, { candidate, refusal, cheaper: this.#cheaper });
    if (remedy.type === 'again') {
      this.#waiting.unshift(candidate);
      return;
    }
    if (remedy.type === 'cheaper') this.#waiting.push(...remedy.candidates);
    this.#reject(candidate, rejectionOf(refused));
    this.#patience.hold(candidate, refusal);
    if (refusal.code === 'budget_exceeded') this.#overBudget = { candidate, refusal };
  }

  #reject({ model }: Candidate, rejection: Omit<Rejection, 'model'>): void {
    this.#rejected.set(model.ref, { model: model.ref, ...rejection });
  }

  /** Nobody answered; `unasked` had no turn. */
  async #failure(unasked: readonly Candidate[] = []): Promise<GatewayError> {
    const { plan, request, frame } = this.#run;
    const attempts = this.attempts;
    const errors = this.#errors;
    const refused = errors.length === 0 ? this.#overBudget : undefined;
    const advice = refused && (await adviseCheaper({ ...refused, cheaper: this.#cheaper }));
    // Who leaves while waiting is told no more.
    if (frame.signal.aborted) return callerLeft(frame.signal);
    return requestFailure({
      plan,
      attempts,
      errors,
      rejected: [...this.#rejected.values()],
      forced: isForced(request.routing),
      unasked: unasked.find(({ model }) => model.contextTokens >= this.#windowMin)?.model.ref,
      advice,
    });
  }
}
