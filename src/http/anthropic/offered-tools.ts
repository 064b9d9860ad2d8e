import { offerOf } from '../../core/content/tool-offer.ts';
import type { JsonObject } from '../../core/json/json.ts';
import type { DeclaredTool, TextPart, ToolDefinition } from '../../core/message.ts';
import { readCacheControl } from '../request/cache-control.ts';
import { invalidField, readChoice, readObject, readText, refuseUnknown } from '../request/read-value.ts';
import { readTool } from './read-tool.ts';

const REFERENCE_FIELDS = new Set(['type', 'tool_name', 'cache_control']);
const CHANGE_FIELDS = new Set(['type', 'tool', 'cache_control']);
const TOOL_FIELDS = {
  tool_reference: new Set(['type', 'name']),
  tool_definition: new Set(['type', 'definition']),
};
const REMOVED_TYPES = ['tool_reference'] as const;
const ADDED_TYPES = ['tool_reference', 'tool_definition'] as const;
/** Of a request, wherever they are defined. */
export const TOOLS_MAX = 1_000;

/**
 * Which tools the model may call by now. A deferred one it may from where a result of a tool search refers to it, or a system
 * message adds it; each until a system message removes it. No vendor is told of the others.
 */
export class OfferedTools {
  /** What was said last of each name, and where. */
  readonly #said = new Map<string, { readonly isOffered: boolean; readonly field: string }>();
  /** By name: the last definition counts. */
  readonly #defined = new Map<string, DeclaredTool>();
  #hasChanges = false;

  /** Did anything but a search change what is offered? */
  get hasChanges(): boolean {
    return this.#hasChanges;
  }

  /** A `tool_reference` in the result of a tool. The model is told in words: no other vendor has such a block. */
  readReference(block: JsonObject, field: string): TextPart {
    refuseUnknown(block, REFERENCE_FIELDS, field);
    const cacheBreakpoint = readCacheControl(block.cache_control, `${field}.cache_control`);
    const name = readText(block.tool_name, `${field}.tool_name`);
    this.#said.set(name, { isOffered: true, field: `${field}.tool_name` });
    return { type: 'text', text: offerOf(name), ...(cacheBreakpoint && { cacheBreakpoint }) };
  }

  /** A `tool_addition` or `tool_removal` in a system message. */
  readChange(block: JsonObject, field: string): void {
    refuseUnknown(block, CHANGE_FIELDS, field);
    this.#hasChanges = true;
    readCacheControl(block.cache_control, `${field}.cache_control`);
    const place = `${field}.tool`;
    const tool = readObject(block.tool, place);
    const isOffered = block.type === 'tool_addition';
    const type = readChoice(tool.type, `${place}.type`, isOffered ? ADDED_TYPES : REMOVED_TYPES);
    refuseUnknown(tool, TOOL_FIELDS[type], place);
    if (type === 'tool_definition') {
      const declared = readTool(readObject(tool.definition, `${place}.definition`), `${place}.definition`);
      const { name } = declared.definition;
      this.#defined.set(name, declared);
      if (this.#defined.size > TOOLS_MAX) throw tooMany(place);
      this.#said.set(name, { isOffered, field: `${place}.definition.name` });
    } else this.#said.set(readText(tool.name, `${place}.name`), { isOffered, field: `${place}.name` });
  }

  /**
   * Those of a request that are offered at the end of its conversation. Where Anthropic itself would search (`isSearched`), deferred ones are too:
   * nothing is left to find then.
   */
  among(declared: readonly DeclaredTool[], isSearched: boolean): readonly ToolDefinition[] {
    const byName = new Map([...declared.map((tool) => [tool.definition.name, tool] as const), ...this.#defined]);
    if (byName.size > TOOLS_MAX) throw tooMany('messages');
    for (const [name, { field }] of this.#said) {
      if (!byName.has(name))
        throw invalidField(field, `is ${JSON.stringify(name.slice(0, 60))}, which is none of "tools"`);
    }
    return [...byName.values()].flatMap(({ definition, isDeferred }) =>
      (this.#said.get(definition.name)?.isOffered ?? (isSearched || !isDeferred)) ? [definition] : [],
    );
  }
}

function tooMany(field: string): Error {
  return invalidField(field, `must not add more than ${TOOLS_MAX.toLocaleString('en-US')} tools in all`);
}
