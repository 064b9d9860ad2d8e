import { hash } from 'node:crypto';
import type { Message } from '../../core/message.ts';
import type { ChatRequest } from '../../core/request.ts';
import type { Turn } from '../../routing/find-turn.ts';

/** Of the turn, and of the first message, so many characters of both ends: a pasted file is not hashed anew in each step. */
const TURN_CHARS = 2_048;
const FIRST_CHARS = 256;

/** The names of a user turn. Digests: no text can be read from them. */
export type TurnKeys = {
  /** Known when it begins; equal for equal words in the same place of two conversations. */
  readonly turn: string;
  /** Of its tool loop, by the first call in it, which tells two such turns apart. Absent before the first step. */
  readonly loop?: string;
};

/**
 * The same in each step of a tool loop, others for another tenant or in another place of the conversation. The
 * system prompt is left out, since it may hold the time.
 */
export function turnKeys(
  { messages, caller }: Pick<ChatRequest, 'messages' | 'caller'>,
  { at, isUnderWay }: Turn,
): TurnKeys {
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
  const key = digest(fields);
  return { turn: key, ...(isUnderWay && { loop: digest([key, firstCallId(messages, at)]) }) };
}

function firstCallId(messages: readonly Message[], from: number): string | undefined {
  for (const message of messages.slice(from)) {
    if (message.role !== 'assistant') continue;
    const call = message.content.find((part) => part.type === 'tool-call');
    if (call) return call.id;
  }
  return undefined;
}

function digest(fields: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(fields), 'hex').slice(0, 32);
}

function textOf(message: Message | undefined): string {
  return message?.content.map((part) => ('text' in part ? part.text : part.type)).join('\n') ?? '';
}

function ends(text: string, characters: number): string {
  return text.length <= 2 * characters ? text : text.slice(0, characters) + text.slice(-characters);
}
