import type { Message } from '../../../core/message.ts';

/**
 * For vendors that answer users only: where nobody but the system speaks, what it says last is told as the user's. OpenAI
 * answers such requests, and frameworks send them (a template of one system prompt); these are the same words, none made up.
 * So they are in each step of the tool loop that follows, and with `beforeCalls` after it, when a user speaks at last.
 */
export function withUserTurn(messages: readonly Message[], { beforeCalls = false } = {}): readonly Message[] {
  const userAt = messages.findIndex(({ role }) => role === 'user');
  if (userAt !== -1 && !beforeCalls) return messages;
  const unasked = userAt === -1 ? messages : messages.slice(0, userAt);
  const answerAt = unasked.findIndex(({ role }) => role !== 'system');
  const isAlone = userAt === -1 && answerAt === -1;
  // What is said before any call is a greeting, or the beginning of an answer: nobody asked for it.
  const isLoop = unasked.some(({ role }) => role === 'tool');
  if (!isAlone && !isLoop) return messages;
  const toldAt = (answerAt === -1 ? messages.length : answerAt) - 1;
  const told = messages[toldAt];
  return told?.role === 'system' ? messages.with(toldAt, { role: 'user', content: told.content }) : messages;
}
