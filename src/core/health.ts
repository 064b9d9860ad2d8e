import type { ErrorCode } from './error-codes.ts';
import type { ProviderId } from './model.ts';
import { type ApiKey, keyHealthId } from './provider.ts';

/**
 * What health is kept for: one key with one model, one key with every model (`model: '*'`), or
 * the whole provider (`key: '*'`, `model: '*'`). `key` is a `keyHealthId`, `model` the vendor's name.
 */
export type HealthTarget = { readonly provider: ProviderId; readonly key: string; readonly model: string };

/** Circuit breaker of one target. Times are wall-clock milliseconds, since processes share them. */
export type BreakerState =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly openedAtMs: number; readonly cooldownMs: number }
  | { readonly state: 'half-open'; readonly probeUntilMs: number; readonly cooldownMs: number };

/** The end of its rest, or of the probe under way; 0 of a closed one. */
export function breakerUntilMs(breaker: BreakerState): number {
  if (breaker.state === 'closed') return 0;
  return breaker.state === 'open' ? breaker.openedAtMs + breaker.cooldownMs : breaker.probeUntilMs;
}

/** A rest that the provider asked for, or that a bad key earns. It never shortens an older one. */
export type Cooldown = { readonly untilMs: number; readonly reason: ErrorCode };

export type TargetHealth = {
  readonly target: HealthTarget;
  readonly breaker: BreakerState;
  readonly consecutiveFailures: number;
  readonly cooldown?: Cooldown;
  readonly lastError?: { readonly code: ErrorCode; readonly message: string; readonly atMs: number };
};

/** After the rest of a model that nobody has asked since: else one that fails would come and go between two requests. */
const UNTRIED_MS = 5 * 60_000;

/**
 * Does it speak against its provider now? Its breaker closes by the next success alone, and of a model that nobody asks
 * for again there is none; one that was taken out as a whole counts until it is found to be back.
 */
export function isUnwell({ target, breaker, cooldown }: TargetHealth, nowMs: number): boolean {
  if (cooldown !== undefined && cooldown.untilMs > nowMs) return true;
  if (breaker.state === 'closed') return false;
  return target.key === '*' || nowMs < breakerUntilMs(breaker) + UNTRIED_MS;
}

/** Outcomes of one target within the breaker's rolling window. */
export type OutcomeWindow = { readonly total: number; readonly failures: number };

/** The unhealthy targets; one that is absent is well. */
export type HealthSnapshot = readonly TargetHealth[];

/** By less than this a clock is put right all the time. */
export const CLOCK_STEP_MS = 1_000;

/**
 * What counts of a row that was read. One that was written later than now is from before the clock was put back: how
 * much of its rests has passed nobody knows, so they are over, and a breaker waits for its probe.
 */
export function asOfNow(health: TargetHealth, nowMs: number): TargetHealth {
  const { target, breaker, consecutiveFailures, lastError } = health;
  const openedAtMs = breaker.state === 'open' ? breaker.openedAtMs : 0;
  if (Math.max(openedAtMs, lastError?.atMs ?? 0) <= nowMs + CLOCK_STEP_MS) return health;
  if (breaker.state === 'closed') return { target, breaker, consecutiveFailures };
  const rested = { state: 'open', openedAtMs: 0, cooldownMs: breaker.cooldownMs } as const;
  return { target, breaker: rested, consecutiveFailures };
}

/**
 * Until when this key may not be asked for this model (the vendor's name of it), in wall-clock
 * milliseconds; undefined when it may be asked now. A rest of the key for all models or of the
 * whole provider counts as well. A half-open breaker rests while somebody's probe is under way; when
 * that ends nobody knows, but it soon tells.
 */
export function restingUntil(
  snapshot: HealthSnapshot,
  asked: { readonly provider: ProviderId; readonly key: ApiKey; readonly model: string },
  nowMs: number,
): TargetRest | undefined {
  let longest: TargetRest | undefined;
  for (const health of snapshot) {
    const { target } = health;
    if (target.provider !== asked.provider) continue;
    if (target.model !== '*' && target.model !== asked.model) continue;
    if (target.key !== '*' && target.key !== keyHealthId(asked.key)) continue;
    const rest = restOf(health, nowMs);
    if (rest && rest.untilMs > nowMs && rest.untilMs > (longest?.untilMs ?? 0)) longest = rest;
  }
  return longest;
}

/** Of a model: `lately` within the last minute, `earlier` when somebody may have pulled it, or let the key in, meanwhile. */
export type Unserved = 'lately' | 'earlier';

const LATELY_MS = 60_000;

/** Has the provider said, and nothing else since, that this key gets no such model (the vendor's name of it)? */
export function unservedBy(
  snapshot: HealthSnapshot,
  asked: { readonly provider: ProviderId; readonly key: ApiKey; readonly model: string },
  nowMs: number,
): Unserved | undefined {
  for (const { target, lastError } of snapshot) {
    if (lastError?.code !== 'unknown_model' || target.provider !== asked.provider) continue;
    if (target.model !== asked.model || target.key !== keyHealthId(asked.key)) continue;
    return lastError.atMs > nowMs - LATELY_MS ? 'lately' : 'earlier';
  }
  return undefined;
}

export type TargetRest = { readonly untilMs: number; readonly reason: ErrorCode };

/** When somebody else's probe will have told how the target is, about. */
export const PROBE_WAIT_MS = 1_000;

function restOf({ breaker, cooldown, lastError }: TargetHealth, nowMs: number): TargetRest | undefined {
  const untilMs = breakerUntilMs(breaker);
  const breakerUntil = breaker.state === 'half-open' ? Math.min(untilMs, nowMs + PROBE_WAIT_MS) : untilMs;
  if (cooldown && cooldown.untilMs >= breakerUntil) return cooldown;
  return breakerUntil > 0 ? { untilMs: breakerUntil, reason: lastError?.code ?? 'provider_unavailable' } : undefined;
}
