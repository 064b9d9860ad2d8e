/** Keeps retries of the same target from multiplying an outage. */
export interface RetryBudget {
  countRequest(nowMs: number): void;
  /** Takes one retry when there is one left. */
  tryTake(nowMs: number): boolean;
}

export type RetryBudgetOptions = {
  /** Retries per request over the window. */
  readonly ratio: number;
  /** Always allowed within the window, however few the requests. */
  readonly floor: number;
  readonly windowMs: number;
};

const DEFAULT_OPTIONS: RetryBudgetOptions = { ratio: 0.1, floor: 10, windowMs: 60_000 };
const SLICES = 6;

/** A rolling window in six slices. Per process: each one bounds its own share of the traffic. */
export function createRetryBudget(options: RetryBudgetOptions = DEFAULT_OPTIONS): RetryBudget {
  const sliceMs = options.windowMs / SLICES;
  let slices: { readonly slice: number; requests: number; retries: number }[] = [];

  function sliceAt(nowMs: number) {
    let last = slices.at(-1);
    // Of two calls the one that began first may be told of last: it counts with the other, and there stay six slices.
    const slice = Math.max(Math.floor(nowMs / sliceMs), last?.slice ?? 0);
    if (last?.slice !== slice) {
      slices = slices.filter((old) => old.slice > slice - SLICES);
      last = { slice, requests: 0, retries: 0 };
      slices.push(last);
    }
    return last;
  }

  return {
    countRequest(nowMs) {
      sliceAt(nowMs).requests += 1;
    },
    tryTake(nowMs) {
      const current = sliceAt(nowMs);
      const requests = slices.reduce((sum, { requests }) => sum + requests, 0);
      const retries = slices.reduce((sum, { retries }) => sum + retries, 0);
      if (retries >= Math.max(options.floor, requests * options.ratio)) return false;
      current.retries += 1;
      return true;
    },
  };
}
