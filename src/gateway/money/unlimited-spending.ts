import type { AttemptTerms } from '../../resilience/attempt-terms.ts';
import { costOfAttempt } from './attempt-cost.ts';
import type { Spending } from './spending.ts';

/** Where there are neither budgets nor rate limits: nothing is counted, and one serves all requests. */
export const UNLIMITED_SPENDING: Spending = {
  termsFor(candidate, demand) {
    const cost = costOfAttempt(candidate, demand);
    const terms: AttemptTerms = {
      claims: [],
      expectedNanoUsd: cost?.expected,
      mostNanoUsd: cost?.most,
      outputTokensMax: nothing,
      begun: nothing,
      ended: nothing,
      dropped: nothing,
    };
    return { of: () => terms, refused: neverRefused };
  },
  requestMax: () => Number.POSITIVE_INFINITY,
  onReached: neverRefused,
  mayAsk: () => false,
  allow: nothing,
};

function nothing(): undefined {
  return undefined;
}

function neverRefused(): never {
  throw new RangeError('a limit refused where there is none');
}
