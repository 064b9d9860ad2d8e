import { randomUUID } from 'node:crypto';

/** For a call whose vendor gave none. Unique in a whole conversation, as Anthropic wants ids to be. */
export function createToolCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}
