/** Keeps retries of the same target from multiplying an outage. */
export interface RetryBudget {
  countRequest(nowMs: number): void;
  /** Takes one retry when there is one left. */
  tryTake(nowMs: number): boolean;
}

/** Retries per request over the window. */
const RATIO = 0.1;
/** Always allowed within the window, however few the requests. */
const FLOOR = 10;
const SLICES = 6;
const SLICE_MS = 10_000;

/** A rolling minute in six slices. Per process: each one bounds its own share of the traffic. */
export function createRetryBudget(): RetryBudget {
  let slices: { readonly slice: number; requests: number; retries: number }[] = [];

  function sliceAt(nowMs: number) {
    let last = slices.at(-1);
    // Of two calls the one that began first may be told of last: it counts with the other, and there stay six slices.
    const slice = Math.max(Math.floor(nowMs / SLICE_MS), last?.slice ?? 0);
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
      if (retries >= Math.max(FLOOR, requests * RATIO)) return false;
      current.retries += 1;
      return true;
    },
  };
}
