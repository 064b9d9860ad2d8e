import type { JsonValue } from '../../core/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { readToolName } from '../openai/read-tools.ts';
import { readToolSchema } from '../request/read-tool-schema.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readList,
  readObject,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import type { ResponsesDraft } from './responses-draft.ts';

const TOOLS_MAX = 128;
const TOOL_FIELDS = new Set(['type', 'name', 'description', 'parameters', 'strict', 'async', 'defer_loading']);
const OWN_FUNCTION = 'Offer a function of your own in "tools" and answer its calls.';

/** The functions of `tools`. An empty list is none: agent frameworks send it with every request. */
export function readFunctionTools(value: JsonValue, field: string): readonly ToolDefinition[] {
  const names = new Set<string>();
  return readList(value, field, { max: TOOLS_MAX }).map((entry, index) => {
    const place = `${field}[${index}]`;
    const tool = readFunctionTool(entry, place);
    if (names.has(tool.name)) throw invalidField(`${place}.name`, `is "${tool.name}", the name of an earlier tool`);
    names.add(tool.name);
    return tool;
  });
}

function readFunctionTool(value: JsonValue, place: string): ToolDefinition {
  const tool = readObject(value, place);
  const type = readText(tool.type, `${place}.type`);
  if (type !== 'function') {
    const fault = `is ${JSON.stringify(type.slice(0, 60))}, but only functions can be called here`;
    throw invalidField(`${place}.type`, fault, OWN_FUNCTION);
  }
  refuseUnknown(tool, TOOL_FIELDS, place);
  const { description, parameters, strict } = tool;
  for (const name of ['async', 'defer_loading'] as const) {
    if (tool[name] != null && readBoolean(tool[name], `${place}.${name}`)) {
      throw invalidField(`${place}.${name}`, 'must be false or left out');
    }
  }
  return {
    name: readToolName(tool.name, `${place}.name`),
    ...(description != null && { description: readText(description, `${place}.description`) }),
    inputSchema: readToolSchema(parameters, `${place}.parameters`),
    ...(strict != null && readBoolean(strict, `${place}.strict`) && { strict: true }),
  };
}

const FUNCTION_CHOICE_FIELDS = new Set(['type', 'name']);
const ALLOWED_FIELDS = new Set(['type', 'mode', 'tools']);

/** `tool_choice`; that the functions named exist is checked when all fields are read. */
export function readToolChoice(value: JsonValue, field: string, draft: ResponsesDraft): void {
  if (typeof value === 'string') {
    draft.toolChoice = readChoice(value, field, ['none', 'auto', 'required']);
    return;
  }
  const choice = readObject(value, field);
  const type = readText(choice.type, `${field}.type`);
  if (type === 'function') {
    refuseUnknown(choice, FUNCTION_CHOICE_FIELDS, field);
    draft.toolChoice = { name: readToolName(choice.name, `${field}.name`) };
  } else if (type === 'allowed_tools') {
    refuseUnknown(choice, ALLOWED_FIELDS, field);
    draft.toolChoice = readChoice(choice.mode, `${field}.mode`, ['auto', 'required']);
    draft.allowedTools = new Set(readAllowed(choice.tools, `${field}.tools`));
  } else {
    const fault = `is ${JSON.stringify(type.slice(0, 60))}, but only functions can be called here`;
    throw invalidField(`${field}.type`, fault, OWN_FUNCTION);
  }
}

function readAllowed(value: JsonValue | undefined, field: string): readonly string[] {
  return readList(value, field, { min: 1, max: TOOLS_MAX }).map((entry, index) => {
    const place = `${field}[${index}]`;
    const tool = readObject(entry, place);
    readChoice(tool.type, `${place}.type`, ['function']);
    return readToolName(tool.name, `${place}.name`);
  });
}

/** Refuses a choice of what is not offered, and narrows the tools to the allowed ones. */
export function applyToolChoice(draft: ResponsesDraft): void {
  const { tools = [], toolChoice, allowedTools } = draft;
  const names = new Set(tools.map(({ name }) => name));
  if (tools.length === 0 && toolChoice !== undefined && toolChoice !== 'none' && toolChoice !== 'auto') {
    throw invalidField('tool_choice', 'asks for a call, but there are no "tools"');
  }
  const wanted = typeof toolChoice === 'object' ? [toolChoice.name] : [...(allowedTools ?? [])];
  const missing = wanted.find((name) => !names.has(name));
  if (missing !== undefined) throw invalidField('tool_choice', `names "${missing}", which is not among "tools"`);
  if (allowedTools) draft.tools = tools.filter(({ name }) => allowedTools.has(name));
  if (tools.length === 0) {
    delete draft.tools;
    delete draft.toolChoice;
  }
}
