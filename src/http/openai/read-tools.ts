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
import { readName } from './shared/read-name.ts';
import type { RequestDraft } from './shared/request-draft.ts';

const TOOLS_MAX = 128;
const TOOL_FIELDS = new Set(['type', 'function']);
const FUNCTION_FIELDS = new Set(['name', 'description', 'parameters', 'strict']);

/** OpenAI's `tools`: functions with names of their own. */
export function readTools(value: JsonValue, field: string): readonly ToolDefinition[] {
  const names = new Set<string>();
  return readObjects(value, field, { min: 1, max: TOOLS_MAX }, (entry, place) => {
    const tool = readTool(entry, place);
    if (names.has(tool.name)) {
      throw invalidField(`${place}.function.name`, `is "${tool.name}", the name of an earlier tool`);
    }
    names.add(tool.name);
    return tool;
  });
}

function readTool(tool: JsonObject, place: string): ToolDefinition {
  if (tool.type === 'custom') {
    throw invalidField(`${place}.type`, 'must be "function"; custom tools with free text are not supported');
  }
  readChoice(tool.type, `${place}.type`, ['function']);
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
const CHOICE_FIELDS = new Set(['type', 'function']);
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
  const type = readChoice(choice.type, `${field}.type`, ['function', 'allowed_tools']);
  if (type === 'function') {
    refuseUnknown(choice, CHOICE_FIELDS, field);
    const named = readObject(choice.function, `${field}.function`);
    refuseUnknown(named, NAMED_FIELDS, `${field}.function`);
    draft.toolChoice = { name: readName(named.name, `${field}.function.name`) };
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
  readChoice(tool.type, `${place}.type`, ['function']);
  return readName(readObject(tool.function, `${place}.function`).name, `${place}.function.name`);
}
