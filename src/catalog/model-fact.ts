import type { Capability } from '../core/model.ts';

/** The day the tables of `facts/` were last compared with their sources. */
export const FACTS_DATE = '2026-11-21';

/**
 * What the price data does not know about a model family: one row for the name and all its dated
 * versions. Each table of `facts/` states its sources. Quality is ours: 0 to 1, only meant to rank;
 * it follows the Artificial Analysis Intelligence Index of October 2026 (57.6 is 0.96) where a
 * model is on it, and our placement between its neighbours where it is not.
 */
export type ModelFact = {
  /** The vendor's name without date or `latest`. */
  readonly name: string;
  /** `current`: listed to users. `older`: works and is priced, but is not offered. */
  readonly status: 'current' | 'older';
  readonly capabilities: readonly Capability[];
  /** Where the price data has none, or a rounded one. */
  readonly contextTokens?: number;
  readonly outputTokensMax?: number;
  readonly quality?: number;
  /** Only for models newer than the price data; ascending by day. */
  readonly prices?: readonly DatedPrice[];
};

/** Dollars per million tokens, as the vendor publishes them, from a day on. */
export type DatedPrice = {
  /** First day it holds, `YYYY-MM-DD`, UTC; absent: from the start. */
  readonly from?: string;
  readonly tiers: readonly [UsdTier, ...UsdTier[]];
};

export type UsdTier = {
  /** Applies to requests with more input tokens than this; absent: to all. */
  readonly aboveInputTokens?: number;
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  /** For an hour; absent: as for five minutes. */
  readonly cacheWrite1h?: number;
};
