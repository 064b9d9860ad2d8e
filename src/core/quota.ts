import type { NanoUsd } from './money.ts';

/** What a budget or a rate limit can be held for. `metadata` goes by one of the caller's own values. */
export const SCOPE_DIMENSIONS = [
  'global',
  'provider',
  'model',
  'key',
  'tenant',
  'client',
  'team',
  'user',
  'task',
  'tier',
  'metadata',
] as const;
export type ScopeDimension = (typeof SCOPE_DIMENSIONS)[number];

/** Whom a limit concerns: everybody together, each value of a dimension for itself, or one value alone. */
export type QuotaScope = {
  readonly by: ScopeDimension;
  /** Of `metadata`: which value of it. */
  readonly metadataKey?: string;
  /** Only this one; absent: each its own. */
  readonly value?: string;
};

export const CALENDAR_UNITS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** Over which time a limit is counted. Weeks begin on Monday (ISO 8601). */
export type QuotaWindow =
  | { readonly type: 'request' }
  | { readonly type: 'calendar'; readonly unit: CalendarUnit; readonly timeZone: string }
  | { readonly type: 'rolling'; readonly lengthMs: number };

/** A limit of money. */
export type Budget = {
  readonly name: string;
  readonly scope: QuotaScope;
  readonly limitNanoUsd: NanoUsd;
  readonly window: QuotaWindow;
  /** `hard` reserves the largest possible cost before bytes leave; `soft` may overshoot by what is in flight. */
  readonly mode: 'hard' | 'soft';
  readonly onReached: 'refuse' | 'downgrade' | 'ask';
  /** Shares of the limit, above 0 to 1, at which the operator is told. */
  readonly alertAt: readonly number[];
  /** What happens to a model of unknown price under a hard budget. */
  readonly unknownPrice: 'refuse' | 'allow';
};

/** A limit of traffic that the processes of a data folder keep together. */
export type RateLimit = {
  readonly name: string;
  readonly scope: QuotaScope;
  readonly window: Exclude<QuotaWindow, { readonly type: 'request' }>;
  readonly requests?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Attempts under way at the same time, whatever the window. */
  readonly concurrency?: number;
};

export type QuotaUnit = 'nano_usd' | 'requests' | 'input_tokens' | 'output_tokens' | 'concurrency';

/**
 * What one attempt wants of one limit. The store reserves it in the commit that books the attempt, so that no
 * other process can come between; settling replaces it by what was really used.
 */
export type QuotaClaim = {
  /** Of the budget or rate limit, unique among both: `budget daily`, `limit groq requests`. */
  readonly quota: string;
  readonly unit: QuotaUnit;
  /** For whom, when each value has its own; empty for all together. */
  readonly key: string;
  /** Whole units. */
  readonly limit: number;
  /** The part of the window that this attempt is counted in, by its start; wall clock. */
  readonly bucketMs: number;
  /** The earliest part that still counts; equal to `bucketMs` for a calendar window. */
  readonly fromMs: number;
  /** From the start of a part until it no longer counts, in milliseconds. */
  readonly keptMs: number;
  /** The most this attempt can use. */
  readonly amount: number;
  /** Anything less is of no use; equal to `amount` for what cannot shrink. Only money shrinks. */
  readonly amountMin: number;
  /**
   * What an attempt is content with while the limit is not tight, so that one that could be very dear does not keep
   * all others out: more than this is granted only up to a quarter of what is left.
   */
  readonly amountUsual?: number;
  /** Of a limit that each key has for itself. */
  readonly isForKey?: boolean;
  readonly mode: 'hard' | 'soft';
  /** A person allowed so much, whatever is left: what is missing is added to the limit in the commit that lets it in. */
  readonly allowed?: number;
  /** As granted: so much was added. What the attempt does not take of it is taken back in the commit that ends it. */
  readonly added?: number;
};

/** What a person allows: an answer as long as most are, or as was asked for. */
export function wishOf({ amount, amountMin, amountUsual = amount }: QuotaClaim): number {
  return Math.max(amountUsual, amountMin, 1);
}

/** What a limit stands at, for whoever asks. */
export type QuotaUse = {
  readonly settled: number;
  /** Of attempts under way. */
  readonly reserved: number;
  /** Held for attempts of which nobody knows what they used: their process died, or how they were served has no price. */
  readonly unknown: number;
  /** Added to the limit by a person who was asked. */
  readonly extended: number;
  /** Settled attempts of unknown price; one that reserved nothing counts as nothing here. */
  readonly unpriced: number;
};

export const NO_QUOTA_USE: QuotaUse = { settled: 0, reserved: 0, unknown: 0, extended: 0, unpriced: 0 };

/** Why an attempt was not let in. */
export type QuotaRefusal = {
  readonly claim: QuotaClaim;
  readonly use: QuotaUse;
  /** When enough of it will be free by the clock alone, wall clock; absent: never, the attempt wants more than the limit. */
  readonly freeAtMs?: number;
};

/** What became of the claims of an attempt. */
export type Admission =
  | {
      readonly type: 'admitted';
      /** What was reserved of every claim of money, when there is one: the attempt must not cost more. */
      readonly grantedNanoUsd?: NanoUsd;
    }
  /** Nothing was booked; never empty. */
  | { readonly type: 'refused'; readonly refusals: readonly QuotaRefusal[] };

/** Names what a claim counts against: a limit, and for whom. */
export function limitId({ quota, key }: Pick<QuotaClaim, 'quota' | 'key'>): string {
  return `${quota}\n${key}`;
}

/** What counts against a limit. */
export function usedOf({ settled, reserved, unknown }: QuotaUse): number {
  return settled + reserved + unknown;
}
