import type { AttemptStart } from '../core/books.ts';
import type { AttemptId } from '../core/ids.ts';
import type { ModelInfo } from '../core/model.ts';
import type { CallLedger, Clock } from '../core/ports.ts';
import type { Provider } from '../core/provider.ts';
import type { Admission } from '../core/quota.ts';
import type { AttemptTerms } from './attempt-terms.ts';
import { AttemptTimers } from './attempt-timers.ts';
import type { CallFrame } from './call-frame.ts';
import type { Target } from './health-recorder.ts';

/** After the deadline of a dead process its pending attempts count as unknown this much later. */
const EXPIRY_GRACE_MS = 60_000;

export type AttemptTarget = Target & {
  readonly info: ModelInfo;
  readonly provider: Provider;
  readonly needsNewConnection: boolean;
};

type Beginning = {
  readonly id: AttemptId;
  readonly frame: CallFrame;
  readonly target: AttemptTarget;
  readonly terms: AttemptTerms;
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
    priceVersion: info.price?.version,
    role: frame.role,
    expectedNanoUsd: terms.expectedNanoUsd,
    reservedNanoUsd: terms.mostNanoUsd,
    claims: terms.claims.length > 0 ? terms.claims : undefined,
  };
}

/**
 * Resolves when the attempt may begin. One that budgets have a say in may have to wait for the database: then no
 * longer than its caller does, and what is booked after that is taken back.
 */
export function bookAttempt(
  { ledger, clock }: { readonly ledger: CallLedger; readonly clock: Clock },
  beginning: Beginning,
): Promise<Admission> {
  const { frame } = beginning;
  const nowMs = clock.monotonicMs();
  const start = toStart(beginning, nowMs);
  const booking = ledger.recordAttempt(start);
  return start.claims ? whileWanted(booking, { ledger, clock, frame, startedAtMs: nowMs, id: start.id }) : booking;
}

type Wanted = {
  readonly ledger: CallLedger;
  readonly clock: Clock;
  readonly frame: CallFrame;
  /** On the monotonic clock. */
  readonly startedAtMs: number;
  readonly id: AttemptId;
};

async function whileWanted(
  booking: Promise<Admission>,
  { ledger, clock, frame, startedAtMs, id }: Wanted,
): Promise<Admission> {
  const timers = new AttemptTimers({ clock, frame, startedAtMs });
  try {
    return await timers.limit(() => booking);
  } catch (thrown) {
    if (timers.signal.aborted) {
      booking.then((late) => (late.type === 'admitted' ? ledger.voidAttempt(id) : undefined)).catch(() => undefined);
    }
    throw thrown;
  }
}
