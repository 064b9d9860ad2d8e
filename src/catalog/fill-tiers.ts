import type { ModelRef } from '../core/model.ts';
import { TIERS, type Tier } from '../core/request.ts';

/**
 * A tier without models takes those of the next stronger tier that has some, else those of the
 * next weaker one: rather too good an answer than none. All empty stays all empty.
 */
export function fillTiers(
  tiers: Readonly<Partial<Record<Tier, readonly ModelRef[]>>>,
): Readonly<Record<Tier, readonly ModelRef[]>> {
  const lists = TIERS.map((tier) => tiers[tier] ?? []);
  const filled = lists.map((list, index) => {
    if (list.length > 0) return list;
    const stronger = lists.slice(index + 1).find(({ length }) => length > 0);
    return stronger ?? lists.slice(0, index).findLast(({ length }) => length > 0) ?? [];
  });
  return Object.fromEntries(TIERS.map((tier, index) => [tier, filled[index] ?? []])) as Record<
    Tier,
    readonly ModelRef[]
  >;
}
