import { NO_USAGE, type Usage, type UsageSource } from '../../core/usage.ts';
import { countIn } from '../shared/wire-value.ts';

/**
 * Gemini's prompt count includes the cached tokens, and its candidates count excludes the thoughts.
 * Source: `usageMetadata` in the vendor's API reference: total = prompt + tool use + candidates + thoughts.
 */
export function fromGeminiUsage(wire: unknown, source: UsageSource): Usage {
  const prompt = countIn(wire, 'promptTokenCount');
  if (prompt === undefined && countIn(wire, 'totalTokenCount') === undefined) return NO_USAGE;
  const cached = countIn(wire, 'cachedContentTokenCount') ?? 0;
  const thoughts = countIn(wire, 'thoughtsTokenCount') ?? 0;
  const input = (prompt ?? 0) + (countIn(wire, 'toolUsePromptTokenCount') ?? 0);
  return {
    inputTokens: Math.max(0, input - cached),
    cachedInputTokens: cached,
    cacheWriteTokens: 0,
    outputTokens: (countIn(wire, 'candidatesTokenCount') ?? 0) + thoughts,
    reasoningTokens: thoughts,
    source,
  };
}
