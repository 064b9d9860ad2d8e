import type { Price, PriceTier } from './model.ts';
import { type NanoUsd, nanoUsd } from './money.ts';
import { NO_USAGE, totalInputTokens, type Usage } from './usage.ts';

/**
 * Cost of one attempt, rounded half up once, in integers throughout. The tier is chosen by all
 * input tokens, and then prices every class (as Google and Anthropic bill long contexts).
 * Source of the rule: ai.google.dev/pricing, docs.claude.com/pricing ("long context").
 */
export function costOf(usage: Omit<Usage, 'source'>, price: Price): NanoUsd {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens } = usage;
  const tier = tierFor(totalInputTokens(usage), price);
  const { inputPerMTok, cachedInputPerMTok = inputPerMTok, cacheWritePerMTok = inputPerMTok, outputPerMTok } = tier;
  const scaled =
    inputTokens * inputPerMTok +
    cachedInputTokens * cachedInputPerMTok +
    cacheWriteTokens * cacheWritePerMTok +
    outputTokens * outputPerMTok;
  // No term is negative, so while the sum is exact every step to it was; most calls cost less than that.
  if (Number.isSafeInteger(scaled + 500_000)) return nanoUsd(roundedMillionth(scaled));
  const exact =
    BigInt(inputTokens) * BigInt(inputPerMTok) +
    BigInt(cachedInputTokens) * BigInt(cachedInputPerMTok) +
    BigInt(cacheWriteTokens) * BigInt(cacheWritePerMTok) +
    BigInt(outputTokens) * BigInt(outputPerMTok);
  return nanoUsd(Number((exact + 500_000n) / 1_000_000n));
}

/** Half up. By the remainder, since a quotient of such size would be rounded itself. */
function roundedMillionth(scaled: number): number {
  const raised = scaled + 500_000;
  return (raised - (raised % 1_000_000)) / 1_000_000;
}

/**
 * The most output tokens, after this much input, that keep the cost within the limit; none when the
 * input alone exceeds it.
 */
export function affordableOutputTokens(price: Price, inputTokens: number, limit: NanoUsd): number {
  const costWith = (outputTokens: number) => costOf({ ...NO_USAGE, inputTokens, outputTokens }, price);
  const left = limit - costWith(0);
  if (left < 0) return 0;
  const { outputPerMTok } = tierFor(inputTokens, price);
  if (outputPerMTok === 0) return Number.MAX_SAFE_INTEGER;
  const tokens = Number((BigInt(left) * 1_000_000n) / BigInt(outputPerMTok));
  // The cost is rounded once, as a whole: it may round up where its parts did not.
  return costWith(tokens) <= limit ? tokens : Math.max(0, tokens - 1);
}

function tierFor(inputTokens: number, price: Price): PriceTier {
  let chosen = price.tiers[0];
  for (const tier of price.tiers) if (inputTokens >= tier.fromInputTokens) chosen = tier;
  return chosen;
}
