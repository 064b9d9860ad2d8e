import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import { readCustomTool } from '../openai/shared/custom-tool.ts';
import { addUnsupported } from '../openai/shared/field-rules.ts';
import { readName } from '../openai/shared/read-name.ts';
import { isHostedTool } from '../request/hosted-tools.ts';
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
import { LEAVE_OUT } from '../request/unknown-fields.ts';
import { type CalledTool, toPlainName } from './called-tool.ts';
import type { ResponsesDraft } from './responses-draft.ts';
import { refuseCallers, refuseLater } from './tool-callers.ts';

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
const CUSTOM_FIELDS = new Set(['type', 'name', 'description', 'format', 'async', 'defer_loading', 'allowed_callers']);
const OWN_FUNCTION = 'Offer a function of your own in "tools" and answer its calls.';

type OwnTool = { readonly definition: ToolDefinition; readonly called?: CalledTool; readonly place: string };

export type OwnTools = {
  readonly tools: readonly ToolDefinition[];
  /** By the name that the model knows, the tools that are no plain functions. */
  readonly called: ReadonlyMap<string, CalledTool>;
  /** Those that only their vendor could run. */
  readonly hosted: readonly HostedTool[];
};

type HostedTool = { readonly type: string; readonly place: string };

/** Functions and custom tools of `tools`. An empty list is none: agent frameworks send it with every request. */
export function readTools(value: JsonValue, field: string): OwnTools {
  const tools = new Map<string, ToolDefinition>();
  const calledByName = new Map<string, CalledTool>();
  const hosted: HostedTool[] = [];
  const given = readObjects(value, field, { max: TOOLS_MAX }, (tool, place) => {
    if (tool.type === 'namespace') return readNamespace(tool, place);
    if (!isHostedTool(tool.type)) return [readOwnTool(tool, place)];
    hosted.push({ type: tool.type, place });
    return [];
  });
  for (const { definition, called, place } of given.flat()) {
    const { name } = definition;
    if (tools.has(name)) throw invalidField(`${place}.name`, `is "${name}", the name of an earlier tool`);
    tools.set(name, definition);
    if (called) calledByName.set(name, called);
    if (tools.size > TOOLS_MAX) throw invalidField(field, `must hold at most ${TOOLS_MAX} tools`);
  }
  return { tools: [...tools.values()], called: calledByName, hosted };
}

const NAMESPACE_FIELDS = new Set(['type', 'name', 'description', 'tools']);

/** What is said of the namespace is said to the model once, with its first tool. */
function readNamespace(group: JsonObject, place: string): readonly OwnTool[] {
  refuseUnknown(group, NAMESPACE_FIELDS, place);
  const namespace = readName(group.name, `${place}.name`);
  const about = group.description == null ? '' : readText(group.description, `${place}.description`).trim();
  return readObjects(group.tools, `${place}.tools`, { max: TOOLS_MAX }, readOwnTool).map((tool, index) => {
    const { definition, place: within } = tool;
    const called = { ...(tool.called ?? { name: definition.name }), namespace };
    const words = [index === 0 ? about : '', definition.description ?? ''].filter((text) => text !== '');
    const description = words.length > 0 && { description: words.join('\n\n') };
    return { definition: { ...definition, ...description, name: toPlainName(called) }, called, place: within };
  });
}

function readOwnTool(tool: JsonObject, place: string): OwnTool {
  if (tool.type !== 'custom') return { definition: readFunctionTool(tool, place), place };
  refuseUnknown(tool, CUSTOM_FIELDS, place);
  refuseLater(tool, place);
  refuseCallers(tool.allowed_callers, `${place}.allowed_callers`);
  const definition = readCustomTool(tool, place);
  return { definition, called: { name: definition.name, isCustom: true }, place };
}

function readFunctionTool(tool: JsonObject, place: string): ToolDefinition {
  const type = readText(tool.type, `${place}.type`);
  if (type !== 'function') throw notOwn(type, place);
  refuseUnknown(tool, TOOL_FIELDS, place);
  const { description, parameters, strict } = tool;
  refuseLater(tool, place);
  refuseCallers(tool.allowed_callers, `${place}.allowed_callers`);
  if (tool.output_schema != null) readObject(tool.output_schema, `${place}.output_schema`);
  return {
    name: readName(tool.name, `${place}.name`),
    ...(description != null && { description: readText(description, `${place}.description`) }),
    inputSchema: readToolSchema(parameters, `${place}.parameters`),
    ...(strict != null && readBoolean(strict, `${place}.strict`) && { strict: true }),
  };
}

function notOwn(type: string, place: string, hint = OWN_FUNCTION): Error {
  const fault = `is ${JSON.stringify(type.slice(0, 60))}, but only functions and custom tools can be called here`;
  return invalidField(`${place}.type`, fault, hint);
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
  if (type === 'function' || type === 'custom') {
    refuseUnknown(choice, FUNCTION_CHOICE_FIELDS, field);
    draft.toolChoice = { name: readName(choice.name, `${field}.name`) };
  } else if (type === 'allowed_tools') {
    refuseUnknown(choice, ALLOWED_FIELDS, field);
    draft.toolChoice = readChoice(choice.mode, `${field}.mode`, ['auto', 'required']);
    draft.allowedTools = new Set(readAllowed(choice.tools, `${field}.tools`));
  } else {
    throw notOwn(type, field);
  }
}

function readAllowed(value: JsonValue | undefined, field: string): readonly string[] {
  return readObjects(value, field, { min: 1, max: TOOLS_MAX }, (tool, place) => {
    readChoice(tool.type, `${place}.type`, ['function', 'custom']);
    return readName(tool.name, `${place}.name`);
  });
}

/** The tools of a request, and those that its input adds: the last of a name counts. */
export function settleTools(draft: ResponsesDraft, policy: UnsupportedParameters): void {
  const { declared, added = [] } = draft;
  const all = [...(declared ? [declared] : []), ...added];
  if (all.length === 0) return;
  const tools = new Map<string, ToolDefinition>();
  const calledByName = new Map<string, CalledTool>();
  for (const { tools: own, called } of all) {
    for (const tool of own) {
      const { name } = tool;
      tools.set(name, tool);
      const names = called.get(name);
      if (names) calledByName.set(name, names);
      else calledByName.delete(name);
    }
  }
  if (tools.size > TOOLS_MAX) throw invalidField('input', `must not add more than ${TOOLS_MAX} tools in all`);
  for (const { type, place } of all.flatMap(({ hosted }) => hosted)) {
    if (tools.size === 0) throw notOwn(type, place);
    if (policy === 'reject') throw notOwn(type, place, LEAVE_OUT);
    addUnsupported(draft, place);
  }
  draft.tools = [...tools.values()];
  draft.called = calledByName;
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
