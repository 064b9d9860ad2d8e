import type { ErrorCode } from './error-codes.ts';
import type { ProviderId } from './model.ts';

/**
 * What health is kept for: one key with one model, one key with every model (`model: '*'`), or
 * the whole provider (`key: '*'`, `model: '*'`).
 */
export type HealthTarget = { readonly provider: ProviderId; readonly key: string; readonly model: string };

/** Circuit breaker of one target. Times are wall-clock milliseconds, since processes share them. */
export type BreakerState =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly openedAtMs: number; readonly cooldownMs: number }
  | { readonly state: 'half-open'; readonly probeUntilMs: number; readonly cooldownMs: number };

/** A rest that the provider asked for, or that a bad key earns. It never shortens an older one. */
export type Cooldown = { readonly untilMs: number; readonly reason: ErrorCode };

export type TargetHealth = {
  readonly target: HealthTarget;
  readonly breaker: BreakerState;
  readonly consecutiveFailures: number;
  readonly cooldown?: Cooldown;
  readonly lastError?: { readonly code: ErrorCode; readonly message: string; readonly atMs: number };
};

/** Outcomes of one target within the breaker's rolling window. */
export type OutcomeWindow = { readonly total: number; readonly failures: number };

/** The unhealthy targets; one that is absent is well. */
export type HealthSnapshot = readonly TargetHealth[];
