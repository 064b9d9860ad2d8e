import { randomUUID } from 'node:crypto';
import type { Message } from '../../../core/message.ts';

/** For a call whose vendor gave none. Unique in a whole conversation, as Anthropic wants ids to be. */
export function createToolCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}

/**
 * The ids of one answer's calls: some servers give none, or all calls the same, or begin anew with `call_0` in each
 * answer, while clients of Anthropic's API pair results with calls by the id alone.
 */
export class ToolCallIds {
  readonly #before: readonly Message[];
  #taken: Set<string> | undefined;

  /** `before`: the conversation that is answered. */
  constructor(before: readonly Message[] = []) {
    this.#before = before;
  }

  /** The vendor's own where it tells the call apart. */
  take(given: string | undefined): string {
    this.#taken ??= callIdsIn(this.#before);
    const id = given === undefined || given === '' || this.#taken.has(given) ? createToolCallId() : given;
    this.#taken.add(id);
    return id;
  }
}

function callIdsIn(messages: readonly Message[]): Set<string> {
  const ids = new Set<string>();
  for (const { content } of messages) for (const part of content) if (part.type === 'tool-call') ids.add(part.id);
  return ids;
}
