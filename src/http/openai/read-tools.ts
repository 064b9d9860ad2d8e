import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { readToolSchema } from '../request/read-tool-schema.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readObject,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import { readCustomTool } from './shared/custom-tool.ts';
import { readName } from './shared/read-name.ts';
import type { RequestDraft } from './shared/request-draft.ts';

const TOOLS_MAX = 128;
const TOOL_FIELDS = new Set(['type', 'function']);
const FUNCTION_FIELDS = new Set(['name', 'description', 'parameters', 'strict']);
const CUSTOM_TOOL_FIELDS = new Set(['type', 'custom']);
const CUSTOM_FIELDS = new Set(['name', 'description', 'format']);
const TYPES = ['function', 'custom'] as const;

type ChatTools = { readonly tools: readonly ToolDefinition[]; readonly customTools: ReadonlySet<string> };

/** OpenAI's `tools`: functions and custom tools with names of their own. */
export function readTools(value: JsonValue, field: string): ChatTools {
  const names = new Set<string>();
  const customTools = new Set<string>();
  const tools = readObjects(value, field, { min: 1, max: TOOLS_MAX }, (entry, place) => {
    const type = readChoice(entry.type, `${place}.type`, TYPES);
    const tool = type === 'custom' ? readCustom(entry, place) : readFunction(entry, place);
    const { name } = tool;
    if (names.has(name)) throw invalidField(`${place}.${type}.name`, `is "${name}", the name of an earlier tool`);
    names.add(name);
    if (type === 'custom') customTools.add(name);
    return tool;
  });
  return { tools, customTools };
}

function readCustom(tool: JsonObject, place: string): ToolDefinition {
  refuseUnknown(tool, CUSTOM_TOOL_FIELDS, place);
  const custom = readObject(tool.custom, `${place}.custom`);
  refuseUnknown(custom, CUSTOM_FIELDS, `${place}.custom`);
  return readCustomTool(custom, `${place}.custom`);
}

function readFunction(tool: JsonObject, place: string): ToolDefinition {
  refuseUnknown(tool, TOOL_FIELDS, place);
  const within = `${place}.function`;
  const definition = readObject(tool.function, within);
  refuseUnknown(definition, FUNCTION_FIELDS, within);
  const { description, parameters, strict } = definition;
  return {
    name: readName(definition.name, `${within}.name`),
    ...(description != null && { description: readText(description, `${within}.description`) }),
    inputSchema: readToolSchema(parameters, `${within}.parameters`),
    ...(strict != null && readBoolean(strict, `${within}.strict`) && { strict: true }),
  };
}

const MODES = ['none', 'auto', 'required'] as const;
const CHOICE_FIELDS = { function: TOOL_FIELDS, custom: CUSTOM_TOOL_FIELDS };
const NAMED_FIELDS = new Set(['name']);
const ALLOWED_CHOICE_FIELDS = new Set(['type', 'allowed_tools']);
const ALLOWED_FIELDS = new Set(['mode', 'tools']);

/** OpenAI's `tool_choice`; whether the functions named exist is checked where the tools are known. */
export function readToolChoice(value: JsonValue, field: string, draft: RequestDraft): void {
  if (typeof value === 'string') {
    draft.toolChoice = readChoice(value, field, MODES);
    return;
  }
  const choice = readObject(value, field);
  const type = readChoice(choice.type, `${field}.type`, [...TYPES, 'allowed_tools']);
  if (type !== 'allowed_tools') {
    refuseUnknown(choice, CHOICE_FIELDS[type], field);
    const named = readObject(choice[type], `${field}.${type}`);
    refuseUnknown(named, NAMED_FIELDS, `${field}.${type}`);
    draft.toolChoice = { name: readName(named.name, `${field}.${type}.name`) };
    return;
  }
  refuseUnknown(choice, ALLOWED_CHOICE_FIELDS, field);
  const within = `${field}.allowed_tools`;
  const allowed = readObject(choice.allowed_tools, within);
  refuseUnknown(allowed, ALLOWED_FIELDS, within);
  draft.toolChoice = readChoice(allowed.mode, `${within}.mode`, ['auto', 'required']);
  draft.allowedTools = new Set(readObjects(allowed.tools, `${within}.tools`, { min: 1, max: TOOLS_MAX }, readAllowed));
}

/** Whoever repeats more of the tool than its name says nothing new. */
function readAllowed(tool: JsonObject, place: string): string {
  const type = readChoice(tool.type, `${place}.type`, TYPES);
  return readName(readObject(tool[type], `${place}.${type}`).name, `${place}.${type}.name`);
}
