import { NO_USAGE, type Usage } from '../../../core/usage.ts';
import { countIn, objectIn } from '../wire-value.ts';

/**
 * Theirs to ours. `prompt_tokens` holds the cached and cache-written ones, `completion_tokens` the
 * reasoning ones; except with servers (xAI) whose total shows that reasoning comes on top.
 * Source: platform.openai.com/docs/api-reference/chat/object.
 */
export function fromChatUsage(usage: unknown): Usage {
  const prompt = countIn(usage, 'prompt_tokens');
  const completion = countIn(usage, 'completion_tokens');
  if (prompt === undefined && completion === undefined) return NO_USAGE;
  const inputDetails = objectIn(usage, 'prompt_tokens_details');
  // DeepSeek counts its cache beside the details.
  const cached = countIn(inputDetails, 'cached_tokens') ?? countIn(usage, 'prompt_cache_hit_tokens') ?? 0;
  const written = countIn(inputDetails, 'cache_write_tokens') ?? 0;
  const reasoning = countIn(objectIn(usage, 'completion_tokens_details'), 'reasoning_tokens') ?? 0;
  const visible = completion ?? 0;
  const onTop = reasoning > 0 && countIn(usage, 'total_tokens') === (prompt ?? 0) + visible + reasoning;
  return {
    inputTokens: Math.max(0, (prompt ?? 0) - cached - written),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: onTop ? visible + reasoning : visible,
    reasoningTokens: reasoning,
    source: 'reported',
  };
}
