import type { ChatResponse, ToolCall } from 'ollama';
import type { Completion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCallPart } from '../../core/message.ts';
import { createToolCallId } from '../shared/translation/tool-call-id.ts';
import { argumentsIn, textIn } from '../shared/translation/wire-value.ts';
import { mapOllamaFinishReason } from './map-ollama-finish-reason.ts';
import { fromOllamaUsage } from './ollama-usage.ts';

/** A whole answer. */
export function fromOllamaResponse(response: ChatResponse): Completion {
  const { message } = response;
  if (typeof message !== 'object' || message === null || response.done !== true) {
    throw new GatewayError('malformed_response', 'the answer is not a finished message.', {
      usage: fromOllamaUsage(response),
    });
  }
  const [thinking, content] = [textIn(message, 'thinking'), textIn(message, 'content')];
  const toolCalls = (message.tool_calls ?? []).map(fromOllamaToolCall);
  return {
    content: [
      ...(thinking ? [{ type: 'reasoning', text: thinking } as const] : []),
      ...(content ? [{ type: 'text', text: content } as const] : []),
      ...toolCalls,
    ],
    finishReason: mapOllamaFinishReason(response.done_reason, toolCalls.length > 0),
    usage: fromOllamaUsage(response),
    model: response.model,
  };
}

/** Ollama gives no ids that hold beyond one answer, so calls get one here. */
export function fromOllamaToolCall(call: ToolCall): ToolCallPart {
  const { name } = call.function;
  if (!name) throw new GatewayError('malformed_response', 'it answered a tool call without a name.');
  return {
    type: 'tool-call',
    id: createToolCallId(),
    name,
    argumentsJson: argumentsIn(call.function) || '{}',
  };
}
