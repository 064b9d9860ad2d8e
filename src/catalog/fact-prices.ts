import type { Price, PriceTier } from '../core/model.ts';
import { priceFromUsdPerMTok } from '../core/money.ts';
import { type DatedPrice, FACTS_DATE, type UsdTier } from './model-fact.ts';

/** Names our own price rows on the attempts they priced. */
export const FACTS_VERSION = `signalbox-facts@${FACTS_DATE}`;

/** The price that holds on the day of `atMs` (UTC); undefined before the first one. */
export function priceFromFacts(prices: readonly DatedPrice[], atMs: number): Price | undefined {
  const now = new Date(atMs).toISOString();
  const current = prices.findLast(({ from }) => from === undefined || from <= now);
  if (!current) return undefined;
  const [base, ...longer] = current.tiers;
  return { tiers: [toTier(base), ...longer.map(toTier)], version: FACTS_VERSION };
}

function toTier({ aboveInputTokens, input, output, cachedInput, cacheWrite, cacheWrite1h }: UsdTier): PriceTier {
  return {
    fromInputTokens: aboveInputTokens === undefined ? 0 : aboveInputTokens + 1,
    inputPerMTok: priceFromUsdPerMTok(input),
    outputPerMTok: priceFromUsdPerMTok(output),
    ...(cachedInput !== undefined && { cachedInputPerMTok: priceFromUsdPerMTok(cachedInput) }),
    ...(cacheWrite !== undefined && { cacheWritePerMTok: priceFromUsdPerMTok(cacheWrite) }),
    ...(cacheWrite1h !== undefined && { cacheWrite1hPerMTok: priceFromUsdPerMTok(cacheWrite1h) }),
  };
}
