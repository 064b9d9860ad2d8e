import type { AttemptOutcome, AttemptSummary } from '../core/books.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { type AttemptId, createAttemptId } from '../core/ids.ts';
import type { Limits } from '../core/limits.ts';
import { ZERO_USD } from '../core/money.ts';
import type { CallLedger, Clock, Logger } from '../core/ports.ts';
import type { Admission } from '../core/quota.ts';
import type { Usage } from '../core/usage.ts';
import { type AttemptTerms, isTermsRefusal, type OutputCut, type Terms, type TermsRefusal } from './attempt-terms.ts';
import {
  type AttemptTrace,
  createAttemptTrace,
  type Ending,
  endingCost,
  failedEnding,
  lacksOutput,
  usageOrEstimate,
} from './attempt-trace.ts';
import { type AttemptTarget, bookAttempt } from './book-attempt.ts';
import { type CallFrame, timeOver } from './call-frame.ts';
import { elapsedMs } from './elapsed-ms.ts';
import { type Answered, type Exchange, exchangeInTime } from './exchange.ts';
import { bookableRequestId } from './provider-request-id.ts';
import { unseenCost } from './unseen-cost.ts';

export type AttemptParts = {
  readonly ledger: CallLedger;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly logger: Logger;
};

export type AttemptResult<Answer> =
  | { readonly type: 'answered'; readonly answer: Answer; readonly usage: Usage; readonly summary: AttemptSummary }
  | { readonly type: 'failed'; readonly error: GatewayError; readonly sent: boolean; readonly summary: AttemptSummary }
  /** Budgets or rate limits do not allow it: nothing was booked or sent. */
  | { readonly type: 'refused'; readonly refusal: TermsRefusal };

/**
 * One attempt: booked as pending and durable before the provider is called, timed, and settled
 * whatever happens. An attempt whose bytes never left is taken back.
 */
export async function runAttempt<Answer extends Answered>(
  parts: AttemptParts,
  frame: CallFrame,
  target: AttemptTarget,
  { exchange, terms }: { readonly exchange: Exchange<Answer>; readonly terms: Terms },
): Promise<AttemptResult<Answer>> {
  const { clock, ledger } = parts;
  const { info, key } = target;
  const own = terms.of(key.name);
  if (isTermsRefusal(own)) return { type: 'refused', refusal: own };
  const startedAtMs = clock.nowMs();
  const id = createAttemptId(startedAtMs);
  let admission: Admission;
  try {
    admission = await bookAttempt(parts, { id, frame, target, terms: own, startedAtMs });
  } catch (thrown) {
    own.dropped();
    throw thrown;
  }
  if (admission.type === 'refused') {
    own.dropped();
    return { type: 'refused', refusal: terms.refused(admission.refusals) };
  }
  own.begun(admission.grantedNanoUsd);
  terms.letIn?.(own);
  const cut = own.outputTokensMax(admission.grantedNanoUsd);
  const trace = createAttemptTrace(frame.estimate);
  const begunAtMs = clock.monotonicMs();
  const running: Running = { id, parts, frame, target, terms: own, cut, trace, startedAtMs, begunAtMs };
  let answer: Answer;
  try {
    assertTimeLeft(frame, clock);
    answer = await exchangeInTime(exchange, running);
  } catch (thrown) {
    return bookFailed(running, toGatewayError(thrown), exchange.streamed(target.provider));
  }
  // What came whole was not seen on its way.
  if (lacksOutput(answer.usage) && trace.received.isEmpty) trace.received.add(exchange.textOf?.(answer) ?? '');
  const usage = usageOrEstimate(answer.usage, trace.received, frame.estimate);
  const ending: Ending = { status: 'settled', usage };
  const outcome: AttemptOutcome = {
    status: 'settled',
    usage,
    costNanoUsd: endingCost(ending, info),
    latencyMs: latencyOf(running),
    firstTokenMs: firstTokenOf(running),
    error: exchange.faultOf?.(answer),
    providerRequestId: bookableRequestId(answer.providerRequestId, key),
  };
  own.ended(outcome.costNanoUsd);
  await booked(running, ledger.settleAttempt(id, outcome));
  return { type: 'answered', answer, usage, summary: summaryOf(running, outcome, { responseModel: answer.model }) };
}

