import { addUsd, type NanoUsd } from '../../core/money.ts';
import type { Candidate, RoutePlan } from '../../core/route-plan.ts';

/** What a request may cost whose answer is checked; each is absent where a price is unknown. */
export type CheckCosts = {
  /** When the first answer holds: it and its peer. */
  readonly holds?: NanoUsd;
  /** When it is doubted and the next stronger model answers. */
  readonly doubted?: NanoUsd;
  /** At the longest answers of the dearest models, within the caller's limit. */
  readonly max?: NanoUsd;
};

/** The sums for a plan with a check; undefined for one without. */
export function checkCosts({ candidates, verify }: RoutePlan, limit: NanoUsd | undefined): CheckCosts | undefined {
  const [first] = candidates;
  if (!first || !verify) return undefined;
  const { peer, stronger } = verify;
  const cheap = peer ? [first, peer] : [first];
  const holds = sumOf(cheap.map(({ costExpected }) => costExpected));
  const doubted = sumOf([holds, stronger[0]?.costExpected]);
  const max = sumOf([...cheap.map(({ costMax }) => costMax), dearest(stronger)]);
  const capped = max !== undefined && limit !== undefined && limit < max ? limit : max;
  return {
    ...(holds !== undefined && { holds }),
    ...(doubted !== undefined && { doubted }),
    ...(capped !== undefined && { max: capped }),
  };
}

function sumOf(amounts: readonly (NanoUsd | undefined)[]): NanoUsd | undefined {
  return amounts.reduce((sum, amount) => (sum === undefined || amount === undefined ? undefined : addUsd(sum, amount)));
}

function dearest(candidates: readonly Candidate[]): NanoUsd | undefined {
  const amounts = candidates.map(({ costMax }) => costMax);
  return amounts.reduce((most, amount) =>
    most === undefined || amount === undefined || amount > most ? amount : most,
  );
}
