import type { GatewayError } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { Clock } from '../core/ports.ts';
import type { AttemptRole } from '../core/verification.ts';
import { callerLeft, endError } from './attempt-timers.ts';
import type { UsageEstimate } from './attempt-trace.ts';

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

/** Why no further attempt may be made: the caller has left, or the time is over. */
export function timeOver({ signal, endsAtMs, endKind }: CallFrame, clock: Clock): GatewayError | undefined {
  if (signal.aborted) return callerLeft(signal);
  return endsAtMs <= clock.monotonicMs() ? endError(endKind) : undefined;
}