/** A disk may have taken all the time there was: no provider is to blame for that. */
function assertTimeLeft(frame: CallFrame, clock: Clock): void {
  const over = timeOver(frame, clock);
  if (over?.code !== 'provider_timeout') return;
  throw new GatewayError('storage_unavailable', 'The call could not be booked within its total limit.', {
    hint: 'See whether the disk of the data folder is slow or fails; limits.totalMs is the limit.',
    cause: over,
  });
}

/** An attempt that was let in. */
type Running = {
  readonly id: AttemptId;
  readonly parts: AttemptParts;
  readonly frame: CallFrame;
  readonly target: AttemptTarget;
  readonly terms: AttemptTerms;
  readonly cut: OutputCut | undefined;
  readonly trace: AttemptTrace;
  readonly startedAtMs: number;
  /** On the monotonic clock. */
  readonly begunAtMs: number;
};

async function bookFailed(running: Running, thrown: GatewayError, streamed: boolean): Promise<AttemptResult<never>> {
  const { id, parts, frame, target, terms, trace } = running;
  const { info, key } = target;
  const error = frame.signal.aborted ? thrown : located(thrown, target);
  const latencyMs = latencyOf(running);
  if (!trace.sent) {
    terms.dropped();
    await booked(running, parts.ledger.voidAttempt(id));
    const nothing = { status: 'not_sent', latencyMs, error: error.code, costNanoUsd: ZERO_USD } as const;
    return { type: 'failed', error, sent: false, summary: summaryOf(running, nothing, { message: error.message }) };
  }
  const ending = failedEnding(error, trace, frame.estimate);
  const outcome: AttemptOutcome = {
    ...ending,
    costNanoUsd: endingCost(ending, info),
    unseenNanoUsd: unseenCost({ ending, model: info, streamed, latencyMs, most: terms.mostNanoUsd }),
    latencyMs,
    firstTokenMs: firstTokenOf(running),
    error: error.code,
    providerRequestId: bookableRequestId(error.providerRequestId, key),
  };
  terms.ended(outcome.costNanoUsd, outcome.unseenNanoUsd);
  await booked(running, parts.ledger.settleAttempt(id, outcome));
  return { type: 'failed', error, sent: true, summary: summaryOf(running, outcome, { message: error.message }) };
}

/**
 * Waits until the end of an attempt is durable. When it cannot be written the answer, which is paid
 * for, is not withheld: the ledger has the attempt as pending and writes its end when it can.
 */
function booked({ id, parts: { logger } }: Running, written: Promise<void>): Promise<void> {
  return written.catch((error: unknown) => {
    logger.error({ attemptId: id, code: toGatewayError(error).code }, 'the end of an attempt cannot be booked now');
  });
}

type Ended = Pick<AttemptSummary, 'status' | 'latencyMs' | 'firstTokenMs' | 'usage' | 'costNanoUsd' | 'error'>;

function summaryOf(
  { frame, target, cut, startedAtMs }: Running,
  { status, error, latencyMs, firstTokenMs, usage, costNanoUsd }: Ended,
  { responseModel, message }: Pick<AttemptSummary, 'responseModel' | 'message'>,
): AttemptSummary {
  return {
    model: target.info.ref,
    responseModel,
    key: target.key.name,
    role: frame.role,
    status,
    error,
    message,
    startedAtMs,
    latencyMs,
    firstTokenMs,
    usage,
    costNanoUsd,
    outputTokensCut: cut?.isCut ? cut.outputTokensMax : undefined,
  };
}

function latencyOf({ parts, begunAtMs }: Running): number {
  return elapsedMs(begunAtMs, parts.clock.monotonicMs());
}

/** Undefined when there was no content. */
function firstTokenOf({ trace: { firstContentAtMs }, begunAtMs }: Running): number | undefined {
  return firstContentAtMs === undefined ? undefined : elapsedMs(begunAtMs, firstContentAtMs);
}

/** Timer errors do not know whom they waited for; say it. */
function located(error: GatewayError, { provider, info }: AttemptTarget): GatewayError {
  if (error.provider !== undefined) return error;
  return error.with({ provider: provider.id, model: info.ref });
}
