import type { ErrorCode } from '../core/error-codes.ts';
import type { BreakerState, HealthTarget, OutcomeWindow, TargetHealth } from '../core/health.ts';

/** When a circuit breaker opens and how long it stays open. */
export type BreakerOptions = {
  readonly consecutiveFailuresMax: number;
  /** Opens when at least half of this many attempts failed within `windowMs`. */
  readonly windowAttemptsMin: number;
  readonly windowMs: number;
  readonly cooldownFirstMs: number;
  readonly cooldownMaxMs: number;
  /** How long one probe of a half-open breaker keeps others out. */
  readonly probeMs: number;
};

export const DEFAULT_BREAKER: BreakerOptions = {
  consecutiveFailuresMax: 5,
  windowAttemptsMin: 20,
  windowMs: 30_000,
  cooldownFirstMs: 5_000,
  cooldownMaxMs: 60_000,
  probeMs: 60_000,
};

export type Failure = { readonly code: ErrorCode; readonly message: string; readonly atMs: number };

/** The health of a target nothing is known against. */
export function cleanHealth(target: HealthTarget): TargetHealth {
  return { target, breaker: { state: 'closed' }, consecutiveFailures: 0 };
}

/** One more failure: a probe that fails opens again for twice as long. */
export function afterFailure(
  current: TargetHealth,
  failure: Failure,
  window: OutcomeWindow,
  options: BreakerOptions = DEFAULT_BREAKER,
): TargetHealth {
  const consecutiveFailures = current.consecutiveFailures + 1;
  const { code, message, atMs } = failure;
  return {
    ...current,
    consecutiveFailures,
    breaker: breakerAfterFailure(current.breaker, consecutiveFailures, window, atMs, options),
    lastError: { code, message, atMs },
  };
}

function breakerAfterFailure(
  breaker: BreakerState,
  consecutiveFailures: number,
  window: OutcomeWindow,
  nowMs: number,
  options: BreakerOptions,
): BreakerState {
  switch (breaker.state) {
    case 'half-open':
      return openBreaker(nowMs, Math.min(breaker.cooldownMs * 2, options.cooldownMaxMs));
    case 'open':
      // A call that was under way when the breaker opened: it neither shortens nor doubles the rest.
      return breaker;
    case 'closed': {
      const oftenEnough = window.total >= options.windowAttemptsMin && window.failures * 2 >= window.total;
      const opens = consecutiveFailures >= options.consecutiveFailuresMax || oftenEnough;
      return opens ? openBreaker(nowMs, options.cooldownFirstMs) : breaker;
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

/** Is a probe needed before this target may be used? True from the moment its open time is over. */
export function needsProbe(health: TargetHealth | undefined): boolean {
  return health !== undefined && health.breaker.state !== 'closed';
}

/** Takes the one probe of a breaker whose rest is over; undefined when somebody else has it. */
export function claimProbe(
  current: TargetHealth,
  nowMs: number,
  options: BreakerOptions = DEFAULT_BREAKER,
): TargetHealth | undefined {
  const { breaker } = current;
  const free =
    breaker.state === 'open'
      ? breaker.openedAtMs + breaker.cooldownMs <= nowMs
      : breaker.state === 'half-open'
        ? breaker.probeUntilMs <= nowMs
        : false;
  if (!free || breaker.state === 'closed') return undefined;
  return {
    ...current,
    breaker: { state: 'half-open', probeUntilMs: nowMs + options.probeMs, cooldownMs: breaker.cooldownMs },
  };
}

/** A probe that proved nothing (the caller left): the next caller may probe at once. */
export function releaseProbe(current: TargetHealth, nowMs: number): TargetHealth {
  const { breaker } = current;
  if (breaker.state !== 'half-open') return current;
  return { ...current, breaker: openBreaker(nowMs - breaker.cooldownMs, breaker.cooldownMs) };
}
