import type { AttemptStart } from '../core/books.ts';
import type { AttemptId } from '../core/ids.ts';
import type { ModelInfo } from '../core/model.ts';
import type { CallLedger, Clock } from '../core/ports.ts';
import type { Provider } from '../core/provider.ts';
import type { Admission } from '../core/quota.ts';
import type { CallFrame } from './attempt.ts';
import type { AttemptTerms } from './attempt-terms.ts';
import { callerLeft, endError } from './attempt-timers.ts';
import type { Target } from './health-recorder.ts';
import { untilAborted } from './until-aborted.ts';

/** After the deadline of a dead process its pending attempts count as unknown this much later. */
const EXPIRY_GRACE_MS = 60_000;

export type AttemptTarget = Target & { readonly info: ModelInfo; readonly provider: Provider };

type Beginning = {
  readonly id: AttemptId;
  readonly frame: CallFrame;
  readonly target: AttemptTarget;
  readonly terms: AttemptTerms | undefined;
  /** Wall clock. */
  readonly startedAtMs: number;
};

function toStart({ id, frame, target: { info, key }, terms, startedAtMs }: Beginning, nowMs: number): AttemptStart {
  const remainingMs = Math.max(0, frame.endsAtMs - nowMs);
  return {
    id,
    requestId: frame.requestId,
    startedAtMs,
    provider: info.provider,
    model: info.ref,
    key: key.name,
    expiresAtMs: startedAtMs + Math.ceil(remainingMs) + EXPIRY_GRACE_MS,
    ...(info.price && { priceVersion: info.price.version }),
    ...(frame.role && { role: frame.role }),
    ...(terms?.expectedNanoUsd !== undefined && { expectedNanoUsd: terms.expectedNanoUsd }),
    ...(terms?.mostNanoUsd !== undefined && { reservedNanoUsd: terms.mostNanoUsd }),
    ...(terms && terms.claims.length > 0 && { claims: terms.claims }),
  };
}

/**
 * Resolves when the attempt may begin. One that budgets have a say in may have to wait for the database: then no
 * longer than its caller does, and what is booked after that is taken back.
 */
export async function bookAttempt(
  { ledger, clock }: { readonly ledger: CallLedger; readonly clock: Clock },
  beginning: Beginning,
): Promise<Admission> {
  const { frame } = beginning;
  const start = toStart(beginning, clock.monotonicMs());
  const booking = ledger.recordAttempt(start);
  if (!start.claims) return booking;
  const over = new AbortController();
  const onAbort = () => over.abort(callerLeft(frame.signal));
  if (frame.signal.aborted) onAbort();
  frame.signal.addEventListener('abort', onAbort, { once: true });
  const forget = clock.wakeAfter(Math.max(0, frame.endsAtMs - clock.monotonicMs()), () =>
    over.abort(endError(frame.endKind)),
  );
  try {
    return await untilAborted(() => booking, over.signal);
  } catch (thrown) {
    if (over.signal.aborted) {
      booking
        .then((late) => (late.type === 'admitted' ? ledger.voidAttempt(start.id) : undefined))
        .catch(() => undefined);
    }
    throw thrown;
  } finally {
    forget();
    frame.signal.removeEventListener('abort', onAbort);
  }
}
