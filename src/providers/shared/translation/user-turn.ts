import type { Message } from '../../../core/message.ts';

/**
 * For vendors that answer users only: where nobody but the system speaks, what it says last is told as the user's. OpenAI
 * answers such requests, and frameworks send them (a template of one system prompt); these are the same words, none made up.
 */
export function withUserTurn(messages: readonly Message[]): readonly Message[] {
  const last = messages.at(-1);
  if (last?.role !== 'system' || messages.some(({ role }) => role !== 'system')) return messages;
  return [...messages.slice(0, -1), { role: 'user', content: last.content }];
}
