import type { AttemptOutcome, AttemptSummary } from '../core/books.ts';
import { type GatewayError, toGatewayError } from '../core/errors.ts';
import { type AttemptId, type CallId, createAttemptId } from '../core/ids.ts';
import type { Limits } from '../core/limits.ts';
import type { ModelInfo } from '../core/model.ts';
import { ZERO_USD } from '../core/money.ts';
import type { CallLedger, Clock, Logger } from '../core/ports.ts';
import type { CallContext, Provider } from '../core/provider.ts';
import type { Usage } from '../core/usage.ts';
import type { AttemptRole } from '../core/verification.ts';
import { isTermsRefusal, type OutputCut, type Terms, type TermsRefusal } from './attempt-terms.ts';
import { callerLeft, endError, startAttemptTimers } from './attempt-timers.ts';
import {
  type AttemptTrace,
  createAttemptTrace,
  endingCost,
  failedEnding,
  type UsageEstimate,
  usageOrEstimate,
} from './attempt-trace.ts';
import { type AttemptTarget, bookAttempt } from './book-attempt.ts';
import { bookableRequestId } from './provider-request-id.ts';
import { unseenCost } from './unseen-cost.ts';
import { untilAborted } from './until-aborted.ts';

/** What any answer tells the books. */
export type Answered = {
  readonly usage: Usage;
  /** As the vendor names it. */
  readonly model: string;
  readonly providerRequestId?: string;
};

/** Reports content while it arrives. */
export interface AttemptWatch {
  content(text: string): void;
  /** Text of an answer that came whole, for the estimate alone. */
  whole(text: string): void;
  usage(usage: Usage): void;
  /** Waits for the caller to take what came; no limit but the end of the call runs meanwhile. */
  held(taken: Promise<void>): Promise<void>;
}

/** One exchange with a provider; throws a `GatewayError`. */
export type Exchange<Answer extends Answered> = {
  readonly streamed: (provider: Provider) => boolean;
  /** `cut`: the answer may be no longer than this, whatever was asked for. */
  readonly run: (provider: Provider, context: CallContext, watch: AttemptWatch, cut?: OutputCut) => Promise<Answer>;
};

/** What one request brings to each of its attempts. */
export type CallFrame = {
  readonly requestId: CallId;
  readonly signal: AbortSignal;
  /** The end of the call on the monotonic clock, and whose limit it is. */
  readonly endsAtMs: number;
  readonly endKind: 'deadline' | 'total';
  readonly estimate: UsageEstimate;
  /** Of its attempts; absent: for the answer itself. */
  readonly role?: AttemptRole;
};

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
  { exchange, terms }: { readonly exchange: Exchange<Answer>; readonly terms?: Terms | undefined },
): Promise<AttemptResult<Answer>> {
  const { ledger, clock, limits } = parts;
  const { info, provider, key } = target;
  const own = terms?.of(key.name);
  if (own && isTermsRefusal(own)) return { type: 'refused', refusal: own };
  const id = createAttemptId();
  const startedAtMs = clock.nowMs();
  const admission = await bookAttempt(parts, { id, frame, target, terms: own, startedAtMs }).catch(
    (thrown: unknown) => {
      own?.dropped();
      throw thrown;
    },
  );
  if (admission.type === 'refused') {
    own?.dropped();
    if (!terms) throw new RangeError('an attempt without terms was refused');
    return { type: 'refused', refusal: terms.refused(admission.refusals) };
  }
  own?.begun(admission.grantedNanoUsd);
  const cut = own?.outputTokensMax(admission.grantedNanoUsd);

  const trace = createAttemptTrace(frame.estimate);
  const begunAtMs = clock.monotonicMs();
  const elapsedMs = () => Math.max(0, Math.round(clock.monotonicMs() - begunAtMs));
  const summary = {
    model: info.ref,
    key: key.name,
    startedAtMs,
    ...(frame.role && { role: frame.role }),
    ...(cut?.isCut && { outputTokensCut: cut.outputTokensMax }),
  };

  let answer: Answer;
  try {
    answer = await exchangeInTime(exchange, { parts: { clock, limits }, frame, target, trace, cut });
  } catch (thrown) {
    const error = frame.signal.aborted ? toGatewayError(thrown) : located(toGatewayError(thrown), provider, info);
    const latencyMs = elapsedMs();
    const failure = { error: error.code, message: error.message, latencyMs };
    if (!trace.sent) {
      own?.dropped();
      await booked(parts, id, ledger.voidAttempt(id));
      return {
        type: 'failed',
        error,
        sent: false,
        summary: { ...summary, ...failure, status: 'not_sent', costNanoUsd: ZERO_USD },
      };
    }
    const ending = failedEnding(error, trace, frame.estimate);
    const spent = { ...ending, ...endingCost(ending, info), ...timing(trace, begunAtMs, latencyMs) };
    const streamed = exchange.streamed(provider);
    const unseen = unseenCost({ ending, model: info, streamed, latencyMs, most: own?.mostNanoUsd });
    own?.ended(spent.costNanoUsd, unseen);
    const more = { error: error.code, ...bookableRequestId(error.providerRequestId, key.value) };
    const held = unseen !== undefined && { unseenNanoUsd: unseen };
    await booked(parts, id, ledger.settleAttempt(id, { ...spent, ...more, ...held }));
    return { type: 'failed', error, sent: true, summary: { ...summary, ...failure, ...spent } };
  }
  const usage = usageOrEstimate(answer.usage, trace.received, frame.estimate);
  const ending = { status: 'settled', usage } as const;
  const spent = { ...ending, ...endingCost(ending, info), ...timing(trace, begunAtMs, elapsedMs()) };
  own?.ended(spent.costNanoUsd);
  const requestId = bookableRequestId(answer.providerRequestId, key.value);
  await booked(parts, id, ledger.settleAttempt(id, { ...spent, ...requestId }));
  return { type: 'answered', answer, usage, summary: { ...summary, responseModel: answer.model, ...spent } };
}

