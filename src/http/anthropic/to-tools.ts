import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ToolChoice } from '../../core/message.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import type { ChatRequest } from '../../core/request.ts';
import { isHostedTool } from '../request/hosted-tools.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readObject,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import { toolsLeftOut } from './left-out.ts';
import { type OfferedTools, TOOLS_MAX } from './offered-tools.ts';
import { readTool } from './read-tool.ts';

/** Anthropic's own search for deferred tools. */
const TOOL_SEARCH = /^tool_search_tool_(?:regex|bm25)(?:_\d+)?$/;
const TOOL_SEARCH_FIELDS = new Set(['type', 'name', 'allowed_callers', 'cache_control', 'defer_loading', 'strict']);

type Tools = Pick<ChatRequest, 'tools' | 'declaredTools' | 'toolChoice' | 'parallelToolCalls'>;

/** `offered`: what the conversation says of tools. */
export function toTools(body: JsonObject, offered: OfferedTools, policy: UnsupportedParameters | undefined): Tools {
  const names = new Set<string>();
  const goesWithoutHosted = toolsLeftOut(body, policy).length > 0;
  let isSearched = false;
  const given = readObjects(body.tools ?? [], 'tools', { max: TOOLS_MAX }, (tool, field) => {
    if (typeof tool.type === 'string' && TOOL_SEARCH.test(tool.type)) {
      refuseUnknown(tool, TOOL_SEARCH_FIELDS, field);
      isSearched = true;
      return [];
    }
    if (goesWithoutHosted && isHostedTool(tool.type)) return [];
    const one = readTool(tool, field);
    const { name } = one.definition;
    if (names.has(name)) {
      throw invalidField(`${field}.name`, `is given twice: "${name}"; every tool needs its own`);
    }
    names.add(name);
    return [one];
  });
  const declared = given.flat();
  const definitions = offered.among(declared, isSearched);
  const mayDefer = !isSearched && !offered.hasChanges && declared.some(({ isDeferred }) => isDeferred);
  const { tool_choice: choice } = body;
  const chosen = choice == null ? {} : toToolChoice(choice, new Set(definitions.map(({ name }) => name)));
  return definitions.length === 0
    ? {}
    : { tools: definitions, ...(mayDefer && { declaredTools: declared }), ...chosen };
}

const CHOICE_FIELDS = new Set(['type', 'name', 'disable_parallel_tool_use']);

function toToolChoice(value: JsonValue, names: ReadonlySet<string>): Pick<Tools, 'toolChoice' | 'parallelToolCalls'> {
  const choice = readObject(value, 'tool_choice');
  refuseUnknown(choice, CHOICE_FIELDS, 'tool_choice');
  const type = readChoice(choice.type, 'tool_choice.type', ['auto', 'any', 'tool', 'none']);
  if (names.size === 0 && (type === 'any' || type === 'tool')) {
    throw invalidField('tool_choice', 'asks for a tool, but "tools" holds none');
  }
  if (type !== 'tool' && choice.name != null) throw invalidField('tool_choice.name', 'goes with the type "tool" only');
  const { disable_parallel_tool_use: isSerial } = choice;
  const parallel = isSerial != null && readBoolean(isSerial, 'tool_choice.disable_parallel_tool_use');
  return {
    toolChoice: type === 'tool' ? { name: readToolName(choice.name, names) } : TOOL_CHOICES[type],
    ...(parallel && { parallelToolCalls: false }),
  };
}

const TOOL_CHOICES = { auto: 'auto', any: 'required', none: 'none' } as const satisfies Record<string, ToolChoice>;

function readToolName(value: JsonValue | undefined, names: ReadonlySet<string>): string {
  const name = readText(value ?? undefined, 'tool_choice.name');
  if (!names.has(name))
    throw invalidField('tool_choice.name', `is ${JSON.stringify(name.slice(0, 60))}, which is none of "tools"`);
  return name;
}
