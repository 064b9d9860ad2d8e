import type { Price, PriceTier } from './model.ts';
import { type NanoUsd, nanoUsd } from './money.ts';
import { totalInputTokens, type Usage } from './usage.ts';

/**
 * Cost of one attempt, rounded half up once, in integers throughout. The tier is chosen by all
 * input tokens, and then prices every class (as Google and Anthropic bill long contexts).
 * Source of the rule: ai.google.dev/pricing, docs.claude.com/pricing ("long context").
 */
export function costOf(usage: Omit<Usage, 'source'>, price: Price): NanoUsd {
  const tier = tierFor(totalInputTokens({ ...usage, source: 'none' }), price);
  const scaled =
    BigInt(usage.inputTokens) * BigInt(tier.inputPerMTok) +
    BigInt(usage.cachedInputTokens) * BigInt(tier.cachedInputPerMTok ?? tier.inputPerMTok) +
    BigInt(usage.cacheWriteTokens) * BigInt(tier.cacheWritePerMTok ?? tier.inputPerMTok) +
    BigInt(usage.outputTokens) * BigInt(tier.outputPerMTok);
  return nanoUsd(Number((scaled + 500_000n) / 1_000_000n));
}

function tierFor(inputTokens: number, price: Price): PriceTier {
  let chosen = price.tiers[0];
  for (const tier of price.tiers) if (inputTokens >= tier.fromInputTokens) chosen = tier;
  return chosen;
}
