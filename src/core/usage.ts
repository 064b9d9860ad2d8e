/**
 * Where token counts come from. `reported`: the provider's final figure. `partial`: the provider
 * reported some before the answer was cut, the rest is estimated. `estimated`: ours alone.
 * `none`: nothing was used (refused before any work).
 */
export type UsageSource = 'reported' | 'partial' | 'estimated' | 'none';

/** Tokens of one attempt. Every class is counted once: the classes add up to the total. */
export type Usage = {
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
export function totalInputTokens(usage: Omit<Usage, 'source'>): number {
  return usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens;
}
