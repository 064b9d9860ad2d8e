import type { Rejection, RoutingTable } from '../core/route-plan.ts';
import { nearestTiers } from './nearest-tiers.ts';
import type { Selection } from './selection.ts';
import type { ModelList, Sieve } from './sieve.ts';

/**
 * Sifts the lists of a selection, and returns all that were gone through. A guessed tier whose models could never
 * take this request (an image, tools, a long prompt, no key) gives way to the nearest one whose models can. One that
 * rests or costs too much does not.
 */
export function siftLists(
  sieve: Sieve,
  { lists, tier, mayChangeTier }: Selection,
  table: RoutingTable,
): readonly ModelList[] {
  for (const list of lists) sieve.sift(list);
  if (tier === undefined || !mayChangeTier) return lists;
  const sifted = [...lists];
  for (const near of nearestTiers(tier)) {
    if (sieve.candidates.length > 0 || sieve.rejected.some(mayServeLater)) break;
    const label = `tier ${near}, since no model of tier ${tier} can take the request`;
    const list = { label, refs: table.tiers[near], ranked: true };
    sieve.sift(list);
    sifted.push(list);
  }
  return sifted;
}

function mayServeLater({ code, retryAfterMs }: Rejection): boolean {
  return retryAfterMs !== undefined || code === 'budget_exceeded' || code === 'price_unknown';
}
