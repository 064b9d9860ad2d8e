import { createHash } from 'node:crypto';
import type { Message } from '../../../core/message.ts';
import type { ChatContentPart, ChatMessage } from './chat-body.ts';

const SHORT_ID = /^[a-zA-Z0-9]{9}$/;

/** Ids of nine letters and digits. The same one has the same in each request, so that what a vendor has cached stays good. */
export function withShortCallIds(messages: readonly Message[]): readonly Message[] {
  return messages.map((message): Message => {
    if (message.role === 'assistant') {
      const content = message.content.map((part) =>
        part.type === 'tool-call' ? { ...part, id: shortened(part.id) } : part,
      );
      return { ...message, content };
    }
    if (message.role !== 'tool') return message;
    return {
      ...message,
      content: message.content.map((part) => ({ ...part, toolCallId: shortened(part.toolCallId) })),
    };
  });
}

function shortened(id: string): string {
  if (SHORT_ID.test(id)) return id;
  return createHash('sha256').update(id).digest('base64').replaceAll(/[+/=]/g, '').slice(0, 9);
}

/** One system message, in front; then questions and answers by turns, with an answer between a result and a question. */
export function inStrictOrder(messages: readonly ChatMessage[]): ChatMessage[] {
  const ordered: ChatMessage[] = [];
  const prompt = messages.flatMap((message) => (message.role === 'system' ? [message.content] : []));
  if (prompt.length > 0) ordered.push({ role: 'system', content: prompt.join('\n\n') });
  for (const message of messages) {
    if (message.role === 'system') continue;
    const last = ordered.at(-1);
    const merged = last && merge(last, message);
    if (merged) ordered.pop();
    else if (last?.role === 'tool' && message.role === 'user') ordered.push({ role: 'assistant', content: 'OK.' });
    ordered.push(merged ?? message);
  }
  return ordered;
}

/** Two questions in a row as one, and two answers, unless the first still waits for its results. */
function merge(one: ChatMessage, other: ChatMessage): ChatMessage | undefined {
  if (one.role === 'user' && other.role === 'user') {
    const { content } = one;
    if (typeof content === 'string' && typeof other.content === 'string') {
      return { ...one, content: `${content}\n\n${other.content}` };
    }
    return { ...one, content: [...toParts(content), ...toParts(other.content)] };
  }
  if (one.role !== 'assistant' || other.role !== 'assistant' || one.tool_calls) return undefined;
  return { ...one, ...other, content: [one.content, other.content].filter(Boolean).join('\n\n') };
}

function toParts(content: string | readonly ChatContentPart[]): readonly ChatContentPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}
