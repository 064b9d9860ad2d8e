import type { Price, PriceTier } from './model.ts';
import type { NanoUsdPerMTok } from './money.ts';

/** What of a request decides which classes of tokens can be billed. */
export type InputTraits = {
  readonly hasImages: boolean;
  /** It asks that a part of the prompt be kept for an hour. */
  readonly keepsForAnHour: boolean;
};

/**
 * The price at which no token can cost more, whatever class it turns out to be: the dearest of each side, and never
 * less for a longer prompt. Sound cannot be sent to a model here, but may come from one.
 */
export function dearestPrice(price: Price, { hasImages, keepsForAnHour }: InputTraits): Price {
  const variant = (hasImages ? 1 : 0) + (keepsForAnHour ? 2 : 0);
  const known = remembered.get(price) ?? [];
  const found = known[variant];
  if (found) return found;
  const { perRequest, version } = price;
  const [first, ...longer] = price.tiers.map((tier) => flatTier(tier, { hasImages, keepsForAnHour }));
  if (!first) return price;
  let before = first;
  const tiers = longer.map((tier) => {
    before = { ...tier, ...dearerOf(before, tier) };
    return before;
  });
  const dearest = { tiers: [first, ...tiers], version, ...(perRequest !== undefined && { perRequest }) } as const;
  known[variant] = dearest;
  remembered.set(price, known);
  return dearest;
}

/** Asked for with every candidate of every request, and the same as long as the price. */
const remembered = new WeakMap<Price, (Price | undefined)[]>();

function flatTier(tier: PriceTier, { hasImages, keepsForAnHour }: InputTraits): PriceTier {
  const { fromInputTokens, inputPerMTok, outputPerMTok } = tier;
  return {
    fromInputTokens,
    inputPerMTok: highest(inputPerMTok, [
      tier.cachedInputPerMTok,
      tier.cacheWritePerMTok,
      keepsForAnHour ? tier.cacheWrite1hPerMTok : undefined,
      ...(hasImages ? [tier.imageInputPerMTok, tier.cachedImageInputPerMTok] : []),
    ]),
    outputPerMTok: highest(outputPerMTok, [tier.reasoningPerMTok, tier.audioOutputPerMTok, tier.imageOutputPerMTok]),
  };
}

function dearerOf(left: PriceTier, right: PriceTier): Pick<PriceTier, 'inputPerMTok' | 'outputPerMTok'> {
  return {
    inputPerMTok: highest(left.inputPerMTok, [right.inputPerMTok]),
    outputPerMTok: highest(left.outputPerMTok, [right.outputPerMTok]),
  };
}

function highest(first: NanoUsdPerMTok, others: readonly (NanoUsdPerMTok | undefined)[]): NanoUsdPerMTok {
  return others.reduce<NanoUsdPerMTok>((most, price) => (price !== undefined && price > most ? price : most), first);
}
