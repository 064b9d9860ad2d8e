import type { ErrorCode } from './error-codes.ts';
import type { ModelRef } from './model.ts';
import type { NanoUsd } from './money.ts';
import type { Task, Tier } from './request.ts';

/** `routing.verify` of the configuration, resolved: whose answers are checked, and how. */
export type VerifySettings = {
  /** A request without a task counts as `general`. */
  readonly tasks: 'all' | readonly Task[];
  /** Tiers by complexity whose answers are checked. */
  readonly tiers: readonly Tier[];
  /** The tier asked first where the chosen one is higher; absent: the chosen one. */
  readonly first?: Tier;
  /** A second cheap model beside the first: one of the same tier, or this one. */
  readonly peer: boolean | ModelRef;
  /** More doubt than this goes up; absent: the check's own. */
  readonly threshold?: number;
};

/** What an attempt was for, where it was not for the answer itself. */
export type AttemptRole = 'peer' | 'escalation';

/**
 * `passed`: the first answer stood. `escalated`: it was doubted, and a stronger model's is given. `kept`: it was
 * doubted, and given all the same, since no stronger model answered.
 */
export type VerificationOutcome = 'passed' | 'escalated' | 'kept';

/** How the check of an answer went. Holds no content. */
export type Verification = {
  readonly outcome: VerificationOutcome;
  /** From 0 to 1: how far the check doubted the first answer. */
  readonly doubt: number;
  /** Codes of what it found. */
  readonly reasons: readonly string[];
  /** The model whose answer was checked. */
  readonly first: ModelRef;
  /** The model that was asked beside it. */
  readonly peer?: ModelRef;
  /** Why a doubted answer was kept. */
  readonly keptBecause?: ErrorCode | 'attempts_spent';
  /** From the first answer to the verdict: the wait for the peer, and the check. */
  readonly checkMs: number;
  /** Of the peer; 0 without one, absent when its price is unknown. */
  readonly checkCostNanoUsd?: NanoUsd | undefined;
};
