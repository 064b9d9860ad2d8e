import { CallAbort, type CallSignal } from '../core/call-signal.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

export type AttemptTimerOptions = {
  readonly clock: Clock;
  /** Aborts when the caller leaves. */
  readonly callerSignal: CallSignal;
  /** Absent for a call that is not streamed: then only the end of the call counts. */
  readonly stream?: { readonly firstTokenMs: number; readonly idleMs: number } | undefined;
  /** The end of the whole call, on the monotonic clock. */
  readonly endsAtMs: number;
  readonly endKind: 'deadline' | 'total';
};

/** The timers of one attempt. `signal` aborts with the `GatewayError` that says which one fired. */
export interface AttemptTimers {
  readonly signal: CallSignal;
  /**
   * What the work comes to, or why it was ended: at that very moment, even when the work does not listen to `signal`.
   * The timers stop with it.
   */
  limit<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Bytes arrived, pings included. */
  onActivity(): void;
  /** Content arrived: from now on the idle timer counts, not the first-token timer. */
  onContent(): void;
  /** We wait for the caller to take what came: until `resume` silence is nobody's fault, only the end counts. */
  hold(): void;
  resume(): void;
}

/**
 * One timer instead of one for each byte: it wakes when the nearest limit would be due, and is set
 * again when something arrived in between.
 */
export function startAttemptTimers(options: AttemptTimerOptions): AttemptTimers {
  const { clock, callerSignal, stream, endsAtMs, endKind } = options;
  const ending = new CallAbort();
  const startedAtMs = clock.monotonicMs();
  let lastActivityAtMs = startedAtMs;
  let hasContent = false;
  let held = false;
  let wakesAtMs = 0;
  let cancelWaking: (() => void) | undefined;
  let giveUp: ((error: GatewayError) => void) | undefined;

  function fire(error: GatewayError): void {
    ending.abort(error);
    giveUp?.(error);
  }

  const onCallerAbort = () => fire(callerLeft(callerSignal));
  if (callerSignal.aborted) onCallerAbort();
  else callerSignal.addEventListener('abort', onCallerAbort);

  function nearestLimit(): { readonly atMs: number; readonly error: () => GatewayError } {
    const end = { atMs: endsAtMs, error: () => (held && endKind === 'total' ? unread() : endError(endKind)) };
    if (!stream || held) return end;
    const quiet = hasContent
      ? { atMs: lastActivityAtMs + stream.idleMs, error: () => silence('stopped sending', stream.idleMs, 'idleMs') }
      : {
          atMs: startedAtMs + stream.firstTokenMs,
          error: () => silence('sent no content', stream.firstTokenMs, 'firstTokenMs'),
        };
    return quiet.atMs < end.atMs ? quiet : end;
  }

  function watch(): void {
    cancelWaking?.();
    if (ending.aborted) return;
    const limit = nearestLimit();
    const waitMs = limit.atMs - clock.monotonicMs();
    if (waitMs <= 0) {
      fire(limit.error());
    } else {
      wakesAtMs = limit.atMs;
      cancelWaking = clock.wakeAfter(waitMs, watch);
    }
  }
  watch();

  function stop(): void {
    cancelWaking?.();
    callerSignal.removeEventListener('abort', onCallerAbort);
  }

  return {
    signal: ending,
    limit: (work) =>
      new Promise((resolve, reject) => {
        const fail = (error: unknown) => {
          stop();
          reject(error);
        };
        if (ending.aborted) return fail(ending.reason);
        // Called before the work can fail with the mere abort that it saw.
        giveUp = fail;
        work().then((value) => {
          stop();
          resolve(value);
        }, fail);
      }),
    onActivity() {
      if (stream) lastActivityAtMs = clock.monotonicMs();
    },
    onContent() {
      lastActivityAtMs = clock.monotonicMs();
      if (hasContent) return;
      hasContent = true;
      // The limit that is due now may be nearer.
      watch();
    },
    hold() {
      held = true;
    },
    resume() {
      held = false;
      lastActivityAtMs = clock.monotonicMs();
      // The timer may be set to the end of the call.
      if (stream && wakesAtMs > lastActivityAtMs + stream.idleMs) watch();
    },
  };
}

/** The reason a caller's signal carries, or `cancelled`. */
export function callerLeft(signal: CallSignal): GatewayError {
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
