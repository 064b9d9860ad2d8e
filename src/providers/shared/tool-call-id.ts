import { randomUUID } from 'node:crypto';

/** For a call whose vendor gave none. Unique in a whole conversation, as Anthropic wants ids to be. */
export function createToolCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}

/** The ids of one answer's calls: some servers give none, or all calls the same. */
export class ToolCallIds {
  readonly #taken = new Set<string>();

  /** The vendor's own where it tells the call apart. */
  take(given: string | undefined): string {
    const id = given === undefined || given === '' || this.#taken.has(given) ? createToolCallId() : given;
    this.#taken.add(id);
    return id;
  }
}
