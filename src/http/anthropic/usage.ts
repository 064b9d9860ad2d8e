import type { Usage } from '../../core/usage.ts';

/** How long what was written stays in the prompt's cache; null when nothing was. */
function toCacheCreation({ cacheWriteTokens, cacheWrite1hTokens = 0 }: Usage): object | null {
  if (cacheWriteTokens === 0) return null;
  return {
    ephemeral_5m_input_tokens: cacheWriteTokens - cacheWrite1hTokens,
    ephemeral_1h_input_tokens: cacheWrite1hTokens,
  };
}

/** The vendor's input classes are disjoint, as ours; its output includes thinking, as ours. */
export function toUsage(usage: Usage): object {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    server_tool_use: null,
    cache_creation: toCacheCreation(usage),
    service_tier: null,
    inference_geo: null,
    speed: null,
  };
}

/** The same at the end of a stream, cumulative: what only the beginning tells is left out. */
export function toFinalUsage(usage: Usage): object {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    server_tool_use: null,
  };
}
