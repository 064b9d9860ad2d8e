import type { GenerateContentResponse } from '@google/genai/web';
import type { Completion, StreamPart } from '../../core/completion.ts';
import type { ReasoningPart, TextPart, ToolCallPart } from '../../core/message.ts';
import { NO_USAGE } from '../../core/usage.ts';
import { foreignAlone } from '../shared/translation/foreign-content.ts';
import { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { textIn } from '../shared/translation/wire-value.ts';
import { foreignKind, fromGeminiPart } from './from-gemini-parts.ts';
import { malformedFinish } from './from-gemini-response.ts';
import { fromGeminiUsage } from './gemini-usage.ts';
import { isMalformedFinish, mapGeminiFinishReason } from './map-gemini-finish-reason.ts';

/**
 * Translates chunks into parts. The wire has no terminator and some models put STOP on every chunk, so
 * everything is read to the end of the body; the last finish reason and the last usage count. Without
 * any finish reason the stream just ends here and the caller reports it as truncated.
 */
export async function* fromGeminiStream(
  chunks: AsyncIterable<GenerateContentResponse>,
  requestedModel: string,
  about: Pick<Completion, 'droppedParameters'> = {},
): AsyncGenerator<StreamPart, void, undefined> {
  let usage = NO_USAGE;
  let model = requestedModel;
  let providerRequestId: string | undefined;
  let finish: string | undefined;
  let blockReason: string | undefined;
  let hasToolCalls = false;
  let hasAnswer = false;
  let foreign: string | undefined;
  const ids = new ToolCallIds();
  /** Does the usage cover all that came? */
  let isFinal = false;
  for await (const chunk of chunks) {
    model = textIn(chunk, 'modelVersion') || model;
    providerRequestId = textIn(chunk, 'responseId') || providerRequestId;
    blockReason = textIn(chunk.promptFeedback, 'blockReason') || blockReason;
    // Its JSON leaves zeros out.
    const candidate = chunk.candidates?.find(({ index = 0 }) => index === 0);
    const parts = candidate?.content?.parts ?? [];
    foreign ??= foreignKind(parts);
    for (const part of parts.flatMap((each) => fromGeminiPart(each, ids))) {
      hasToolCalls ||= part.type === 'tool-call';
      hasAnswer ||= part.type !== 'reasoning';
      isFinal = false;
      yield toStreamPart(part);
    }
    finish = textIn(candidate, 'finishReason') || finish;
    const told = fromGeminiUsage(chunk.usageMetadata);
    // One that holds no count takes nothing back of what was reported before.
    if (told.source === 'none') continue;
    isFinal = told.source === 'reported';
    usage = { ...told, source: 'partial' };
    yield { type: 'usage', usage };
  }
  if (finish === undefined && blockReason === undefined) return;
  if (isFinal) {
    usage = { ...usage, source: 'reported' };
    yield { type: 'usage', usage };
  }
  if (finish !== undefined && isMalformedFinish(finish)) throw malformedFinish(finish, usage);
  if (foreign !== undefined && !hasAnswer) throw foreignAlone(foreign, usage);
  yield {
    type: 'finish',
    finishReason:
      finish === undefined
        ? { unified: 'content_filter', raw: `blockReason:${blockReason}` }
        : mapGeminiFinishReason(finish, hasToolCalls),
    model,
    ...(providerRequestId === undefined ? {} : { providerRequestId }),
    ...about,
  };
}

function toStreamPart(part: TextPart | ReasoningPart | ToolCallPart): StreamPart {
  switch (part.type) {
    case 'text':
      return { type: 'text-delta', text: part.text };
    case 'reasoning':
      return { ...part, type: 'reasoning-delta' };
    case 'tool-call':
      return part;
  }
}
