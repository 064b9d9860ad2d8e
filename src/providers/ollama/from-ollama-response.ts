import type { ChatResponse, ToolCall } from 'ollama';
import type { Completion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCallPart } from '../../core/message.ts';
import type { Usage } from '../../core/usage.ts';
import { keepingUsage } from '../shared/translation/keeping-usage.ts';
import { createToolCallId } from '../shared/translation/tool-call-id.ts';
import { argumentsIn, textIn } from '../shared/translation/wire-value.ts';
import { mapOllamaFinishReason } from './map-ollama-finish-reason.ts';
import { fromOllamaUsage } from './ollama-usage.ts';

/** A whole answer. */
export function fromOllamaResponse(response: ChatResponse, requestedModel: string): Completion {
  const usage = fromOllamaUsage(response);
  return keepingUsage(usage, () => fromBody(response, requestedModel, usage));
}

function fromBody(response: ChatResponse, requestedModel: string, usage: Usage): Completion {
  const { message } = response;
  if (typeof message !== 'object' || message === null || response.done !== true) {
    throw new GatewayError('malformed_response', 'the answer is not a finished message.');
  }
  const [thinking, content] = [textIn(message, 'thinking'), textIn(message, 'content')];
  const toolCalls = (message.tool_calls ?? []).map(fromOllamaToolCall);
  return {
    content: [
      ...(thinking ? [{ type: 'reasoning', text: thinking } as const] : []),
      ...(content ? [{ type: 'text', text: content } as const] : []),
      ...toolCalls,
    ],
    finishReason: mapOllamaFinishReason(textIn(response, 'done_reason'), toolCalls.length > 0),
    usage,
    model: textIn(response, 'model') || requestedModel,
  };
}

/** Ollama gives no ids that hold beyond one answer, so calls get one here. */
export function fromOllamaToolCall(call: ToolCall): ToolCallPart {
  const name = textIn(call.function, 'name');
  if (!name) throw new GatewayError('malformed_response', 'it answered a tool call without a name.');
  return {
    type: 'tool-call',
    id: createToolCallId(),
    name,
    argumentsJson: argumentsIn(call.function) || '{}',
  };
}
