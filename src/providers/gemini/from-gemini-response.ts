import type { Candidate, GenerateContentResponse } from '@google/genai/web';
import type { Choice, Completion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Usage } from '../../core/usage.ts';
import { foreignAlone } from '../shared/translation/foreign-content.ts';
import { keepingUsage } from '../shared/translation/keeping-usage.ts';
import { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { textIn } from '../shared/translation/wire-value.ts';
import { foreignKind, fromGeminiPart } from './from-gemini-parts.ts';
import { fromGeminiUsage } from './gemini-usage.ts';
import { isMalformedFinish, mapGeminiFinishReason } from './map-gemini-finish-reason.ts';

/** A whole answer. A blocked prompt is a valid final answer without content; it costs its input. */
export function fromGeminiResponse(response: GenerateContentResponse, requestedModel: string): Completion {
  const usage = fromGeminiUsage(response.usageMetadata);
  return keepingUsage(usage, () => fromBody(response, requestedModel, usage));
}

function fromBody(response: GenerateContentResponse, requestedModel: string, usage: Usage): Completion {
  const providerRequestId = textIn(response, 'responseId');
  const about = {
    usage,
    model: textIn(response, 'modelVersion') || requestedModel,
    ...(providerRequestId && { providerRequestId }),
  };
  const [candidate, ...others] = response.candidates ?? [];
  if (candidate === undefined) {
    const blockReason = textIn(response.promptFeedback, 'blockReason');
    if (!blockReason) {
      throw new GatewayError('malformed_response', 'the answer holds no candidate and no reason why.');
    }
    return { ...about, content: [], finishReason: { unified: 'content_filter', raw: `blockReason:${blockReason}` } };
  }
  return {
    ...about,
    ...fromCandidate(candidate, usage),
    ...(others.length > 0 && { alternatives: others.map((other) => fromCandidate(other, usage)) }),
  };
}

function fromCandidate(candidate: Candidate, usage: Usage): Choice {
  const raw = textIn(candidate, 'finishReason');
  if (!raw) {
    throw new GatewayError('malformed_response', 'the answer holds no finish reason.');
  }
  if (isMalformedFinish(raw)) throw malformedFinish(raw, usage);
  const ids = new ToolCallIds();
  const parts = candidate.content?.parts ?? [];
  const content = parts.flatMap((part) => fromGeminiPart(part, ids));
  const foreign = saysNothing(content) ? foreignKind(parts) : undefined;
  if (foreign !== undefined) throw foreignAlone(foreign, usage);
  const hasToolCalls = content.some((part) => part.type === 'tool-call');
  return { content, finishReason: mapGeminiFinishReason(raw, hasToolCalls) };
}

/** Thoughts are no answer. */
function saysNothing(content: Choice['content']): boolean {
  return content.every(({ type }) => type === 'reasoning');
}

/** The model's slip, not the request's: worth one more try. What it cost is kept. */
export function malformedFinish(raw: string, usage: Usage): GatewayError {
  return new GatewayError('malformed_response', `the answer ended with ${raw}.`, {
    retrySame: 'once',
    vendorCode: raw,
    usage,
  });
}
