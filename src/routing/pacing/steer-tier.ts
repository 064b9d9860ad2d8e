import type { Tier } from '../../core/request.ts';
import type { Classification, CostTarget, PacingDecision, RoutingTable } from '../../core/route-plan.ts';
import { decideSide } from './decide-side.ts';
import type { PacingState } from './pacing-state.ts';
import { type ExpectedCosts, shareOfCost } from './share-of-cost.ts';
import { strongSideStart, tierOnSide } from './strong-side.ts';

/** The tier that a request is given in the end, and why it is not, or is, that of its complexity. */
export type SteeredTier = {
  readonly tier: Tier;
  /** Follows the reason of the classification; of a pinned tier it takes its place. */
  readonly clause: string;
  readonly pacing?: PacingDecision;
};

type Input = {
  readonly classified: Pick<Classification, 'tier' | 'score'>;
  readonly table: Pick<RoutingTable, 'tiers'>;
  readonly target: CostTarget;
  readonly state: PacingState;
  /** Of the first model that can take the request, were it of this tier. */
  readonly expectedCosts: (cheap: Tier, strong: Tier) => ExpectedCosts;
};

/**
 * The tier under the cost target. Small talk is trivial whatever the target, and no part of the share. Undefined
 * where nobody is stronger.
 */
export function steerTier({ classified, table, target, state, expectedCosts }: Input): SteeredTier | undefined {
  const { tier, score } = classified;
  const start = strongSideStart(table.tiers);
  if (start === undefined || tier === 'trivial') return undefined;
  const expected = () => expectedCosts(tierOnSide(tier, 'cheap', start), tierOnSide(tier, 'strong', start));
  const shareMax = target.type === 'share' ? target.shareMax : shareOfCost(target.costMax, state, expected);
  if (shareMax === undefined) {
    return { tier, clause: ', not held to the cost target, since the price of a model is unknown' };
  }
  const pacing = decideSide(state, score, shareMax);
  const steered = tierOnSide(tier, pacing.side, start);
  return { tier: steered, clause: describe(pacing, { tier, steered }), pacing };
}

function describe(pacing: PacingDecision, { tier, steered }: { readonly tier: Tier; readonly steered: Tier }): string {
  const { side, threshold, share, shareMax } = pacing;
  const figures = `(threshold ${shown(threshold)}, share ${shown(share)} of ${shown(shareMax)})`;
  if (side === 'strong') {
    return steered === tier
      ? `, within the strong share ${figures}`
      : `, and the strong share has room for it ${figures}: tier ${steered}`;
  }
  return steered === tier
    ? `, below the strong share ${figures}`
    : `, held back by the cost target ${figures}: tier ${steered}`;
}

function shown(value: number): string {
  return String(Math.round(value * 100) / 100);
}
