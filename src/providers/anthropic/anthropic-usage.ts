import { NO_USAGE, totalInputTokens, type Usage, type UsageParts, type UsageSource } from '../../core/usage.ts';
import { toModes, toUsageParts } from '../shared/translation/usage-parts.ts';
import { countIn, objectIn, textIn } from '../shared/translation/wire-value.ts';

/**
 * Anthropic's input classes are disjoint already (`input_tokens` excludes both cache classes);
 * `output_tokens` includes thinking. Source: `Message.usage` in the vendor's API reference.
 */
export function fromAnthropicUsage(wire: unknown, source: UsageSource): Usage {
  return mergeAnthropicUsage(NO_USAGE, wire, source);
}

/**
 * `message_delta` carries cumulative counts, but may leave out those that `message_start` gave. Other servers of this
 * wire may say there that nothing was asked: that takes nothing back.
 */
export function mergeAnthropicUsage(start: Usage, delta: unknown, source: UsageSource): Usage {
  const said = countIn(delta, 'output_tokens');
  if (countIn(delta, 'input_tokens') === undefined && said === undefined) return start;
  const told = {
    inputTokens: countIn(delta, 'input_tokens') ?? start.inputTokens,
    cachedInputTokens: countIn(delta, 'cache_read_input_tokens') ?? start.cachedInputTokens,
    cacheWriteTokens: countIn(delta, 'cache_creation_input_tokens') ?? start.cacheWriteTokens,
  };
  const usage = totalInputTokens(told) > 0 ? { ...start, ...told } : start;
  // Other servers of this wire may leave counts out, and nothing is asked without a token.
  const isWhole = said !== undefined && totalInputTokens(usage) > 0;
  return {
    ...usage,
    outputTokens: said ?? start.outputTokens,
    reasoningTokens: countIn(objectIn(delta, 'output_tokens_details'), 'thinking_tokens') ?? start.reasoningTokens,
    source: isWhole ? source : 'partial',
    ...readParts(delta, usage.cacheWriteTokens),
  };
}

/**
 * Source of the modes: `service_tier`, `speed` and `inference_geo` of the same object; what runs in the US only
 * is billed apart (platform.claude.com/docs, "data residency").
 */
function readParts(wire: unknown, written: number): UsageParts {
  const forAnHour = countIn(objectIn(wire, 'cache_creation'), 'ephemeral_1h_input_tokens') ?? 0;
  const place = textIn(wire, 'inference_geo') === 'us' ? 'us' : undefined;
  return {
    ...toUsageParts({
      cacheWrite1hTokens: Math.min(forAnHour, written),
      webSearches: countIn(objectIn(wire, 'server_tool_use'), 'web_search_requests'),
    }),
    ...toModes(textIn(wire, 'service_tier'), textIn(wire, 'speed'), place),
  };
}
