import { describe, expect, it } from 'vitest';
import type { ModelRef } from '../../../src/core/model.ts';
import { TIERS, type Tier } from '../../../src/core/request.ts';
import { sideOfModel, strongSideStart, tierOnSide } from '../../../src/routing/pacing/strong-side.ts';

/** Five tiers, each a text of models by one letter. */
function tiersOf(...lists: readonly string[]) {
  const refs = lists.map((list) => [...list].map((letter): ModelRef => `p/${letter}`));
  const byTier: Partial<Record<Tier, readonly ModelRef[]>> = {};
  for (const [at, tier] of TIERS.entries()) byTier[tier] = refs[at] ?? [];
  return byTier as Record<Tier, readonly ModelRef[]>;
}

describe('the strong side', () => {
  it.each([
    [['a', 'b', 'c', 'd', 'e'], 'complex'],
    [['a', 'a', 'a', 'b', 'b'], 'complex'],
    [['a', 'a', 'b', 'b', 'b'], 'medium'],
    [['a', 'a', 'a', 'a', 'b'], 'expert'],
    [['a', 'b', 'b', 'b', 'b'], 'simple'],
    [['a', 'a', 'b', 'b', 'c'], 'expert'],
    [['ab', 'ab', 'ba', 'b', 'b'], 'medium'],
    [['a', 'ab', 'ac', 'a', 'a'], undefined],
    [['', '', '', '', ''], undefined],
  ] as const)('of tiers that list %j begins with %s', (lists, start) => {
    expect(strongSideStart(tiersOf(...lists))).toBe(start);
  });

  it('takes or leaves a tier by the nearest of its side', () => {
    expect(tierOnSide('simple', 'strong', 'complex')).toBe('complex');
    expect(tierOnSide('expert', 'strong', 'complex')).toBe('expert');
    expect(tierOnSide('expert', 'cheap', 'complex')).toBe('medium');
    expect(tierOnSide('simple', 'cheap', 'complex')).toBe('simple');
  });

  it('has the models that stand there and are the first of no cheap tier', () => {
    const tiers = tiersOf('a', 'ab', 'ab', 'ba', 'cx');
    expect(['p/a', 'p/b', 'p/c', 'p/z'].map((ref) => sideOfModel(ref as ModelRef, tiers))).toEqual([
      'cheap',
      'strong',
      'strong',
      undefined,
    ]);
    expect(sideOfModel('p/b', tiersOf('a', 'ab', 'a', 'c', 'c'))).toBe('cheap');
  });
});
