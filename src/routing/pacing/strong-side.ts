import type { ModelRef } from '../../core/model.ts';
import { TIERS, type Tier } from '../../core/request.ts';
import type { RoutingTable } from '../../core/route-plan.ts';
import type { Side } from './pacing-state.ts';

type Tiers = RoutingTable['tiers'];

/** Where the strong side begins when nothing speaks against it: with `complex`. */
const USUAL_START = TIERS.indexOf('complex');

/**
 * The lowest tier of the strong side: `complex`, or where the first model there is the one of the tier below as
 * well, the nearest tier whose first model is another than that below it; of two the higher. Undefined when all
 * tiers begin with the same model: then nobody is stronger.
 */
export function strongSideStart(tiers: Tiers): Tier | undefined {
  let start: number | undefined;
  for (let at = TIERS.length - 1; at > 0; at -= 1) {
    if (firstOf(tiers, at) === firstOf(tiers, at - 1)) continue;
    if (start === undefined || Math.abs(at - USUAL_START) < Math.abs(start - USUAL_START)) start = at;
  }
  return start === undefined ? undefined : TIERS[start];
}

/** The tier on that side nearest to this one. */
export function tierOnSide(tier: Tier, side: Side, start: Tier): Tier {
  const place = TIERS.indexOf(tier);
  const first = TIERS.indexOf(start);
  return TIERS[side === 'strong' ? Math.max(place, first) : Math.min(place, first - 1)] as Tier;
}

/**
 * The side of a model that answered: strong when it stands in a tier of the strong side and is the first of none on
 * the cheap side. Undefined for one that stands in no tier.
 */
export function sideOfModel(ref: ModelRef, tiers: Tiers): Side | undefined {
  const start = strongSideStart(tiers);
  const first = start === undefined ? TIERS.length : TIERS.indexOf(start);
  let side: Side | undefined;
  for (const [place, tier] of TIERS.entries()) {
    if (!tiers[tier].includes(ref)) continue;
    if (place >= first) return 'strong';
    if (tiers[tier][0] === ref) return 'cheap';
    side = 'cheap';
  }
  return side;
}

function firstOf(tiers: Tiers, place: number): ModelRef | undefined {
  return tiers[TIERS[place] as Tier][0];
}
