/** One call as a worker is told to make it. Plain data: it goes to another process. */
export type WorkCall = {
  readonly tag: string;
  readonly kind: 'complete' | 'whole' | 'stream' | 'embed';
  readonly tenant: string;
  readonly team: string;
  readonly user: string;
  /** Carries the tag to the vendor. */
  readonly prompt: string;
  readonly model?: string;
  readonly maxOutputTokens?: number;
  readonly deadlineMs?: number;
  readonly cache: 'use' | 'off';
  /** Wants JSON. */
  readonly json?: boolean;
  /** The caller leaves after so many milliseconds, or after so many parts of a stream. */
  readonly leave?: { readonly afterMs: number } | { readonly afterParts: number };
};

/** What a worker is told, a line of JSON each. */
export type WorkerCommand =
  | { readonly type: 'call'; readonly call: WorkCall }
  /** Its wall clock shows so much more than that of the machine. */
  | { readonly type: 'clock'; readonly offsetMs: number }
  /** Tells the sums of its cost reports, by each group. */
  | { readonly type: 'report' }
  /** Closes once every call has ended. */
  | { readonly type: 'stop' };

/** Sums of one cost report, of the whole and of its groups. */
export type ReportedSums = {
  readonly group: string;
  readonly totals: SummedFigures;
  readonly groups: readonly (SummedFigures & { readonly key: string })[];
};

export type SummedFigures = {
  readonly requests: number;
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly cacheHits: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanoUsd: number;
  readonly savedByCacheNanoUsd: number;
  readonly unpricedRequests: number;
};
