import type { Message as WireMessage } from 'ollama';
import { toolArguments, withResultsInCallOrder } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MediaPart, Message, TextPart } from '../../core/message.ts';
import { shownBefore } from '../shared/translation/tool-media.ts';

/** All system texts as one message in front, then one message for each of ours; one for each tool result.
 * What tools showed follows their results as the user's. The wire has no ids of calls: their order counts. */
export function toOllamaMessages(given: readonly Message[]): WireMessage[] {
  const messages = withResultsInCallOrder(given);
  const system = messages
    .flatMap((message) => (message.role === 'system' ? [textOf(message.content)] : []))
    .filter((text) => text !== '')
    .join('\n\n');
  const turns = messages.flatMap((message, index) => {
    const shown = messages[index + 1]?.role === 'tool' ? [] : shownBefore(messages, index);
    return [...toWireMessages(message), ...(shown.length > 0 ? [toUserMessage(shown)] : [])];
  });
  return [...(system === '' ? [] : [{ role: 'system', content: system }]), ...turns];
}

function toWireMessages(message: Message): WireMessage[] {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return [toUserMessage(message.content)];
    case 'assistant':
      return [toAssistantMessage(message.content)];
    case 'tool':
      return message.content.map((part) => ({
        role: 'tool',
        content: part.isError === true ? `Error: ${part.text}` : part.text,
        tool_name: part.toolName,
      }));
  }
}

function toUserMessage(content: readonly (TextPart | MediaPart)[]): WireMessage {
  const images = content.filter((part) => part.type !== 'text').map(toImage);
  return { role: 'user', content: textOf(content), ...(images.length > 0 && { images }) };
}

function toAssistantMessage(content: Extract<Message, { role: 'assistant' }>['content']): WireMessage {
  const toolCalls = content.filter((part) => part.type === 'tool-call');
  // Reasoning with state belongs to the vendor that signed it.
  const thinking = content
    .map((part) => (part.type === 'reasoning' && part.vendorState === undefined ? part.text : ''))
    .join('');
  return {
    role: 'assistant',
    content: textOf(content),
    ...(thinking !== '' && { thinking }),
    ...(toolCalls.length > 0 && {
      tool_calls: toolCalls.map((call) => ({ function: { name: call.name, arguments: toolArguments(call) } })),
    }),
  };
}

function textOf(
  parts: readonly (TextPart | { readonly type: Exclude<Message['content'][number]['type'], 'text'> })[],
): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/**
 * Bytes, never the base64 text: the SDK reads a string that happens to name a file on this machine as
 * that file, and `/etc/passwd` is valid base64.
 */
function toImage({ type, source }: MediaPart): Uint8Array {
  if (type === 'document') throw new GatewayError('capability_missing', 'it takes no PDFs; send their text.');
  if (source.type === 'url') {
    throw new GatewayError('capability_missing', 'it takes images as data only, not by address; send the data.');
  }
  return Buffer.from(source.base64, 'base64');
}
