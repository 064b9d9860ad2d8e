import type { ErrorCode } from '../core/error-codes.ts';
import {
  type BreakerState,
  breakerUntilMs,
  type HealthTarget,
  type OutcomeWindow,
  type TargetHealth,
} from '../core/health.ts';

/** When a circuit breaker opens, and how long it stays open. */
export const BREAKER = {
  consecutiveFailuresMax: 5,
  /** Opens when at least half of this many attempts failed within `windowMs`. */
  windowAttemptsMin: 20,
  windowMs: 30_000,
  cooldownFirstMs: 5_000,
  cooldownMaxMs: 60_000,
  /** How long one probe of a half-open breaker keeps others out. */
  probeMs: 60_000,
} as const;

export type Failure = { readonly code: ErrorCode; readonly message: string; readonly atMs: number };

/** The health of a target nothing is known against. */
export function cleanHealth(target: HealthTarget): TargetHealth {
  return { target, breaker: { state: 'closed' }, consecutiveFailures: 0 };
}

/** One more failure: a probe that fails opens again for twice as long. */
export function afterFailure(current: TargetHealth, failure: Failure, window: OutcomeWindow): TargetHealth {
  const consecutiveFailures = current.consecutiveFailures + 1;
  const { code, message, atMs } = failure;
  const cooldownMs = opensForMs(current.breaker, consecutiveFailures, window);
  return {
    ...current,
    consecutiveFailures,
    breaker: cooldownMs === undefined ? current.breaker : openBreaker(atMs, cooldownMs),
    lastError: { code, message, atMs },
  };
}

/** How long a failure opens it, in milliseconds; undefined when it stays as it is. */
function opensForMs(breaker: BreakerState, consecutiveFailures: number, window: OutcomeWindow): number | undefined {
  switch (breaker.state) {
    case 'half-open':
      return Math.min(breaker.cooldownMs * 2, BREAKER.cooldownMaxMs);
    case 'open':
      // A call that was under way when the breaker opened: it neither shortens nor doubles the rest.
      return undefined;
    case 'closed': {
      const oftenEnough = window.total >= BREAKER.windowAttemptsMin && window.failures * 2 >= window.total;
      const opens = consecutiveFailures >= BREAKER.consecutiveFailuresMax || oftenEnough;
      return opens ? BREAKER.cooldownFirstMs : undefined;
    }
  }
}

export function openBreaker(openedAtMs: number, cooldownMs: number): BreakerState {
  return { state: 'open', openedAtMs, cooldownMs };
}

/** A success closes the breaker; only a rest that still runs is kept, with what it was for. Undefined when all is well. */
export function afterSuccess(current: TargetHealth, nowMs: number): TargetHealth | undefined {
  const { cooldown, lastError } = current;
  if (!cooldown || cooldown.untilMs <= nowMs) return undefined;
  return { ...cleanHealth(current.target), cooldown, ...(lastError && { lastError }) };
}

/** Is a probe needed before this target may be used again? Its breaker closes by nothing else. */
export function needsProbe({ breaker }: TargetHealth): boolean {
  return breaker.state !== 'closed';
}

/** Takes the one probe of a breaker whose rest is over; undefined when somebody else has it. */
export function claimProbe(current: TargetHealth, nowMs: number): TargetHealth | undefined {
  const { breaker } = current;
  if (breaker.state === 'closed' || breakerUntilMs(breaker) > nowMs) return undefined;
  const { cooldownMs } = breaker;
  return { ...current, breaker: { state: 'half-open', probeUntilMs: nowMs + BREAKER.probeMs, cooldownMs } };
}

/** A probe that proved nothing (the caller left): the next caller may probe at once. */
export function releaseProbe(current: TargetHealth, nowMs: number): TargetHealth {
  return current.breaker.state === 'half-open' ? withRestOver(current, nowMs) : current;
}

/** Whoever calls next probes. */
export function withRestOver(current: TargetHealth, nowMs: number): TargetHealth {
  if (current.breaker.state === 'closed') return current;
  const { cooldownMs } = current.breaker;
  return { ...current, breaker: openBreaker(nowMs - cooldownMs, cooldownMs) };
}
