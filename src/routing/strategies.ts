import type { Unserved } from '../core/health.ts';
import type { Strategy } from '../core/request.ts';
import type { Candidate } from '../core/route-plan.ts';
import type { CostEstimate } from './expected-cost.ts';

/** A candidate before its place is known. */
export type Contender = Pick<Candidate, 'model' | 'droppedParameters'> & {
  readonly cost: CostEstimate;
  /** Its provider said that it does not serve it. */
  readonly unserved: Unserved | undefined;
};

/** Ranks one list; never adds, drops or changes a contender. */
export type RankContenders = (contenders: readonly Contender[]) => readonly Contender[];

/** In the order written. */
const byComplexity: RankContenders = (contenders) => contenders;

/** Cheapest first by expected cost; unknown prices last. */
const byCost: RankContenders = (contenders) =>
  contenders.toSorted(ascending(({ cost }) => cost.costExpected ?? Number.POSITIVE_INFINITY));

/** Best first; unknown quality last. */
const byQuality: RankContenders = (contenders) =>
  contenders.toSorted(ascending(({ model }) => -(model.quality ?? Number.NEGATIVE_INFINITY)));

/** Smallest number first; models without one last. */
const byPriority: RankContenders = (contenders) =>
  contenders.toSorted(ascending(({ model }) => model.priority ?? Number.POSITIVE_INFINITY));

/** Every strategy: one function, and why its first is first. */
export const STRATEGY_RANKS = {
  complexity: { rank: byComplexity, firstBecause: 'is the first in the order written' },
  cost: { rank: byCost, firstBecause: 'has the lowest expected cost' },
  quality: { rank: byQuality, firstBecause: 'has the highest quality' },
  priority: { rank: byPriority, firstBecause: 'has the first priority' },
} as const satisfies Record<Strategy, { readonly rank: RankContenders; readonly firstBecause: string }>;

/** Stable: equals keep the order written. Two infinities are equal, not `NaN` apart. */
function ascending(rankOf: (contender: Contender) => number): (left: Contender, right: Contender) => number {
  return (left, right) => {
    const [first, second] = [rankOf(left), rankOf(right)];
    return first < second ? -1 : first > second ? 1 : 0;
  };
}
