import type { Completion } from '../core/completion.ts';
import type { CacheKey } from '../core/ids.ts';
import type { ModelInfo } from '../core/model.ts';
import type { ResponseCache } from '../core/ports.ts';
import type { ChatRequest } from '../core/request.ts';

/** Only whole answers are worth keeping: never a cut, refused or filtered one, never an empty one. */
export function isCacheable({ finishReason, content }: Completion): boolean {
  const whole = finishReason.unified === 'stop' || finishReason.unified === 'tool_calls';
  return whole && content.some((part) => part.type === 'tool-call' || (part.type === 'text' && part.text !== ''));
}

/** The key of this request answered by this model; none without a model. */
export function cacheKeyFor(
  cache: ResponseCache,
  request: ChatRequest,
  model: ModelInfo | undefined,
): CacheKey | undefined {
  if (!model) return undefined;
  const { messages, maxOutputTokens, temperature, tools, toolChoice, responseFormat, caller } = request;
  return cache.keyOf({
    tenant: caller.tenant,
    model: model.ref,
    messages,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(responseFormat && { responseFormat }),
  });
}
