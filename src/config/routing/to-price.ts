import { EXTRA_PRICES, type ExtraPrice, type Price, type PriceTier } from '../../core/model.ts';
import { type NanoUsdPerMTok, nanoUsdFromUsd, priceFromUsdPerMTok } from '../../core/money.ts';
import { SERVICE_MODES, type ServiceMode } from '../../core/usage.ts';
import type { PriceInput } from '../schema/price-schema.ts';

/** A price of the configuration, in whole units. */
export function toPrice(input: PriceInput): Price {
  const { longContext = [], requestUsd, webSearchUsd, modes } = input;
  return {
    tiers: [toTier(input, 0), ...longContext.map((tier) => toTier(tier, tier.aboveInputTokens + 1))],
    version: 'config',
    ...(requestUsd !== undefined && { perRequest: nanoUsdFromUsd(requestUsd) }),
    ...(webSearchUsd !== undefined && { perWebSearch: nanoUsdFromUsd(webSearchUsd) }),
    ...(modes && { modePermille: toPermille(modes) }),
  };
}

type ClassPrices = Pick<PriceInput, 'inputPerMTok' | 'outputPerMTok' | ExtraPrice>;

function toTier(prices: ClassPrices, fromInputTokens: number): PriceTier {
  const extras: { [Name in ExtraPrice]?: NanoUsdPerMTok } = {};
  for (const name of EXTRA_PRICES) {
    const usd = prices[name];
    if (usd !== undefined) extras[name] = priceFromUsdPerMTok(usd);
  }
  return {
    fromInputTokens,
    inputPerMTok: priceFromUsdPerMTok(prices.inputPerMTok),
    outputPerMTok: priceFromUsdPerMTok(prices.outputPerMTok),
    ...extras,
  };
}

function toPermille(factors: NonNullable<PriceInput['modes']>): NonNullable<Price['modePermille']> {
  const permille: { [Mode in ServiceMode]?: number } = {};
  for (const mode of SERVICE_MODES) {
    const factor = factors[mode];
    if (factor !== undefined) permille[mode] = Math.round(factor * 1_000);
  }
  return permille;
}
