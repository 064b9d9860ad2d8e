/** The timers and bounds of one call; every one comes from `limits` of the configuration. */
export type Limits = {
  /** Upstream attempts of one request, over all candidates. */
  readonly attemptsMax: number;
  readonly connectMs: number;
  /** Until the first content of a stream; pings do not count. */
  readonly firstTokenMs: number;
  /** The same for reasoning models and for local models, which load first. */
  readonly firstTokenSlowMs: number;
  /** Between two signs of life once content flows. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** Requests that wait in this process for a rate limit or for a place at a target. */
  readonly queue: {
    /** 0: nobody waits. */
    readonly max: number;
    readonly waitMs: number;
  };
};

export const DEFAULT_LIMITS: Limits = {
  attemptsMax: 3,
  connectMs: 5_000,
  firstTokenMs: 30_000,
  firstTokenSlowMs: 120_000,
  idleMs: 30_000,
  totalMs: 600_000,
  queue: { max: 100, waitMs: 10_000 },
};
