import { TIERS, type Tier } from '../core/request.ts';

const NEAREST = Object.fromEntries(TIERS.map((tier, place) => [tier, byDistanceFrom(place)])) as Record<
  Tier,
  readonly Tier[]
>;

/** All tiers by their distance from this one, itself first; of two equally far the harder first. */
export function nearestTiers(tier: Tier): readonly Tier[] {
  return NEAREST[tier];
}

function byDistanceFrom(place: number): readonly Tier[] {
  return TIERS.toReversed().toSorted(
    (left, right) => Math.abs(TIERS.indexOf(left) - place) - Math.abs(TIERS.indexOf(right) - place),
  );
}
