import type { ErrorCode } from '../core/error-codes.ts';
import type { Limits } from '../core/limits.ts';
import type { ModelInfo } from '../core/model.ts';
import type { Clock } from '../core/ports.ts';
import type { CallContext, Provider } from '../core/provider.ts';
import type { Usage } from '../core/usage.ts';
import type { OutputCut } from './attempt-terms.ts';
import { AttemptTimers, type StreamLimits } from './attempt-timers.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import type { AttemptTarget } from './book-attempt.ts';
import type { CallFrame } from './call-frame.ts';

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
  usage(usage: Usage): void;
  /** Waits for the caller to take what came; no limit but the end of the call runs meanwhile. */
  held(taken: Promise<void>): Promise<void>;
}

/** One exchange with a provider; throws a `GatewayError`. */
export type Exchange<Answer extends Answered> = {
  readonly streamed: (provider: Provider) => boolean;
  /** `cut`: the answer may be no longer than this, whatever was asked for. */
  readonly run: (provider: Provider, context: CallContext, watch: AttemptWatch, cut?: OutputCut) => Promise<Answer>;
  /** All that the model wrote, for an estimate of its tokens; absent where it writes none. */
  readonly textOf?: (answer: Answer) => string;
  /** What is wrong with an answer that came whole and is paid for. Never throws. */
  readonly faultOf?: ((answer: Answer) => ErrorCode | undefined) | undefined;
};

type TimedExchange = {
  readonly parts: { readonly clock: Clock; readonly limits: Limits };
  readonly frame: CallFrame;
  readonly target: AttemptTarget;
  readonly trace: AttemptTrace;
  readonly cut: OutputCut | undefined;
  /** On the monotonic clock. */
  readonly begunAtMs: number;
};

/** One exchange under the limits of its attempt; `trace` sees what comes. */
export function exchangeInTime<Answer extends Answered>(
  exchange: Exchange<Answer>,
  { parts, frame, target, trace, cut, begunAtMs }: TimedExchange,
): Promise<Answer> {
  const { clock, limits } = parts;
  const { provider, info, key, needsNewConnection } = target;
  const stream = exchange.streamed(provider) ? streamLimits(provider, info, limits) : undefined;
  const timers = new AttemptTimers({ clock, frame, startedAtMs: begunAtMs, stream });
  const onSent = () => {
    trace.sent = true;
  };
  const context: CallContext = {
    apiKey: key.value || undefined,
    signal: timers.signal,
    onSent,
    onActivity: stream && (() => timers.onActivity()),
    needsNewConnection,
  };
  const watch = new TracingWatch(trace, timers, clock);
  return timers.limit(() => exchange.run(provider, context, watch, cut));
}

class TracingWatch implements AttemptWatch {
  readonly #trace: AttemptTrace;
  readonly #timers: AttemptTimers;
  readonly #clock: Clock;

  constructor(trace: AttemptTrace, timers: AttemptTimers, clock: Clock) {
    this.#trace = trace;
    this.#timers = timers;
    this.#clock = clock;
  }

  content(text: string): void {
    this.#trace.sent = true;
    this.#trace.firstContentAtMs ??= this.#clock.monotonicMs();
    this.#trace.received.add(text);
    this.#timers.onContent();
  }

  usage(usage: Usage): void {
    this.#trace.usage = usage;
  }

  async held(taken: Promise<void>): Promise<void> {
    this.#timers.hold();
    await taken;
    this.#timers.resume();
  }
}

/** Reasoning models think before they speak, and those of this machine or of an Ollama load first. */
function streamLimits(provider: Provider, model: ModelInfo, limits: Limits): StreamLimits {
  const { firstTokenMs, firstTokenSlowMs, idleMs } = limits;
  const loads = provider.kind === 'ollama' || model.tags.includes('local');
  const isSlow = loads || model.capabilities.includes('reasoning');
  return isSlow && firstTokenSlowMs > firstTokenMs
    ? { firstTokenMs: firstTokenSlowMs, firstTokenSetting: 'firstTokenSlowMs', idleMs }
    : { firstTokenMs, firstTokenSetting: 'firstTokenMs', idleMs };
}
