import type { Price, PriceTier } from './model.ts';
import { type NanoUsd, nanoUsd } from './money.ts';
import { NO_USAGE, totalInputTokens, type Usage } from './usage.ts';

type Counts = Omit<Usage, 'source'>;

/**
 * Cost of one attempt, rounded half up once, in integers throughout. The tier is chosen by all
 * input tokens, and then prices every class (as Google and Anthropic bill long contexts).
 * Source of the rule: ai.google.dev/pricing, docs.claude.com/pricing ("long context").
 * A way of serving without a known price counts like the usual one. Throws beyond the safe range.
 */
export function costOf(usage: Counts, price: Price): NanoUsd {
  return nanoUsd(sumOf(usage, price));
}

/**
 * The same where it is known: not of a way of serving without a price, and not where a provider reports so much that
 * no bill could say it.
 */
export function knownCostOf(usage: Counts, price: Price): NanoUsd | undefined {
  if (!isPriced(usage, price)) return undefined;
  const sum = sumOf(usage, price);
  return Number.isSafeInteger(sum) ? nanoUsd(sum) : undefined;
}

/** In nano-dollars; exact as long as it is a safe integer. */
function sumOf(usage: Counts, price: Price): number {
  const charges = chargesOf(usage, tierFor(totalInputTokens(usage), price));
  const fees = (price.perRequest ?? 0) + (usage.webSearches ?? 0) * (price.perWebSearch ?? 0);
  if (usage.modes === undefined) {
    let scaled = 0;
    for (let at = 0; at < charges.length; at += 2) scaled += (charges[at] ?? 0) * (charges[at + 1] ?? 0);
    if (isExact(scaled)) return roundedMillionth(scaled) + fees;
  }
  let scaled = 0n;
  for (let at = 0; at < charges.length; at += 2) scaled += BigInt(charges[at] ?? 0) * BigInt(charges[at + 1] ?? 0);
  let divisor = 1_000_000n;
  for (const mode of usage.modes ?? []) {
    scaled *= BigInt(price.modePermille?.[mode] ?? 1_000);
    divisor *= 1_000n;
  }
  return Number((scaled + divisor / 2n) / divisor) + fees;
}

/** What `costOf` says of plain text in and out, served the usual way: what is asked several times for each candidate. */
export function costOfText(inputTokens: number, outputTokens: number, price: Price): NanoUsd {
  const { inputPerMTok, outputPerMTok } = tierFor(inputTokens, price);
  const scaled = inputTokens * inputPerMTok + outputTokens * outputPerMTok;
  if (!isExact(scaled)) return costOf({ ...NO_USAGE, inputTokens, outputTokens }, price);
  return nanoUsd(roundedMillionth(scaled) + (price.perRequest ?? 0));
}

/** Is there a price for the way in which it was served? */
function isPriced({ modes = [] }: Pick<Usage, 'modes'>, { modePermille }: Price): boolean {
  return modes.every((mode) => modePermille?.[mode] !== undefined);
}

/** Count and price by turns, of every class that is billed; each token is in one of them. */
function chargesOf(usage: Counts, tier: PriceTier): readonly number[] {
  const { inputPerMTok, outputPerMTok, cachedInputPerMTok = inputPerMTok, cacheWritePerMTok = inputPerMTok } = tier;
  const { audioInputPerMTok, imageInputPerMTok } = tier;
  const { audioInputTokens = 0, imageInputTokens = 0, cacheWrite1hTokens = 0 } = usage;
  const { cachedAudioInputTokens = 0, cachedImageInputTokens = 0 } = usage;
  const { audioOutputTokens = 0, imageOutputTokens = 0, reasoningTokens } = usage;
  return [
    usage.inputTokens - audioInputTokens - imageInputTokens,
    inputPerMTok,
    audioInputTokens,
    audioInputPerMTok ?? inputPerMTok,
    imageInputTokens,
    imageInputPerMTok ?? inputPerMTok,
    usage.cachedInputTokens - cachedAudioInputTokens - cachedImageInputTokens,
    cachedInputPerMTok,
    cachedAudioInputTokens,
    tier.cachedAudioInputPerMTok ?? audioInputPerMTok ?? cachedInputPerMTok,
    cachedImageInputTokens,
    tier.cachedImageInputPerMTok ?? imageInputPerMTok ?? cachedInputPerMTok,
    usage.cacheWriteTokens - cacheWrite1hTokens,
    cacheWritePerMTok,
    cacheWrite1hTokens,
    tier.cacheWrite1hPerMTok ?? cacheWritePerMTok,
    usage.outputTokens - reasoningTokens - audioOutputTokens - imageOutputTokens,
    outputPerMTok,
    reasoningTokens,
    tier.reasoningPerMTok ?? outputPerMTok,
    audioOutputTokens,
    tier.audioOutputPerMTok ?? outputPerMTok,
    imageOutputTokens,
    tier.imageOutputPerMTok ?? outputPerMTok,
  ];
}

/** No term of the sum is negative, so while it is exact every step to it was; most calls cost less than that. */
function isExact(scaled: number): boolean {
  return Number.isSafeInteger(scaled + ROUNDING);
}

/** Half up. By the remainder, since a quotient of such size would be rounded itself. */
function roundedMillionth(scaled: number): number {
  const raised = scaled + ROUNDING;
  return (raised - (raised % 1_000_000)) / 1_000_000;
}

const ROUNDING = 500_000;

/**
 * The most output tokens, after this much input, that keep the cost within the limit; none when the
 * input alone exceeds it.
 */
export function affordableOutputTokens(price: Price, inputTokens: number, limit: NanoUsd): number {
  const left = limit - costOfText(inputTokens, 0, price);
  if (left < 0) return 0;
  const { outputPerMTok } = tierFor(inputTokens, price);
  if (outputPerMTok === 0) return Number.MAX_SAFE_INTEGER;
  const tokens = Number((BigInt(left) * 1_000_000n) / BigInt(outputPerMTok));
  // The cost is rounded once, as a whole: it may round up where its parts did not.
  return costOfText(inputTokens, tokens, price) <= limit ? tokens : Math.max(0, tokens - 1);
}

function tierFor(inputTokens: number, price: Price): PriceTier {
  let chosen = price.tiers[0];
  for (const tier of price.tiers) if (inputTokens >= tier.fromInputTokens) chosen = tier;
  return chosen;
}
