import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { CallFrame } from './call-frame.ts';

/** A timer that wakes later than this was held up by us: bytes may have come meanwhile that nobody could look at. */
const LATE_MS = 50;
/** So long is then given to look at them. */
const CATCH_UP_MS = 100;

export type StreamLimits = {
  readonly firstTokenMs: number;
  /** Which setting said so. */
  readonly firstTokenSetting: 'firstTokenMs' | 'firstTokenSlowMs';
  readonly idleMs: number;
};

export type AttemptTimerOptions = {
  readonly clock: Clock;
  /** Whose attempt it is: when the caller leaves, and when the whole call ends. */
  readonly frame: Pick<CallFrame, 'signal' | 'endsAtMs' | 'endKind'>;
  /** On the monotonic clock. */
  readonly startedAtMs: number;
  /** Absent for a call that is not streamed: then only the end of the call counts. */
  readonly stream?: StreamLimits | undefined;
};

/**
 * The timers of one attempt; `signal` aborts with the `GatewayError` that says which one fired. One timer instead of one
 * for each byte: it wakes when the nearest limit would be due, and is set again when something arrived in between.
 */
export class AttemptTimers {
  readonly #options: AttemptTimerOptions;
  readonly #ending = new AbortController();
  readonly #onCallerAbort: () => void;
  #lastActivityAtMs: number;
  #hasContent = false;
  #isHeld = false;
  #wakesAtMs = 0;
  #cancelWaking: (() => void) | undefined;
  #giveUp: ((error: GatewayError) => void) | undefined;

  constructor(options: AttemptTimerOptions) {
    const { frame, startedAtMs } = options;
    const { signal } = frame;
    const onCallerAbort = () => this.#fire(callerLeft(signal));
    this.#options = options;
    this.#onCallerAbort = onCallerAbort;
    this.#lastActivityAtMs = startedAtMs;
    if (signal.aborted) onCallerAbort();
    else signal.addEventListener('abort', onCallerAbort, { once: true });
    this.#watch(startedAtMs);
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * What the work comes to, or why it was ended: at that very moment, even when the work does not listen to `signal`.
   * The timers stop with it.
   */
  limit<Value>(work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#stop();
        reject(error);
      };
      if (this.#ending.signal.aborted) return fail(this.#ending.signal.reason);
      // Called before the work can fail with the mere abort that it saw.
      this.#giveUp = fail;
      try {
        work().then((value) => {
          this.#stop();
          resolve(value);
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Bytes arrived, pings included. */
  onActivity(): void {
    if (this.#options.stream) this.#lastActivityAtMs = this.#options.clock.monotonicMs();
  }

  /** Content arrived: from now on the idle timer counts, not the first-token timer. */
  onContent(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#lastActivityAtMs = nowMs;
    if (this.#hasContent) return;
    this.#hasContent = true;
    // The limit that is due now may be nearer.
    this.#watch(nowMs);
  }

  /** We wait for the caller to take what came: until `resume` silence is nobody's fault, only the end counts. */
  hold(): void {
    this.#isHeld = true;
  }

  resume(): void {
    const { clock, stream } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#isHeld = false;
    this.#lastActivityAtMs = nowMs;
    // The timer may be set to the end of the call.
    if (stream && this.#wakesAtMs > nowMs + stream.idleMs) this.#watch(nowMs);
  }

  #watch(nowMs: number): void {
    this.#cancelWaking?.();
    if (this.#ending.signal.aborted) return;
    const { clock } = this.#options;
    const dueAtMs = this.#nextAtMs();
    if (dueAtMs <= nowMs) {
      this.#fire(this.#errorAt(dueAtMs));
      return;
    }
    const look = () => this.#watch(clock.monotonicMs());
    const wake = () => {
      if (clock.monotonicMs() - dueAtMs > LATE_MS) this.#cancelWaking = clock.wakeAfter(CATCH_UP_MS, look);
      else look();
    };
    this.#wakesAtMs = dueAtMs;
    this.#cancelWaking = clock.wakeAfter(dueAtMs - nowMs, wake);
  }

  /** When the nearest limit is due. */
  #nextAtMs(): number {
    const { stream, startedAtMs, frame } = this.#options;
    if (!stream || this.#isHeld) return frame.endsAtMs;
    const quietAtMs = this.#hasContent ? this.#lastActivityAtMs + stream.idleMs : startedAtMs + stream.firstTokenMs;
    return Math.min(quietAtMs, frame.endsAtMs);
  }

  /** Of two limits that are due at once the end of the call counts. */
  #errorAt(dueAtMs: number): GatewayError {
    const { stream, frame } = this.#options;
    const { endsAtMs, endKind } = frame;
    if (stream && dueAtMs < endsAtMs) {
      return this.#hasContent
        ? silence('stopped sending', stream.idleMs, 'idleMs')
        : silence('sent no content', stream.firstTokenMs, stream.firstTokenSetting);
    }
    return this.#isHeld && endKind === 'total' ? unread() : endError(endKind);
  }

  #fire(error: GatewayError): void {
    this.#ending.abort(error);
    this.#giveUp?.(error);
  }

  #stop(): void {
    this.#cancelWaking?.();
    this.#options.frame.signal.removeEventListener('abort', this.#onCallerAbort);
  }
}

/** The reason a caller's signal carries, or `cancelled`. */
export function callerLeft(signal: AbortSignal): GatewayError {
  return signal.reason instanceof GatewayError
    ? signal.reason
    : new GatewayError('cancelled', 'The caller cancelled the request.');
}

/** The error for a call whose time is over. */
export function endError(kind: 'deadline' | 'total'): GatewayError {
  if (kind === 'deadline') {
    return new GatewayError('deadline_exceeded', "The caller's deadline passed before the answer was complete.", {
      hint: 'Give a longer deadline_ms, or a faster tier or model.',
    });
  }
  return new GatewayError('provider_timeout', 'The answer was not complete within the total limit of the call.', {
    hint: 'Raise limits.totalMs, or ask for less output.',
  });
}

/** The time is over because the caller did not take the answer: the provider is not to blame. */
function unread(): GatewayError {
  return new GatewayError('cancelled', 'The answer was not read to its end within the total limit of the call.', {
    hint: 'Read the stream faster, or raise limits.totalMs.',
  });
}

function silence(what: string, limitMs: number, limitName: string): GatewayError {
  return new GatewayError('provider_timeout', `The provider ${what} for ${limitMs} ms.`, {
    hint: `The limit is limits.${limitName}.`,
  });
}
