import type { ErrorCode } from './error-codes.ts';
import type { WindowOverflow } from './errors.ts';
import type { ModelInfo, ModelRef, Price } from './model.ts';
import type { NanoUsd } from './money.ts';
import type { ParameterName } from './parameters.ts';
import type { Strategy, Task, Tier } from './request.ts';
import type { VerifySettings } from './verification.ts';

/** Why the classifier chose a tier: its features, strongest first. */
export type Evidence = { readonly feature: string; readonly value: number | string; readonly weight: number };

export type Classification = { readonly tier: Tier; readonly score: number; readonly evidence: readonly Evidence[] };

/** What the largest cost of a candidate is made of: a budget with less left may cut its answer. */
export type CostBound = {
  /** The most tokens it can be billed as. */
  readonly inputTokensMax: number;
  /** What a token costs at most, whatever class it turns out to be. */
  readonly dearest: Price;
  /** The longest answer that `costMax` counts with, in tokens of one answer. */
  readonly outputTokensMax: number;
  /** One that is cut shorter than this is of no use. */
  readonly outputTokensUseful: number;
  /** How many answers are asked for. */
  readonly choices: number;
};

export type Candidate = {
  readonly model: ModelInfo;
  /** One clause for people: `first of tier medium`, `fallback`. */
  readonly reason: string;
  /** By estimate; absent when the price is unknown. */
  readonly costExpected?: NanoUsd | undefined;
  /** The bill is never higher, whatever the tokens turn out to be; absent when the price is unknown. */
  readonly costMax?: NanoUsd | undefined;
  /** Present with `costMax`. */
  readonly costBound?: CostBound | undefined;
  /** The output is cut here, since the caller's cost limit leaves no more and it named no limit of its own. */
  readonly outputTokensCap?: number | undefined;
  /** Parameters of the request that this model cannot honour and that are left out, as the caller allowed. */
  readonly droppedParameters?: readonly ParameterName[] | undefined;
};

export type Rejection = {
  readonly model: ModelRef;
  readonly code: ErrorCode;
  readonly reason: string;
  /** For a resting target: when it may be asked again, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Budgets or rate limits of ours do not allow it. */
  readonly isByLimit?: true;
  /** The parameter of the request that the model cannot honour, where that is the reason. */
  readonly parameter?: ParameterName;
  /** Another field of the request that the model cannot honour, as the gateway calls it. */
  readonly field?: string | undefined;
  /** What did not fit, where the window is too small. */
  readonly overflow?: WindowOverflow;
};

/** How the first answer is checked, and who is asked when it is doubted. */
export type VerifyPlan = {
  /** More doubt than this goes up; absent: the check decides. */
  readonly threshold?: number;
  /** Asked at the same time as the first candidate, to see whether the two agree. */
  readonly peer?: Candidate;
  /** Never empty. */
  readonly stronger: readonly Candidate[];
};

/** What the strong side may take of what complexity routes. */
export type CostTarget =
  /** Of the user turns, from 0 to 1. */
  | { readonly type: 'share'; readonly shareMax: number }
  /** So much may the average request cost; the share follows from what both sides cost. */
  | { readonly type: 'cost'; readonly costMax: NanoUsd };

/** On which side of the cost target a request is, and by what. */
export type PacingDecision = {
  readonly side: 'strong' | 'cheap';
  /**
   * `threshold`: its score is above or below it. `saved`: whatever its score, so much of the share was left unused.
   * `spent`: whatever its score, the share is used up for now.
   */
  readonly by: 'threshold' | 'saved' | 'spent';
  /** Of the classification, from 0 to 1. */
  readonly score: number;
  /** The score from which requests are strong now, 0 to 1. */
  readonly threshold: number;
  /** Of the latest decisions, 0 to 1; 0 before the first. */
  readonly share: number;
  /** The target, 0 to 1. */
  readonly shareMax: number;
};

/** The decision for one request. `route_preview` prints it, the live call follows it. */
export type RoutePlan = {
  readonly strategy: Strategy;
  /** Absent when model or provider were forced, or a task decided. */
  readonly tier?: Tier | undefined;
  readonly task?: Task | undefined;
  readonly evidence: readonly Evidence[];
  /** What the cost target made of it; absent without one, and where it does not apply. */
  readonly pacing?: PacingDecision | undefined;
  /** The tier is that of the user turn whose tool loop this is a step of. */
  readonly isPinned?: true | undefined;
  /** The rule that decided; there are none yet. */
  readonly rule?: string | undefined;
  /** One sentence for people. */
  readonly reason: string;
  readonly candidates: readonly Candidate[];
  readonly rejected: readonly Rejection[];
  /** Absent: the first answer stands as it is. */
  readonly verify?: VerifyPlan | undefined;
  /** Estimated input tokens of the request. */
  readonly inputTokensEstimated: number;
  readonly configHash: string;
};

/** The routing part of the configuration, resolved. */
export type RoutingTable = {
  readonly strategy: Strategy;
  readonly tiers: Readonly<Record<Tier, readonly ModelRef[]>>;
  readonly tasks: Readonly<Partial<Record<Task, readonly ModelRef[]>>>;
  /** Tried last, after the chosen list. */
  readonly fallback: readonly ModelRef[];
  readonly aliases: Readonly<Record<string, ModelRef>>;
  /** Absent: no answer is checked. */
  readonly verify?: VerifySettings;
  /** Absent: tiers go by complexity alone. */
  readonly costTarget?: CostTarget;
  readonly configHash: string;
};
