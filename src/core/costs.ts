import type { AttemptId, CallId } from './ids.ts';
import type { ModelRef, ProviderId } from './model.ts';
import type { NanoUsd, SignedNanoUsd } from './money.ts';
import type { Usage } from './usage.ts';

/** What a report can be of, up to now. */
export const PERIODS = ['today', '24h', '7d', '30d', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** What a report can be split by, besides a value of the caller's metadata. */
export const COST_GROUPS = [
  'provider',
  'model',
  'key',
  'tier',
  'task',
  'hour',
  'day',
  'client',
  'tenant',
  'team',
  'user',
  'rule',
] as const;
export const METADATA_GROUP = 'metadata.';
/** `metadata.project` splits by what callers sent as `project`. */
export type CostGroup = (typeof COST_GROUPS)[number] | `${typeof METADATA_GROUP}${string}`;

/** A group by its name; undefined when there is none of that name. */
export function toCostGroup(text: string): CostGroup | undefined {
  const known = COST_GROUPS.find((group) => group === text);
  if (known) return known;
  return text.startsWith(METADATA_GROUP) && text.length > METADATA_GROUP.length
    ? `metadata.${text.slice(METADATA_GROUP.length)}`
    : undefined;
}

export type CostTotals = {
  readonly requests: number;
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly cacheHits: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of attempts with a known price, with what was corrected since. */
  readonly costNanoUsd: SignedNanoUsd;
  /** The part of it that was booked later, as corrections. */
  readonly correctionsNanoUsd: SignedNanoUsd;
  readonly savedByCacheNanoUsd: NanoUsd;
  /** Requests with an attempt that may be billed at an unknown price. */
  readonly unpricedRequests: number;
  /** Attempts of which nobody knows how they ended and what they cost, mostly since their process died. */
  readonly unknownAttempts: number;
};

export type CostQuery = {
  /** Absent: all of them. */
  readonly tenant?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly groupBy?: CostGroup;
  /** So many of the attempts whose cost is open are listed; none when absent. */
  readonly openMax?: number;
};

/** An attempt that may be billed and whose cost is in no sum. */
export type OpenCost = {
  readonly attemptId: AttemptId;
  readonly requestId: CallId;
  readonly startedAtMs: number;
  readonly model: ModelRef;
  readonly key: string;
  /** `unpriced`: it has no known price; `unknown`: nobody knows how it ended, mostly since its process died. */
  readonly kind: 'unpriced' | 'unknown';
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The most it can have cost, where that is known. */
  readonly reservedNanoUsd?: NanoUsd;
};

/** How well costs were foretold, over answered attempts that cost something. Shares of what was paid. */
export type CostPrediction = {
  readonly attempts: number;
  /** The median of how far off the expectation was, either way: 0.1 is a tenth. Absent without attempts. */
  readonly medianError?: number;
  /** The median of how far above it was; negative: too low. */
  readonly medianBias?: number;
  /** Attempts that cost more than the most they could. */
  readonly aboveMax: number;
};

export type CostReport = {
  readonly totals: CostTotals;
  readonly groups: readonly (CostTotals & { readonly key: string })[];
  readonly prediction: CostPrediction;
  /** The newest ones, as many as asked for. */
  readonly open: readonly OpenCost[];
  /** How many there are. */
  readonly openCount: number;
};

/**
 * A change of what is in the books, added beside them: rows are never changed afterwards. Of an attempt, it
 * counts where the attempt does; without one, for what a provider billed and no attempt of ours explains.
 */
export type Correction = {
  /** Chosen by who books it: the same one again changes nothing. */
  readonly id: string;
  readonly of:
    | { readonly attemptId: AttemptId }
    | {
        readonly provider: ProviderId;
        readonly model: ModelRef;
        readonly key?: string;
        readonly tenant?: string;
        /** When it was used. */
        readonly atMs: number;
      };
  /** Added to the cost; negative takes back. Absent: only tokens are corrected. */
  readonly costNanoUsd?: SignedNanoUsd;
  /** Added to the tokens; negative takes back. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Why, and from which source, in words. */
  readonly reason: string;
};

/**
 * One line of the books. The columns of a report are sums over these: cost over `attempt` and `correction`,
 * savings over `request`.
 */
export type CostRow = {
  readonly record: 'request' | 'attempt' | 'correction';
  readonly id: string;
  readonly requestId: CallId | null;
  /** Of a correction, the attempt it speaks of, when it speaks of one. */
  readonly attemptId: AttemptId | null;
  /** Of a correction: when it was booked, or without an attempt when it was used. */
  readonly startedAtMs: number;
  readonly tenant: string | null;
  readonly client: string | null;
  readonly team: string | null;
  readonly user: string | null;
  /** JSON of text by text. */
  readonly metadata: string | null;
  readonly tier: string | null;
  readonly task: string | null;
  readonly strategy: string | null;
  readonly rule: string | null;
  readonly cache: string | null;
  readonly provider: ProviderId | null;
  readonly model: ModelRef | null;
  readonly key: string | null;
  readonly role: string | null;
  readonly status: string | null;
  readonly error: string | null;
  readonly providerRequestId: string | null;
  readonly latencyMs: number | null;
  readonly priceVersion: string | null;
  readonly usageSource: Usage['source'] | null;
  /** All that went in, whatever its price. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Parts of the classes above that some vendors bill apart; null for none. */
  readonly cacheWrite1hTokens: number | null;
  readonly audioInputTokens: number | null;
  readonly imageInputTokens: number | null;
  readonly cachedAudioInputTokens: number | null;
  readonly cachedImageInputTokens: number | null;
  readonly audioOutputTokens: number | null;
  readonly imageOutputTokens: number | null;
  readonly webSearches: number | null;
  /** How it was served, as words; null for the usual way. */
  readonly serviceModes: string | null;
  readonly expectedNanoUsd: NanoUsd | null;
  readonly reservedNanoUsd: NanoUsd | null;
  /** Null where the price is unknown. */
  readonly costNanoUsd: SignedNanoUsd | null;
  readonly savedNanoUsd: NanoUsd | null;
  /** Of a correction. */
  readonly reason: string | null;
};
