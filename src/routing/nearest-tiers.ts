import { TIERS, type Tier } from '../core/request.ts';

/** All tiers by their distance from this one, itself first; of two equally far the harder first. */
export function nearestTiers(tier: Tier): readonly Tier[] {
  const place = TIERS.indexOf(tier);
  return TIERS.toReversed().toSorted(
    (left, right) => Math.abs(TIERS.indexOf(left) - place) - Math.abs(TIERS.indexOf(right) - place),
  );
}
