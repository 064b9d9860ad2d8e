import { addAll } from '../../../core/collections/add-all.ts';
import { toolArguments } from '../../../core/content/tool-calls.ts';
import { parseJsonObject } from '../../../core/json/json.ts';
import type { DocumentPart, MediaPart, Message, TextPart, ToolCallPart } from '../../../core/message.ts';
import type { ProviderId } from '../../../core/model.ts';
import { shownBefore } from '../translation/tool-media.ts';
import { type CallState, readCallState } from './call-state.ts';
import type { ChatContentPart, ChatMessage, ChatToolCall } from './chat-body.ts';

/**
 * Ours to theirs. Reasoning is left out, unless the model `wantsReasoning`: the wire as OpenAI defined it takes none back.
 * What tools showed follows the last result as the user's, for a tool's message holds only text.
 */
export function toChatMessages(
  messages: readonly Message[],
  provider?: ProviderId,
  wantsReasoning = false,
): ChatMessage[] {
  const sent: ChatMessage[] = [];
  for (const [index, message] of messages.entries()) {
    addAll(sent, toChatMessage(message, provider, wantsReasoning));
    if (message.role !== 'tool' || messages[index + 1]?.role === 'tool') continue;
    const shown = shownBefore(messages, index);
    if (shown.length > 0) sent.push({ role: 'user', content: toUserContent(shown) });
  }
  return sent;
}

function toChatMessage(message: Message, provider: ProviderId | undefined, wantsReasoning: boolean): ChatMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: joined(message.content) }];
    case 'user':
      return [{ role: 'user', content: toUserContent(message.content) }];
    case 'assistant': {
      const made = message.content.filter((part) => part.type === 'tool-call');
      const states = made.map(({ vendorState }) => readCallState(vendorState, provider));
      const calls = made.map((call, index) => toToolCall(call, states[index]));
      // Named by the call as it is named now.
      const details = states.flatMap(({ beside }, index) =>
        beside ? [{ ...beside, id: calls[index]?.id ?? '' }] : [],
      );
      const text = joined(message.content.filter((part) => part.type === 'text'));
      const thoughts = wantsReasoning ? { reasoning_content: ownThoughts(message.content) } : {};
      if (calls.length === 0) return [{ role: 'assistant', content: text, ...thoughts }];
      const beside = details.length > 0 ? { reasoning_details: details } : {};
      return [{ role: 'assistant', content: text === '' ? null : text, ...thoughts, tool_calls: calls, ...beside }];
    }
    case 'tool':
      return message.content.map(({ toolCallId, text, isError }) => ({
        role: 'tool',
        tool_call_id: toolCallId,
        // This wire has no mark for a failed tool.
        content: isError ? `Error: ${text}` : text,
      }));
  }
}

/** Reasoning with state belongs to the vendor that signed it. */
function ownThoughts(content: Extract<Message, { role: 'assistant' }>['content']): string {
  return content.map((part) => (part.type === 'reasoning' && part.vendorState === undefined ? part.text : '')).join('');
}

/** Plain text where there are only words: some compatible servers take nothing else. */
function toUserContent(parts: readonly (TextPart | MediaPart)[]): string | ChatContentPart[] {
  return parts.every((part) => part.type === 'text') ? joined(parts) : parts.map(toContentPart);
}

function toContentPart(part: TextPart | MediaPart): ChatContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: toUrl(part), ...(part.detail && { detail: part.detail }) } };
    case 'document':
      return { type: 'file', file: { filename: fileName(part), file_data: toUrl(part) } };
  }
}

/** OpenAI tells by it what a file is. */
function fileName({ title = 'document' }: DocumentPart): string {
  return /\.pdf$/i.test(title) ? title : `${title}.pdf`;
}

/** An address is passed on, never fetched by us; data rides in a data URL. */
function toUrl({ source }: MediaPart): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.base64}`;
}

function joined(parts: readonly TextPart[]): string {
  return parts.map((part) => part.text).join('\n');
}

function toToolCall(made: ToolCallPart, { onCall }: CallState = {}): ChatToolCall {
  const { id, name } = made;
  const call = { id, type: 'function', function: { name, arguments: objectText(made) } } as const;
  return onCall ? { ...call, extra_content: onCall } : call;
}

/**
 * As the model wrote them, if that is an object. vLLM and llama.cpp parse the arguments of the whole conversation, and would refuse every further
 * turn of it for a call that was cut or that is no JSON: github.com/vllm-project/vllm/issues/43995, github.com/ggml-org/llama.cpp/issues/25510.
 */
function objectText(call: ToolCallPart): string {
  return parseJsonObject(call.argumentsJson) ? call.argumentsJson : JSON.stringify(toolArguments(call));
}
