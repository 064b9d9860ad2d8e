import type { Message } from '../core/message.ts';

/** The user turn that a conversation is in. */
export type Turn = {
  /** The place of the message it begins with. */
  readonly at: number;
  /** Tools have answered since: the request is a step of its tool loop. */
  readonly isUnderWay: boolean;
};

/**
 * A turn begins where the user speaks. What a client says in the user's name directly after the results of tools, a
 * reminder or a correction, belongs to the turn that the tools work for. Undefined where no user speaks.
 */
export function findTurn(messages: readonly Message[]): Turn | undefined {
  let isUnderWay = false;
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const { role } = messages[at] as Message;
    if (role === 'tool') isUnderWay = true;
    if (role !== 'user') continue;
    let first = at;
    while (messages[first - 1]?.role === 'user') first -= 1;
    if (messages[first - 1]?.role !== 'tool') return { at, isUnderWay };
    at = first;
  }
  return undefined;
}
