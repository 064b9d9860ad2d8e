import type { calcPrice, MatchLogic, ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import { EXTRA_PRICES, type ExtraPrice, type Price, type PriceTier, type ProviderKind } from '../core/model.ts';
import { type NanoUsdPerMTok, nanoUsdFromUsd, priceFromUsdPerMTok } from '../core/money.ts';
import { stripVersion } from './find-fact.ts';

/** Named on every priced attempt; equals the version pinned in `package.json` (a test compares). */
export const PRICE_DATA_VERSION = 'genai-prices@0.1.8';

/** The data's name of each kind's vendor; undefined where it has no price list. */
const PRICED_VENDORS: Readonly<Record<ProviderKind, string | undefined>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  groq: 'groq',
  ollama: undefined,
  'openai-compatible': undefined,
};

/** The data's name of a kind's vendor; undefined for kinds it does not price. */
export function pricedVendor(kind: ProviderKind): string | undefined {
  return PRICED_VENDORS[kind];
}

/** The package, loaded only when a kind it prices is configured: it brings 800 kB of data. */
export type PriceData = { readonly calcPrice: typeof calcPrice };

export type VendorEntry = { readonly price?: Price; readonly contextTokens?: number };

export async function loadPriceData(): Promise<PriceData> {
  return await import('@pydantic/genai-prices');
}

/**
 * What the price data says about a vendor's model on a day; undefined when it has no such model. A
 * dated version that has no row of its own is looked up under its family's name.
 */
export function findVendorEntry(data: PriceData, vendor: string, model: ModelOnDay): VendorEntry | undefined {
  const undated = model.name.replace(/(?:-latest|[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-\d{3})$/, '');
  return (
    lookUp(data, vendor, model) ??
    (undated === model.name ? undefined : lookUp(data, vendor, { ...model, name: undated }))
  );
}

type ModelOnDay = { readonly name: string; readonly atMs: number };

function lookUp(data: PriceData, vendor: string, { name, atMs }: ModelOnDay): VendorEntry | undefined {
  // Asked with no usage, `calcPrice` is a lookup: it finds the model and the price of that day.
  const found = data.calcPrice({}, name, { providerId: vendor, timestamp: new Date(atMs) });
  if (!found || !isSameFamily(found.model.match, name)) return undefined;
  const price = toPrice(found.model_price);
  const contextTokens = found.model.context_window;
  return {
    ...(price && { price }),
    ...(contextTokens !== undefined && contextTokens > 0 && { contextTokens }),
  };
}

/**
 * Some rows of the data match every name that starts alike, so a model newer than the data would
 * silently get its predecessor's price. Only a date or the like may follow.
 */
function isSameFamily(match: MatchLogic, name: string): boolean {
  if ('or' in match) return match.or.some((part) => isSameFamily(part, name));
  if ('and' in match) return match.and.every((part) => 'regex' in part || isSameFamily(part, name));
  if ('regex' in match) return new RegExp(match.regex).test(name.toLowerCase());
  if ('equals' in match) return match.equals.toLowerCase() === name.toLowerCase();
  const literal = 'starts_with' in match ? match.starts_with : 'ends_with' in match ? match.ends_with : match.contains;
  return stripVersion(literal.replace(/[-@]$/, '')) === stripVersion(name);
}

/** The data's names of what is billed apart. */
const EXTRA_KEYS = {
  cachedInputPerMTok: 'cache_read_mtok',
  cacheWritePerMTok: 'cache_write_mtok',
  cacheWrite1hPerMTok: 'cache_write_1h_mtok',
  reasoningPerMTok: 'output_reasoning_mtok',
  audioInputPerMTok: 'input_audio_mtok',
  cachedAudioInputPerMTok: 'cache_audio_read_mtok',
  imageInputPerMTok: 'input_image_mtok',
  cachedImageInputPerMTok: 'cache_image_read_mtok',
  audioOutputPerMTok: 'output_audio_mtok',
  imageOutputPerMTok: 'output_image_mtok',
} as const satisfies Record<ExtraPrice, string>;

/** Absent when there is no price for text in, or one of them is no price at all. */
function toPrice(prices: ModelPrice): Price | undefined {
  const input = prices.input_mtok;
  // A model that only embeds puts out no tokens, so its list has no price for them.
  const output = prices.output_mtok ?? (onlyInput(prices) ? 0 : undefined);
  if (input === undefined || output === undefined) return undefined;
  const fees = { perRequest: prices.requests_kcount, perWebSearch: prices.web_searches_kcount };
  const all = [input, output, ...Object.values(EXTRA_KEYS).map((key) => prices[key]), ...Object.values(fees)];
  if (!all.every(isSane)) return undefined;
  const [base, ...longer] = [0, ...tierStarts(all)].map((fromInputTokens): PriceTier => {
    const extras: { [Name in ExtraPrice]?: NanoUsdPerMTok } = {};
    for (const name of EXTRA_PRICES) {
      const amount = priceAt(prices[EXTRA_KEYS[name]], fromInputTokens);
      if (amount !== undefined) extras[name] = priceFromUsdPerMTok(amount);
    }
    return {
      fromInputTokens,
      inputPerMTok: priceFromUsdPerMTok(priceAt(input, fromInputTokens) ?? 0),
      outputPerMTok: priceFromUsdPerMTok(priceAt(output, fromInputTokens) ?? 0),
      ...extras,
    };
  });
  return base && { tiers: [base, ...longer], version: PRICE_DATA_VERSION, ...toFees(fees) };
}

/** Fees come for a thousand; none of the data's goes by the length of the prompt. */
function toFees(
  perThousand: Readonly<Record<'perRequest' | 'perWebSearch', Amount>>,
): Pick<Price, keyof typeof perThousand> {
  const { perRequest, perWebSearch } = perThousand;
  return {
    ...(typeof perRequest === 'number' && { perRequest: nanoUsdFromUsd(perRequest / 1_000) }),
    ...(typeof perWebSearch === 'number' && { perWebSearch: nanoUsdFromUsd(perWebSearch / 1_000) }),
  };
}

type Amount = number | TieredPrices | undefined;

function onlyInput(prices: ModelPrice): boolean {
  return Object.keys(prices).every((key) => key.startsWith('input_'));
}

/** The data's tiers begin above `start`, ours at `fromInputTokens`. */
function tierStarts(amounts: readonly Amount[]): readonly number[] {
  const starts = new Set<number>();
  for (const amount of amounts) {
    if (typeof amount === 'object') for (const tier of amount.tiers) starts.add(tier.start + 1);
  }
  return [...starts].sort((left, right) => left - right);
}

function priceAt(amount: Amount, inputTokens: number): number | undefined {
  if (typeof amount !== 'object') return amount;
  let price = amount.base;
  for (const tier of amount.tiers) if (inputTokens > tier.start) price = tier.price;
  return price;
}

function isSane(amount: Amount): boolean {
  if (amount === undefined) return true;
  if (typeof amount === 'number') return Number.isFinite(amount) && amount >= 0;
  return [amount.base, ...amount.tiers.map((tier) => tier.price)].every(isSane);
}
