import { hash } from 'node:crypto';
import type { Message } from '../../core/message.ts';
import type { ChatRequest } from '../../core/request.ts';
import type { Turn } from '../../routing/pacing/find-turn.ts';

/** Of the turn, and of the first message, so many characters of both ends: a pasted file is not hashed anew in each step. */
const TURN_CHARS = 2_048;
const FIRST_CHARS = 256;

/**
 * Names a user turn: the same in each step of its tool loop, another for another tenant or in another place of the
 * conversation. A digest: no text can be read from it. The system prompt is left out, since it may hold the time.
 */
export function turnKey({ messages, caller }: Pick<ChatRequest, 'messages' | 'caller'>, { at }: Turn): string {
  const before = messages.slice(0, at).filter(({ role }) => role !== 'system');
  const opening = before.find(({ role }) => role === 'user');
  const turn = textOf(messages[at]);
  const fields = [
    caller.tenant,
    before.length,
    turn.length,
    ends(turn, TURN_CHARS),
    ends(textOf(opening), FIRST_CHARS),
  ];
  return hash('sha256', JSON.stringify(fields), 'hex').slice(0, 32);
}

function textOf(message: Message | undefined): string {
  return message?.content.map((part) => ('text' in part ? part.text : part.type)).join('\n') ?? '';
}

function ends(text: string, characters: number): string {
  return text.length <= 2 * characters ? text : text.slice(0, characters) + text.slice(-characters);
}
