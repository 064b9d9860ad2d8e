import { expect, it } from 'vitest';
import { withResultsInCallOrder } from '../../src/core/content/tool-calls.ts';
import type { Message } from '../../src/core/message.ts';
import { toAnthropicConversation } from '../../src/providers/anthropic/to-anthropic-messages.ts';
import { toGeminiContents } from '../../src/providers/gemini/to-gemini-contents.ts';
import { toOllamaMessages } from '../../src/providers/ollama/to-ollama-messages.ts';
import { toChatMessages } from '../../src/providers/shared/openai-wire/to-chat-messages.ts';
import { mediaOf } from '../../src/routing/media-of.ts';

// More than a function may have arguments, and less than a body may hold.
const PARTS = 150_000;
const texts = Array.from({ length: PARTS }, (_, index) => ({ type: 'text' as const, text: String(index) }));
const calls = Array.from({ length: PARTS }, (_, index) => ({
  type: 'tool-call' as const,
  id: `call_${index}`,
  name: 'add',
  argumentsJson: '{}',
}));
const image = { type: 'image' as const, source: { type: 'data' as const, mediaType: 'image/png', base64: 'aGk=' } };
const results = calls.map(({ id, name }, index) => ({
  type: 'tool-result' as const,
  toolCallId: id,
  toolName: name,
  text: '',
  media: index === 0 ? calls.map(() => image) : [image],
}));
const [first, ...others] = results;
/** The images of all results, and a line before those of each. */
const SHOWN = 3 * PARTS - 1;
const CONVERSATION: readonly Message[] = [
  { role: 'user', content: texts.slice(0, 1) },
  { role: 'user', content: texts },
  { role: 'assistant', content: [...texts, ...calls] },
  { role: 'tool', content: first ? [first] : [] },
  { role: 'tool', content: others },
];

it('of as many parts as a body may hold none is lost on the way to a vendor', () => {
  expect(withResultsInCallOrder(CONVERSATION).at(-1)?.content).toHaveLength(PARTS);
  expect(mediaOf(CONVERSATION)).toHaveLength(SHOWN - PARTS);
  const chat = toChatMessages(CONVERSATION);
  expect(chat).toHaveLength(3 + PARTS + 1);
  expect(chat.at(-1)?.content).toHaveLength(SHOWN);
  expect(toOllamaMessages(CONVERSATION).at(-1)?.images).toHaveLength(SHOWN - PARTS);
  const { messages } = toAnthropicConversation(CONVERSATION, {});
  expect(messages.map(({ content }) => content.length)).toEqual([PARTS + 1, 2 * PARTS, PARTS]);
  const contents = toGeminiContents(CONVERSATION, 'gemini-3-flash');
  expect(contents.map(({ parts }) => parts?.length)).toEqual([1, PARTS, 2 * PARTS, PARTS, SHOWN]);
});
