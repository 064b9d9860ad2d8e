import type { NanoUsdPerMTok } from './money.ts';

/** The wire dialects Signalbox speaks. */
export const PROVIDER_KINDS = ['openai', 'anthropic', 'gemini', 'groq', 'ollama', 'openai-compatible'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** The name a provider has in the configuration. */
export type ProviderId = string;

/** The only way to name a model: `openai/gpt-5-mini`. The model's own name may hold slashes. */
export type ModelRef = `${ProviderId}/${string}`;

export const CAPABILITIES = ['tools', 'vision', 'json-schema', 'reasoning', 'embedding'] as const;
/** What a model can do beyond text in, text out. `embedding` marks a model that only embeds. */
export type Capability = (typeof CAPABILITIES)[number];

/** Prices of one context-length tier. An absent cache price means: billed as plain input. */
export type PriceTier = {
  /** The tier applies to requests with at least this many input tokens. */
  readonly fromInputTokens: number;
  readonly inputPerMTok: NanoUsdPerMTok;
  readonly outputPerMTok: NanoUsdPerMTok;
  readonly cachedInputPerMTok?: NanoUsdPerMTok;
  readonly cacheWritePerMTok?: NanoUsdPerMTok;
};

export type Price = {
  /** Ascending by `fromInputTokens`; the first starts at 0. */
  readonly tiers: readonly [PriceTier, ...PriceTier[]];
  /** Names the price data, for the books: `genai-prices@0.1.8`, `config`, `local`. */
  readonly version: string;
};

export type ModelInfo = {
  readonly ref: ModelRef;
  readonly provider: ProviderId;
  /** The vendor's own name of the model. */
  readonly name: string;
  /** Input and output together, in tokens. 8,192 when nobody knows. */
  readonly contextTokens: number;
  readonly outputTokensMax?: number;
  readonly capabilities: readonly Capability[];
  /** Absent when unknown; never 0 for unknown. */
  readonly price?: Price;
  /** 0 to 1, from public leaderboards or the configuration; absent when unknown. */
  readonly quality?: number;
  /** Smaller is preferred by the strategy `priority`. */
  readonly priority?: number;
  readonly weight?: number;
  readonly tags: readonly string[];
};

/** Splits at the first slash; undefined when there is no provider or no name. */
export function parseModelRef(text: string): { readonly provider: ProviderId; readonly name: string } | undefined {
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) return undefined;
  return { provider: text.slice(0, slash), name: text.slice(slash + 1) };
}

export function modelRef(provider: ProviderId, name: string): ModelRef {
  return `${provider}/${name}`;
}
