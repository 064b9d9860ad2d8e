import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { readName } from '../openai/shared/read-name.ts';
import { readToolSchema } from '../request/read-tool-schema.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readList,
  readObject,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import { type NamespacedName, toPlainName } from './namespaced-name.ts';
import type { ResponsesDraft } from './responses-draft.ts';

const TOOLS_MAX = 128;
const TOOL_FIELDS = new Set([
  'type',
  'name',
  'description',
  'parameters',
  'strict',
  'async',
  'defer_loading',
  'allowed_callers',
  'output_schema',
]);
/** There are two kinds of callers: the model, and code that it runs at OpenAI. */
const CALLERS_MAX = 2;
const OWN_FUNCTION = 'Offer a function of your own in "tools" and answer its calls.';

type FunctionTools = {
  readonly tools: readonly ToolDefinition[];
  /** By the name that the model knows, what the client calls those of a namespace. */
  readonly namespaced: ReadonlyMap<string, NamespacedName>;
};

/** The functions of `tools`. An empty list is none: agent frameworks send it with every request. */
export function readFunctionTools(value: JsonValue, field: string): FunctionTools {
  const tools = new Map<string, ToolDefinition>();
  const namespaced = new Map<string, NamespacedName>();
  const add = (tool: ToolDefinition, place: string): void => {
    if (tools.has(tool.name)) throw invalidField(`${place}.name`, `is "${tool.name}", the name of an earlier tool`);
    tools.set(tool.name, tool);
    if (tools.size > TOOLS_MAX) throw invalidField(field, `must hold at most ${TOOLS_MAX} functions`);
  };
  readObjects(value, field, { max: TOOLS_MAX }, (tool, place) => {
    if (tool.type !== 'namespace') return add(readFunctionTool(tool, place), place);
    for (const { definition, called, place: within } of readNamespace(tool, place)) {
      add(definition, within);
      namespaced.set(definition.name, called);
    }
  });
  return { tools: [...tools.values()], namespaced };
}

const NAMESPACE_FIELDS = new Set(['type', 'name', 'description', 'tools']);

type NamespacedTool = { readonly definition: ToolDefinition; readonly called: NamespacedName; readonly place: string };

/** What is said of the namespace is said to the model once, with its first function. */
function readNamespace(group: JsonObject, place: string): readonly NamespacedTool[] {
  refuseUnknown(group, NAMESPACE_FIELDS, place);
  const namespace = readName(group.name, `${place}.name`);
  const about = group.description == null ? '' : readText(group.description, `${place}.description`).trim();
  return readList(group.tools, `${place}.tools`, { max: TOOLS_MAX }).map((entry, index) => {
    const within = `${place}.tools[${index}]`;
    const tool = readFunctionTool(readObject(entry, within), within);
    const called = { namespace, name: tool.name };
    const words = [index === 0 ? about : '', tool.description ?? ''].filter((text) => text !== '');
    const description = words.length > 0 && { description: words.join('\n\n') };
    return { definition: { ...tool, ...description, name: toPlainName(called) }, called, place: within };
  });
}

function readFunctionTool(tool: JsonObject, place: string): ToolDefinition {
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
  if (tool.allowed_callers != null) {
    readList(tool.allowed_callers, `${place}.allowed_callers`, { max: CALLERS_MAX }).forEach((caller, index) => {
      readChoice(caller, `${place}.allowed_callers[${index}]`, ['direct']);
    });
  }
  if (tool.output_schema != null) readObject(tool.output_schema, `${place}.output_schema`);
  return {
    name: readName(tool.name, `${place}.name`),
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
    draft.toolChoice = { name: readName(choice.name, `${field}.name`) };
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
  return readObjects(value, field, { min: 1, max: TOOLS_MAX }, (tool, place) => {
    readChoice(tool.type, `${place}.type`, ['function']);
    return readName(tool.name, `${place}.name`);
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