/**
 * Waits until the end of an attempt is durable. When it cannot be written the answer, which is paid
 * for, is not withheld: the ledger has the attempt as pending and writes its end when it can.
 */
async function booked({ logger }: AttemptParts, id: AttemptId, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    logger.error({ attemptId: id, code: toGatewayError(error).code }, 'the end of an attempt cannot be booked now');
  }
}

type Running = {
  readonly parts: Pick<AttemptParts, 'clock' | 'limits'>;
  readonly frame: CallFrame;
  readonly target: AttemptTarget;
  readonly trace: AttemptTrace;
  readonly cut: OutputCut | undefined;
};

async function exchangeInTime<Answer extends Answered>(exchange: Exchange<Answer>, running: Running): Promise<Answer> {
  const { parts, frame, target, trace, cut } = running;
  const { provider, info, key } = target;
  const timers = startAttemptTimers({
    clock: parts.clock,
    callerSignal: frame.signal,
    ...(exchange.streamed(provider) && {
      stream: { firstTokenMs: firstTokenLimit(provider, info, parts.limits), idleMs: parts.limits.idleMs },
    }),
    endsAtMs: frame.endsAtMs,
    endKind: frame.endKind,
  });
  const context: CallContext = {
    ...(key.value !== '' && { apiKey: key.value }),
    signal: timers.signal,
    onSent: () => {
      trace.sent = true;
    },
    onActivity: timers.onActivity,
  };
  const watch: AttemptWatch = {
    content(text) {
      trace.sent = true;
      trace.firstContentAtMs ??= parts.clock.monotonicMs();
      trace.received.add(text);
      timers.onContent();
    },
    whole(text) {
      trace.received.add(text);
    },
    usage(usage) {
      trace.usage = usage;
    },
    async held(taken) {
      timers.hold();
      await taken;
      timers.resume();
    },
  };
  try {
    return await untilAborted(() => exchange.run(provider, context, watch, cut), timers.signal);
  } catch (thrown) {
    // The timers know why they aborted; the adapter only saw an abort.
    throw timers.signal.aborted ? timers.signal.reason : thrown;
  } finally {
    timers.stop();
  }
}

/** Reasoning models think before they speak, and those of this machine or of an Ollama load first. */
function firstTokenLimit(provider: Provider, model: ModelInfo, limits: Limits): number {
  const loads = provider.kind === 'ollama' || model.tags.includes('local');
  const slow = loads || model.capabilities.includes('reasoning');
  return slow ? Math.max(limits.firstTokenMs, limits.firstTokenSlowMs) : limits.firstTokenMs;
}

function timing(
  trace: AttemptTrace,
  begunAtMs: number,
  latencyMs: number,
): Pick<AttemptOutcome, 'latencyMs' | 'firstTokenMs'> {
  if (trace.firstContentAtMs === undefined) return { latencyMs };
  return { latencyMs, firstTokenMs: Math.max(0, Math.round(trace.firstContentAtMs - begunAtMs)) };
}

/** Timer errors do not know whom they waited for; say it. */
function located(error: GatewayError, provider: Provider, model: ModelInfo): GatewayError {
  if (error.provider !== undefined) return error;
  return error.with({ provider: provider.id, model: model.ref });
}

/** Why no further attempt may be made: the caller has left, or the time is over. */
export function timeOver({ signal, endsAtMs, endKind }: CallFrame, clock: Clock): GatewayError | undefined {
  if (signal.aborted) return callerLeft(signal);
  return endsAtMs <= clock.monotonicMs() ? endError(endKind) : undefined;
}
