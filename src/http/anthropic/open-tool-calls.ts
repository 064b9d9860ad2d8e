import type { ToolCallPart } from '../../core/message.ts';
import { invalidField } from '../request/read-value.ts';

/**
 * The tool calls of the last assistant message that have no result yet. Vendors refuse a call without
 * its result and a result without its call, most of them without saying which.
 */
export class OpenToolCalls {
  readonly #open = new Map<string, { readonly name: string; readonly field: string }>();

  add(call: ToolCallPart, field: string): void {
    if (this.#open.has(call.id)) {
      throw invalidField(`${field}.id`, 'is the id of another call in this message; every call needs its own');
    }
    this.#open.set(call.id, { name: call.name, field });
  }

  /** The name of the tool that was called; the call has its result now. */
  answer(id: string, field: string): string {
    const call = this.#open.get(id);
    if (call === undefined) {
      throw invalidField(
        `${field}.tool_use_id`,
        'names no tool call of the assistant message right before, or one that has its result already',
      );
    }
    this.#open.delete(id);
    return call.name;
  }

  requireAnswered(): void {
    for (const { field } of this.#open.values()) {
      throw invalidField(field, 'calls a tool, and no tool_result follows at the start of the next message');
    }
  }
}
