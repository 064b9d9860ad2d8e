import * as z from 'zod';
import { SERVICE_MODES } from '../../core/usage.ts';

/** Outside of these nobody charges; it is a price per token or per thousand, or one scaled wrongly. */
const PRICE_USD_PER_MTOK_MIN = 0.001;
const PRICE_USD_PER_MTOK_MAX = 10_000;
const PRICE_FAULT = `must be 0, or from ${PRICE_USD_PER_MTOK_MIN} to ${PRICE_USD_PER_MTOK_MAX}: dollars per million tokens, not per token or per thousand`;
/** Beyond it no request has a fee; it is the price of a thousand, or of a million. */
const FEE_USD_MAX = 10;
const FACTOR_MAX = 100;
const CONTEXT_TOKENS_MAX = 100_000_000;

const usdPerMTok = z
  .number()
  .min(0)
  .refine((usd) => usd <= 0 || (usd >= PRICE_USD_PER_MTOK_MIN && usd <= PRICE_USD_PER_MTOK_MAX), PRICE_FAULT);
const feeUsd = z.number().min(0).max(FEE_USD_MAX).optional();
const factor = z
  .number()
  .min(0)
  .max(FACTOR_MAX)
  .refine((value) => Number.isInteger(Number((value * 1_000).toFixed(6))), 'must have at most three decimals')
  .optional();

const classPrices = {
  inputPerMTok: usdPerMTok,
  outputPerMTok: usdPerMTok,
  cachedInputPerMTok: usdPerMTok.optional().describe("Read from the provider's prompt cache; left out: as input."),
  cacheWritePerMTok: usdPerMTok.optional().describe('Written to it; left out: as input.'),
  cacheWrite1hPerMTok: usdPerMTok.optional().describe('Written to it for an hour; left out: like the other writes.'),
  reasoningPerMTok: usdPerMTok.optional().describe('Reasoning; left out: as output.'),
  audioInputPerMTok: usdPerMTok.optional(),
  cachedAudioInputPerMTok: usdPerMTok.optional(),
  imageInputPerMTok: usdPerMTok.optional(),
  cachedImageInputPerMTok: usdPerMTok.optional(),
  audioOutputPerMTok: usdPerMTok.optional(),
  imageOutputPerMTok: usdPerMTok.optional(),
};

/** The price of a model as people write it; a class of tokens that is left out is billed like its kin. */
export const priceSchema = z.strictObject({
  ...classPrices,
  longContext: z
    .array(z.strictObject({ aboveInputTokens: z.int().min(1).max(CONTEXT_TOKENS_MAX), ...classPrices }))
    .min(1)
    .max(10)
    .refine(isAscending, 'must be in ascending order of "aboveInputTokens"')
    .optional()
    .describe('Other prices for the whole request when it has more input tokens than this.'),
  requestUsd: feeUsd.describe('On top, for each request, in US dollars.'),
  webSearchUsd: feeUsd.describe('On top, for each search of the web by the provider, in US dollars.'),
  modes: z
    .strictObject(Object.fromEntries(SERVICE_MODES.map((mode) => [mode, factor])))
    .optional()
    .describe('How many times as much tokens cost when the provider says that it served a request this way.'),
});

function isAscending(tiers: readonly { readonly aboveInputTokens: number }[]): boolean {
  return tiers.every((tier, index) => tier.aboveInputTokens > (tiers[index - 1]?.aboveInputTokens ?? 0));
}

export type PriceInput = z.infer<typeof priceSchema>;
