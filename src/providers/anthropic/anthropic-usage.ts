import { NO_USAGE, type Usage, type UsageSource } from '../../core/usage.ts';
import { countIn, objectIn } from '../shared/wire-value.ts';

/**
 * Anthropic's input classes are disjoint already (`input_tokens` excludes both cache classes);
 * `output_tokens` includes thinking. Source: `Message.usage` in the vendor's API reference.
 */
export function fromAnthropicUsage(wire: unknown, source: UsageSource): Usage {
  return mergeAnthropicUsage(NO_USAGE, wire, source);
}

/** `message_delta` carries cumulative counts, but may leave out those that `message_start` gave. */
export function mergeAnthropicUsage(start: Usage, delta: unknown, source: UsageSource): Usage {
  if (countIn(delta, 'input_tokens') === undefined && countIn(delta, 'output_tokens') === undefined) return start;
  return {
    inputTokens: countIn(delta, 'input_tokens') ?? start.inputTokens,
    cachedInputTokens: countIn(delta, 'cache_read_input_tokens') ?? start.cachedInputTokens,
    cacheWriteTokens: countIn(delta, 'cache_creation_input_tokens') ?? start.cacheWriteTokens,
    outputTokens: countIn(delta, 'output_tokens') ?? start.outputTokens,
    reasoningTokens: countIn(objectIn(delta, 'output_tokens_details'), 'thinking_tokens') ?? start.reasoningTokens,
    source,
  };
}
