import type { Tier } from '../../core/request.ts';
import type { Classification, PacingDecision } from '../../core/route-plan.ts';
import type { InputSize } from '../estimate-input-tokens.ts';
import { chatDemands, createJudge } from '../judge.ts';
import type { PlanInput } from '../plan.ts';
import { type Selection, withTier } from '../selection.ts';
import { createSieve } from '../sieve.ts';
import type { ExpectedCosts } from './share-of-cost.ts';
import { steerTier } from './steer-tier.ts';

/** A selection after the tier was steered, with what steered it. */
export type SteeredSelection = {
  readonly selection: Selection;
  readonly tier: Tier;
  readonly pacing?: PacingDecision;
  readonly isPinned?: true;
};

type Chosen = {
  readonly selection: Selection;
  readonly classified: Classification;
  readonly size: InputSize;
};

/**
 * Where complexity chose: the tier of the user turn in a step of its tool loop, else the tier under the cost target.
 * Who asked for the strategy `quality` is not held back. Undefined: the tier stays.
 */
export function steerSelection(input: PlanInput, chosen: Chosen): SteeredSelection | undefined {
  const { selection, classified } = chosen;
  const { request, table, turnTier, pacing: state } = input;
  if (!selection.mayChangeTier) return undefined;
  if (turnTier !== undefined) {
    const because = `The user turn of this tool loop is in tier ${turnTier}`;
    return { tier: turnTier, selection: withTier(selection, { tier: turnTier, because }, table), isPinned: true };
  }
  const target = table.costTarget;
  if (!target || !state || request.routing.strategy === 'quality') return undefined;
  const expectedCosts = (cheap: Tier, strong: Tier) => expect(input, chosen, { cheap, strong });
  const steered = steerTier({ classified, table, target, state, expectedCosts });
  if (!steered) return undefined;
  const { tier, clause, pacing } = steered;
  const because = selection.because + clause;
  return { tier, selection: withTier(selection, { tier, because }, table), ...(pacing && { pacing }) };
}

function expect(
  input: PlanInput,
  { size }: Chosen,
  { cheap, strong }: { readonly cheap: Tier; readonly strong: Tier },
): ExpectedCosts {
  const cheapCost = expectedCost(input, size, cheap);
  const strongCost = expectedCost(input, size, strong);
  return {
    ...(cheapCost !== undefined && { cheap: cheapCost }),
    ...(strongCost !== undefined && { strong: strongCost }),
  };
}

/** Of the first model of a tier that can take the request. */
function expectedCost(input: PlanInput, size: InputSize, tier: Tier) {
  const { request, table } = input;
  const judge = createJudge(input, chatDemands(request, size, tier));
  const sieve = createSieve(judge, request.routing.strategy ?? table.strategy);
  sieve.sift({ label: `tier ${tier}`, refs: table.tiers[tier], ranked: true });
  return sieve.candidates[0]?.costExpected;
}
