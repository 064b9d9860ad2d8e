/**
 * Where token counts come from. `reported`: the provider's final figure. `partial`: the provider
 * reported some before the answer was cut, the rest is estimated. `estimated`: ours alone.
 * `none`: nothing was used (refused before any work).
 */
export type UsageSource = 'reported' | 'partial' | 'estimated' | 'none';

/**
 * Ways of serving that have a price of their own and that vendors name in their answer: with a request, or as a
 * setting of the account. `batch`, `flex`: later and cheaper; `priority`, `fast`: sooner and dearer; `scale`: from
 * capacity paid in advance; `us`: kept in one country.
 */
export const SERVICE_MODES = ['batch', 'flex', 'priority', 'fast', 'scale', 'us'] as const;
export type ServiceMode = (typeof SERVICE_MODES)[number];

/** What some vendors bill apart. Each is a part of the class it names; absent: none of it, or not told apart. */
export type UsageParts = {
  /** The part of `cacheWriteTokens` that is kept for an hour, not five minutes (Anthropic). */
  readonly cacheWrite1hTokens?: number;
  /** Parts of `inputTokens`. */
  readonly audioInputTokens?: number;
  readonly imageInputTokens?: number;
  /** Parts of `cachedInputTokens`. */
  readonly cachedAudioInputTokens?: number;
  readonly cachedImageInputTokens?: number;
  /** Parts of `outputTokens`; none of them is reasoning. */
  readonly audioOutputTokens?: number;
  readonly imageOutputTokens?: number;
  /** Searches of the web by the provider, billed apiece. */
  readonly webSearches?: number;
  /** How it was served; absent: the usual way. Never empty. */
  readonly modes?: readonly ServiceMode[];
};

/** What the counts of these are called outside of the program: columns of the books, fields of the log. */
export const USAGE_PART_NAMES = {
  cacheWrite1hTokens: 'cache_write_1h_tokens',
  audioInputTokens: 'audio_input_tokens',
  imageInputTokens: 'image_input_tokens',
  cachedAudioInputTokens: 'cached_audio_input_tokens',
  cachedImageInputTokens: 'cached_image_input_tokens',
  audioOutputTokens: 'audio_output_tokens',
  imageOutputTokens: 'image_output_tokens',
  webSearches: 'web_searches',
} as const satisfies Record<Exclude<keyof UsageParts, 'modes'>, string>;

/** Tokens of one attempt. Every class is counted once: the classes add up to the total. */
export type Usage = UsageParts & {
  /** Input tokens billed at the full input price: without the cached ones. */
  readonly inputTokens: number;
  /** Input tokens read from the provider's prompt cache. */
  readonly cachedInputTokens: number;
  /** Input tokens written to the provider's prompt cache (Anthropic bills them dearer). */
  readonly cacheWriteTokens: number;
  /** All output tokens, the reasoning ones included. */
  readonly outputTokens: number;
  /** The part of `outputTokens` spent on reasoning. */
  readonly reasoningTokens: number;
  /** On top of them all, while an answer comes: a total that its provider did not divide. Divided before it is booked. */
  readonly undividedTokens?: number;
  readonly source: UsageSource;
};

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'none',
};

/** All tokens that went in, whatever their price. */
export function totalInputTokens(usage: Pick<Usage, 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens'>): number {
  return usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens;
}
