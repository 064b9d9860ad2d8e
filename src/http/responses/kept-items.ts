import type { Completion } from '../../core/completion.ts';
import { isJsonObject, type JsonObject } from '../../core/json/json.ts';
import { toCarriedState } from '../carried-state.ts';
import { joinedContent } from '../reply/joined-content.ts';

const ITEMS_MAX = 10_000;
const CHARACTERS_MAX = 32 * 1_048_576;

/**
 * The items of recent answers, for clients that name them in the next turn instead of sending them back
 * (`item_reference`, what Vercel's AI SDK does unless it is told not to). In memory only and bounded: the
 * eldest goes first, and a reference to what is gone is refused by name. Each tenant has its own.
 */
export class KeptItems {
  readonly #items = new Map<string, { readonly item: JsonObject; readonly characters: number }>();
  #characters = 0;

  keep(tenant: string, output: readonly JsonObject[], completion?: Pick<Completion, 'content'>): void {
    for (const item of completion ? withStates(output, completion) : output) {
      const entry = { item, characters: JSON.stringify(item).length };
      this.#items.set(keyOf(tenant, item.id), entry);
      this.#characters += entry.characters;
    }
    for (const [key, { characters }] of this.#items) {
      if (this.#items.size <= ITEMS_MAX && this.#characters <= CHARACTERS_MAX) return;
      this.#items.delete(key);
      this.#characters -= characters;
    }
  }

  /** The body with the items themselves where it refers to ones that are kept. */
  resolve(tenant: string, body: JsonObject): JsonObject {
    const { input } = body;
    if (!Array.isArray(input)) return body;
    const resolved = input.map((entry) => {
      const kept = isJsonObject(entry) && isReference(entry) ? this.#items.get(keyOf(tenant, entry.id)) : undefined;
      return kept?.item ?? entry;
    });
    return { ...body, input: resolved };
  }
}

/** Its type may be left out: an id alone refers to what has it. Source: `ItemReference` of the official client. */
export function isReference({ type, id, ...more }: JsonObject): boolean {
  return type === 'item_reference' || (type == null && typeof id === 'string' && Object.keys(more).length === 0);
}

function keyOf(tenant: string, id: unknown): string {
  return JSON.stringify([tenant, id]);
}

/**
 * The items with the state of their reasoning, which the answer holds for those only who asked for it: a reference may
 * be to any. Signed thoughts go back all or none, so one that is no item, as nothing of it may be shown, leaves them out.
 */
function withStates(output: readonly JsonObject[], { content }: Pick<Completion, 'content'>): readonly JsonObject[] {
  const thoughts = joinedContent(content).filter((part) => part.type === 'reasoning');
  if (thoughts.length !== output.filter(isReasoning).length) return output;
  let index = 0;
  return output.map((item) => {
    const state = isReasoning(item) ? thoughts[index++]?.vendorState : undefined;
    const carried = state && toCarriedState(state);
    return carried === undefined ? item : { ...item, encrypted_content: carried };
  });
}

function isReasoning({ type }: JsonObject): boolean {
  return type === 'reasoning';
}
