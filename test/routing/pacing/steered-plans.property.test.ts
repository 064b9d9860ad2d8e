import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import { TIERS } from '../../../src/core/request.ts';
import type { CostTarget, RoutePlan } from '../../../src/core/route-plan.ts';
import { PACING_START } from '../../../src/routing/pacing/pacing-state.ts';
import { strongSideStart, tierOnSide } from '../../../src/routing/pacing/strong-side.ts';
import type { PlanInput } from '../../../src/routing/plan.ts';
import { inputArbitrary, planOf } from '../plan-arbitraries.ts';

const target: fc.Arbitrary<CostTarget> = fc.oneof(
  fc.record({ type: fc.constant('share' as const), shareMax: fc.constantFrom(0, 0.1, 0.3, 0.9, 1) }),
  fc.record({ type: fc.constant('cost' as const), costMax: fc.nat(10_000_000).map(nanoUsd) }),
);
const state = fc
  .record({ credit: fc.double({ min: -200, max: 12, noNaN: true }), seen: fc.nat(500) })
  .map((more) => ({ ...PACING_START, ...more }));

/** The plan under a target and, beside it, the one without; returns how many the target had a say in. */
function eachPair(check: (plan: RoutePlan, plain: RoutePlan, input: PlanInput) => void): number {
  let steered = 0;
  fc.assert(
    fc.property(inputArbitrary, target, state, (given, costTarget, pacing) => {
      const plain = planOf(given);
      const input = { ...given, pacing, table: { ...given.table, costTarget } };
      const plan = planOf(input);
      expect(plan === undefined).toBe(plain === undefined);
      if (!plan || !plain) return;
      if (plan.pacing) steered += 1;
      check(plan, plain, input);
    }),
    { numRuns: 1_000 },
  );
  return steered;
}

describe('over random requests, tables and states of a cost target', () => {
  it('the tier is the nearest one on the side that was decided', () => {
    const steered = eachPair(({ pacing, tier }, plain, { table }) => {
      const start = strongSideStart(table.tiers);
      if (!pacing || !plain.tier || !start) return;
      expect(tier).toBe(tierOnSide(plain.tier, pacing.side, start));
      expect(TIERS.indexOf(tier as (typeof TIERS)[number]) >= TIERS.indexOf(start)).toBe(pacing.side === 'strong');
    });
    expect(steered).toBeGreaterThan(50);
  });

  it('without a say of the target the plan is the one there would be anyhow, but for a word on unknown prices', () => {
    eachPair((plan, plain, { request, table }) => {
      const { model, provider, tier, strategy } = request.routing;
      const isNamed = [provider, tier].some((name) => name !== undefined) || (model !== undefined && model !== 'auto');
      if (isNamed || strategy === 'quality' || plain.tier === 'trivial') expect(plan.pacing).toBeUndefined();
      if (plan.pacing) expect(plain.task && (table.tasks[plain.task]?.length ?? 0)).toBeFalsy();
      else expect({ ...plan, reason: '' }).toEqual({ ...plain, reason: '' });
    });
  });

  it('a step of a tool loop has the tier of its turn, whatever was spent', () => {
    fc.assert(
      fc.property(inputArbitrary, target, state, fc.constantFrom(...TIERS), (given, costTarget, pacing, turnTier) => {
        const plain = planOf(given);
        const plan = planOf({ ...given, pacing, turnTier, table: { ...given.table, costTarget } });
        if (!plan || !plain) return;
        if (plan.isPinned) expect([plan.tier, plan.pacing]).toEqual([turnTier, undefined]);
        else expect(plan).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });
});
