import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TASKS, TIERS } from '../../src/core/request.ts';
import type { RoutePlan } from '../../src/core/route-plan.ts';
import type { VerifySettings } from '../../src/core/verification.ts';
import type { PlanInput } from '../../src/routing/plan.ts';
import { inputArbitrary, planOf } from './plan-arbitraries.ts';

const settings: fc.Arbitrary<VerifySettings> = fc
  .record({
    tasks: fc.oneof(fc.constant('all' as const), fc.subarray([...TASKS], { minLength: 1 })),
    tiers: fc.subarray([...TIERS], { minLength: 1 }),
    first: fc.option(fc.constantFrom(...TIERS), { nil: undefined }),
    peer: fc.oneof(fc.boolean(), fc.constantFrom('alpha/small' as const, 'absent/large' as const)),
  })
  .map(({ first, ...rest }) => ({ ...rest, ...(first && { first }) }));

/** The plan with a check allowed and, beside it, the one without. */
function eachPair(
  check: (plan: RoutePlan, plain: RoutePlan, input: PlanInput, verify: VerifySettings) => void,
): number {
  let checked = 0;
  fc.assert(
    fc.property(inputArbitrary, settings, (input, verify) => {
      const plain = planOf(input);
      const plan = planOf({ ...input, table: { ...input.table, verify } });
      expect(plan === undefined).toBe(plain === undefined);
      if (!plan || !plain) return;
      if (plan.verify) checked += 1;
      check(plan, plain, input, verify);
    }),
    { numRuns: 1_000 },
  );
  return checked;
}

const refsOf = ({ candidates }: Pick<RoutePlan, 'candidates'>) => candidates.map(({ model }) => model.ref);

describe('over random requests, tables and settings', () => {
  it('a plan without a check is the plan there would be without the setting', () => {
    eachPair((plan, plain) => {
      if (!plan.verify) expect(plan).toEqual(plain);
    });
  });

  it('whoever is stronger or a peer can take the request, and is neither the first nor one another', () => {
    const checked = eachPair(({ verify, candidates }) => {
      if (!verify) return;
      const stronger = refsOf({ candidates: verify.stronger });
      const others = [...stronger, ...(verify.peer ? [verify.peer.model.ref] : [])];
      expect(stronger.length).toBeGreaterThan(0);
      expect(new Set(others).size).toBe(others.length);
      expect(others).not.toContain(candidates[0]?.model.ref);
      expect(candidates[0]).toBeDefined();
    });
    expect(checked).toBeGreaterThan(20);
  });

  it('nobody who would have been asked is left out, and a lower tier only goes before them', () => {
    eachPair((plan, plain) => {
      if (!plan.verify) return;
      const [asked, before] = [refsOf(plan), refsOf(plain)];
      for (const ref of before) expect(asked).toContain(ref);
      expect(plan.tier).toBe(plain.tier);
      expect(plan.evidence).toEqual(plain.evidence);
    });
  });

  it('only what the settings name is checked, and nothing that the caller decided', () => {
    eachPair(({ verify, tier, task = 'general' }, _plain, { request }, { tasks, tiers }) => {
      if (!verify) return;
      const { model = 'auto', provider, tier: named } = request.routing;
      expect([model, provider, named]).toEqual(['auto', undefined, undefined]);
      if (tasks !== 'all') expect(tasks).toContain(task);
      if (tier) expect(tiers).toContain(tier);
      expect(request.tools ?? []).toEqual([]);
    });
  });
});
