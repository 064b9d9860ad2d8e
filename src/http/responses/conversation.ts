import { addAll } from '../../core/collections/add-all.ts';
import type { MediaPart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../core/message.ts';
import { invalidField } from '../request/read-value.ts';

type Mutable<Type extends Message['role']> = {
  readonly role: Type;
  readonly content: Extract<Message, { role: Type }>['content'][number][];
};

/**
 * Turns from single items. Every function call has to be followed by its output, with nothing but other
 * calls, outputs and the assistant's own words in between: most vendors refuse anything else without
 * saying why. What the system says in between, as Codex lets it, is heard after the outputs. Methods throw `invalid_request` naming the item.
 */
export class Conversation {
  readonly #messages: Message[] = [];
  /** Calls without an output yet: where they stand and what they call. */
  readonly #openCalls = new Map<string, { readonly place: string; readonly name: string }>();
  readonly #answered = new Set<string>();
  /** What the system said while outputs were missing. */
  #waiting: Message[] = [];
  #assistant: Mutable<'assistant'> | undefined;
  #tool: Mutable<'tool'> | undefined;

  /** Blank ones say nothing and are left out. */
  addSystem(content: readonly TextPart[]): void {
    if (this.#openCalls.size === 0) this.#startTurn();
    if (content.every(({ text }) => text.trim() === '')) return;
    (this.#openCalls.size > 0 ? this.#waiting : this.#messages).push({ role: 'system', content });
  }

  addUser(content: readonly (TextPart | MediaPart)[]): void {
    this.#startTurn();
    this.#messages.push({ role: 'user', content });
  }

  addAssistant(content: readonly (TextPart | ReasoningPart)[]): void {
    addAll(this.#assistantTurn().content, content);
  }

  addCall(call: ToolCallPart, place: string): void {
    const { content } = this.#assistantTurn();
    if (this.#openCalls.has(call.id)) {
      throw invalidField(`${place}.call_id`, 'is the id of another call of this turn', 'Give every call its own id.');
    }
    content.push(call);
    this.#openCalls.set(call.id, { place, name: call.name });
  }

  addResult(id: string, result: Pick<ToolResultPart, 'text' | 'media'>, place: string): void {
    const call = this.#openCalls.get(id);
    if (!call) {
      const fault = this.#answered.has(id)
        ? 'is the id of a call that has its output'
        : 'is the id of no call before it';
      throw invalidField(`${place}.call_id`, fault, 'Put each output once, after its function_call.');
    }
    this.#openCalls.delete(id);
    this.#answered.add(id);
    this.#assistant = undefined;
    if (!this.#tool) {
      this.#tool = { role: 'tool', content: [] };
      this.#messages.push(this.#tool);
    }
    this.#tool.content.push({ type: 'tool-result', toolCallId: id, toolName: call.name, ...result });
  }

  /** All messages, without what says nothing. */
  end(): readonly Message[] {
    this.#startTurn();
    return this.#messages.flatMap((message, index) =>
      message.role === 'assistant' ? settled(message.content, index < this.#messages.length - 1) : message,
    );
  }

  #startTurn(): void {
    this.#refuseOpenCalls();
    this.#assistant = undefined;
    this.#tool = undefined;
    addAll(this.#messages, this.#waiting);
    this.#waiting = [];
  }

  #assistantTurn(): Mutable<'assistant'> {
    if (this.#assistant) return this.#assistant;
    this.#startTurn();
    this.#assistant = { role: 'assistant', content: [] };
    this.#messages.push(this.#assistant);
    return this.#assistant;
  }

  #refuseOpenCalls(): void {
    for (const { place } of this.#openCalls.values()) {
      const hint = 'Put a function_call_output with its call_id after it, before the next message.';
      throw invalidField(place, 'is a function call whose output is missing', hint);
    }
  }
}

/**
 * Reasoning alone is no turn to any vendor. An answer without a word is one where the talk goes on: the templates of some
 * models refuse two questions in a row.
 */
function settled(content: readonly Mutable<'assistant'>['content'][number][], goesOn: boolean): readonly Message[] {
  const said = content.filter((part) => part.type !== 'text' || part.text !== '');
  if (said.some((part) => part.type !== 'reasoning')) return [{ role: 'assistant', content: said }];
  const wordless = content.find((part) => part.type === 'text');
  return goesOn && wordless ? [{ role: 'assistant', content: [wordless] }] : [];
}
