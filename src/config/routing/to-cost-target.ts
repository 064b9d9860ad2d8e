import { nanoUsdFromUsd } from '../../core/money.ts';
import { TIERS, type Tier } from '../../core/request.ts';
import type { CostTarget } from '../../core/route-plan.ts';
import type { Problems } from '../file/problems.ts';
import type { ConfigInput } from '../schema/config-schema.ts';

type Context = {
  readonly problems: Problems;
  /** As written, names unresolved. */
  readonly tiers: ConfigInput['routing']['tiers'];
};

/** `routing.strongShareMax` or `routing.usdPerThousandMax`. What could never take effect is a fault. */
export function toCostTarget(
  { strongShareMax, usdPerThousandMax }: Pick<ConfigInput['routing'], 'strongShareMax' | 'usdPerThousandMax'>,
  { problems, tiers }: Context,
): CostTarget | undefined {
  if (strongShareMax === undefined && usdPerThousandMax === undefined) return undefined;
  const key = strongShareMax === undefined ? 'usdPerThousandMax' : 'strongShareMax';
  if (strongShareMax !== undefined && usdPerThousandMax !== undefined) {
    problems.add(['routing', 'usdPerThousandMax'], 'cannot be held beside routing.strongShareMax: name one of the two');
  }
  if (allBeginAlike(tiers ?? {})) {
    problems.add(['routing', key], 'needs tiers that begin with different models: nobody in routing.tiers is stronger');
  }
  if (strongShareMax !== undefined) return { type: 'share', shareMax: strongShareMax };
  return usdPerThousandMax === undefined
    ? undefined
    : { type: 'cost', costMax: nanoUsdFromUsd(usdPerThousandMax / 1_000) };
}

/** A tier that is left out takes the models of one that is not. Without any the default lists apply. */
function allBeginAlike(tiers: Readonly<Partial<Record<Tier, readonly string[] | undefined>>>): boolean {
  const firsts = TIERS.flatMap((tier) => tiers[tier]?.slice(0, 1) ?? []);
  return firsts.length > 0 && new Set(firsts).size === 1;
}
