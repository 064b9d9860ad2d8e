import type { Choice, Completion } from '../core/completion.ts';
import type { CacheKey } from '../core/ids.ts';
import { pickParameters } from '../core/parameters.ts';
import type { ResponseCache } from '../core/ports.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate } from '../core/route-plan.ts';

/** Only whole answers are worth keeping: never a cut, refused or filtered one, never an empty one. */
export function isCacheable(completion: Completion): boolean {
  return isWhole(completion) && (completion.alternatives ?? []).every(isWhole);
}

function isWhole({ finishReason, content }: Choice): boolean {
  const whole = finishReason.unified === 'stop' || finishReason.unified === 'tool_calls';
  return whole && content.some((part) => part.type === 'tool-call' || (part.type === 'text' && part.text !== ''));
}

/** The key of this request answered by this candidate; none without one. */
export function cacheKeyFor(
  cache: ResponseCache,
  request: ChatRequest,
  candidate: Candidate | undefined,
): CacheKey | undefined {
  if (!candidate) return undefined;
  const { messages, tools, toolChoice, responseFormat, caller } = request;
  const maxOutputTokens = request.maxOutputTokens ?? candidate.outputTokensCap;
  return cache.keyOf({
    tenant: caller.tenant,
    model: candidate.model.ref,
    messages,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...pickParameters(request, candidate.droppedParameters),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(responseFormat && { responseFormat }),
  });
}
