import type { NanoUsd, NanoUsdPerMTok } from './money.ts';
import type { ServiceMode } from './usage.ts';

/** The wire dialects Signalbox speaks. */
export const PROVIDER_KINDS = ['openai', 'anthropic', 'gemini', 'groq', 'ollama', 'openai-compatible'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** The name a provider has in the configuration. */
export type ProviderId = string;

/** The only way to name a model: `openai/gpt-5-mini`. The model's own name may hold slashes. */
export type ModelRef = `${ProviderId}/${string}`;

export const CAPABILITIES = ['tools', 'vision', 'pdf', 'json-schema', 'reasoning', 'embedding'] as const;
/** What a model can do beyond text in, text out. `embedding` marks a model that only embeds. */
export type Capability = (typeof CAPABILITIES)[number];

/** Prices of classes of tokens that not every vendor bills apart. */
export const EXTRA_PRICES = [
  'cachedInputPerMTok',
  'cacheWritePerMTok',
  'cacheWrite1hPerMTok',
  'reasoningPerMTok',
  'audioInputPerMTok',
  'cachedAudioInputPerMTok',
  'imageInputPerMTok',
  'cachedImageInputPerMTok',
  'audioOutputPerMTok',
  'imageOutputPerMTok',
] as const;
export type ExtraPrice = (typeof EXTRA_PRICES)[number];

/**
 * Prices of one context-length tier. An absent price means that the class is not billed apart: writes to the cache
 * for an hour like those for five minutes, anything cached like what is read anew, sound and pictures like text,
 * and reasoning like the answer.
 */
export type PriceTier = {
  /** The tier applies to requests with at least this many input tokens. */
  readonly fromInputTokens: number;
  readonly inputPerMTok: NanoUsdPerMTok;
  readonly outputPerMTok: NanoUsdPerMTok;
} & { readonly [Name in ExtraPrice]?: NanoUsdPerMTok };

export type Price = {
  /** Ascending by `fromInputTokens`; the first starts at 0. */
  readonly tiers: readonly [PriceTier, ...PriceTier[]];
  /** Names the price data, for the books: `genai-prices@0.1.8`, `config`, `local`. */
  readonly version: string;
  /** On top of the tokens, for each request. */
  readonly perRequest?: NanoUsd;
  /** On top of the tokens, for each search of the web by the provider. */
  readonly perWebSearch?: NanoUsd;
  /** What the tokens cost in another way of serving, in thousandths; a mode that is absent has no known price. */
  readonly modePermille?: { readonly [Mode in ServiceMode]?: number };
};

export type ModelInfo = {
  readonly ref: ModelRef;
  readonly provider: ProviderId;
  /** The vendor's own name of the model. */
  readonly name: string;
  /** Input and output together, in tokens. 8,192 when nobody knows. */
  readonly contextTokens: number;
  /** The window is a guess: a prompt may be longer and still be taken, and billed. */
  readonly isContextGuessed?: true;
  readonly outputTokensMax?: number;
  /** That limit is the operator's, which the vendor does not know. */
  readonly isOutputMaxConfigured?: true;
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
