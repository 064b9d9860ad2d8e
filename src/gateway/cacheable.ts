import type { Choice, Completion } from '../core/completion.ts';
import type { CacheKey } from '../core/ids.ts';
import { parseJsonObject } from '../core/json/json.ts';
import type { ToolCallPart } from '../core/message.ts';
import { pickParameters } from '../core/parameters.ts';
import type { CacheKeyFields, ResponseCache } from '../core/ports.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate, VerifyPlan } from '../core/route-plan.ts';

/**
 * Only whole answers are worth keeping: never a cut, refused or filtered one, never an empty one. Nor one that calls
 * what nobody offered, or with arguments that nobody can read: whoever asks again hopes for another.
 */
export function isCacheable(completion: Completion, tools: ChatRequest['tools']): boolean {
  if (completion.isTextDropped) return false;
  return [completion, ...(completion.alternatives ?? [])].every((choice) => isWhole(choice, tools));
}

function isWhole({ finishReason, content }: Choice, tools: ChatRequest['tools'] = []): boolean {
  const whole = finishReason.unified === 'stop' || finishReason.unified === 'tool_calls';
  if (!whole || !content.some((part) => part.type === 'tool-call' || (part.type === 'text' && part.text !== ''))) {
    return false;
  }
  return content.every((part) => part.type !== 'tool-call' || isCallable(part, tools));
}

function isCallable({ name, argumentsJson }: ToolCallPart, tools: NonNullable<ChatRequest['tools']>): boolean {
  const isReadable = argumentsJson.trim() === '' || parseJsonObject(argumentsJson) !== undefined;
  return isReadable && tools.some((tool) => tool.name === name);
}

/**
 * The key of this request answered by this candidate; none without one. `verify`: of an answer that is checked,
 * whoever gives it in the end, since an unchecked one is something else.
 */
export function cacheKeyFor(
  cache: ResponseCache,
  request: ChatRequest,
  candidate: Candidate | undefined,
  verify?: VerifyPlan,
): CacheKey | undefined {
  if (!candidate) return undefined;
  const { messages, tools, toolChoice, responseFormat, caller } = request;
  const maxOutputTokens = request.maxOutputTokens ?? candidate.outputTokensCap;
  return cache.keyOf({
    tenant: caller.tenant,
    model: candidate.model.ref,
    abilities: candidate.model,
    messages,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...pickParameters(request, candidate.droppedParameters),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(responseFormat && { responseFormat }),
    ...(verify && { verify: verifyFields(verify) }),
  });
}

function verifyFields({ threshold, peer, stronger }: VerifyPlan): NonNullable<CacheKeyFields['verify']> {
  return {
    stronger: stronger.map(({ model }) => model.ref),
    ...(peer && { peer: peer.model.ref }),
    ...(threshold !== undefined && { threshold }),
  };
}
