import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { readCustomTool } from '../openai/shared/custom-tool.ts';
import { readName } from '../openai/shared/read-name.ts';
import { readToolSchema } from '../request/read-tool-schema.ts';
import { invalidField, readBoolean, readObject, readObjects, readText, refuseUnknown } from '../request/read-value.ts';
import { type CalledTool, toPlainName } from './called-tool.ts';
import { refuseCallers, refuseLater } from './tool-callers.ts';

/** So many there may be in all, with those that the model does not know yet. */
export const DECLARED_MAX = 1_000;

const COMMON_FIELDS = ['type', 'name', 'description', 'async', 'defer_loading', 'allowed_callers'];
const FUNCTION_FIELDS = new Set([...COMMON_FIELDS, 'parameters', 'strict', 'output_schema']);
const CUSTOM_FIELDS = new Set([...COMMON_FIELDS, 'format']);
const NAMESPACE_FIELDS = new Set(['type', 'name', 'description', 'tools']);
const OWN_FUNCTION = 'Offer a function of your own in "tools" and answer its calls.';

/** A tool that the client runs. */
export type OwnTool = {
  readonly definition: ToolDefinition;
  /** Of one that is no plain function. */
  readonly called?: CalledTool;
  readonly place: string;
  /** The model is to hear of it when a search has found it. */
  readonly isDeferred: boolean;
  /** A search of the client found it, and its output says so to the model. */
  readonly isFound?: true;
};

/** A function, or a custom tool. */
export function readOwnTool(tool: JsonObject, place: string): OwnTool {
  const type = readText(tool.type, `${place}.type`);
  if (type !== 'function' && type !== 'custom') throw notOwn(type, place);
  refuseUnknown(tool, type === 'custom' ? CUSTOM_FIELDS : FUNCTION_FIELDS, place);
  refuseLater(tool.async, `${place}.async`);
  refuseCallers(tool.allowed_callers, `${place}.allowed_callers`);
  const isDeferred = tool.defer_loading != null && readBoolean(tool.defer_loading, `${place}.defer_loading`);
  if (type === 'function') return { definition: readFunction(tool, place), place, isDeferred };
  const definition = readCustomTool(tool, place);
  return { definition, called: { name: definition.name, kind: 'custom' }, place, isDeferred };
}

function readFunction(tool: JsonObject, place: string): ToolDefinition {
  const { description, parameters, strict } = tool;
  if (tool.output_schema != null) readObject(tool.output_schema, `${place}.output_schema`);
  return {
    name: readName(tool.name, `${place}.name`),
    ...(description != null && { description: readText(description, `${place}.description`) }),
    inputSchema: readToolSchema(parameters, `${place}.parameters`),
    ...(strict != null && readBoolean(strict, `${place}.strict`) && { strict: true }),
  };
}

/** What is said of the namespace is said to the model once, with its first tool. */
export function readNamespace(group: JsonObject, place: string): readonly OwnTool[] {
  refuseUnknown(group, NAMESPACE_FIELDS, place);
  const namespace = readName(group.name, `${place}.name`);
  const about = group.description == null ? '' : readText(group.description, `${place}.description`).trim();
  return readObjects(group.tools, `${place}.tools`, { max: DECLARED_MAX }, readOwnTool).map((tool, index) => {
    const { definition } = tool;
    const called = { ...(tool.called ?? { name: definition.name }), namespace };
    const words = [index === 0 ? about : '', definition.description ?? ''].filter((text) => text !== '');
    const description = words.length > 0 && { description: words.join('\n\n') };
    return { ...tool, definition: { ...definition, ...description, name: toPlainName(called) }, called };
  });
}

/** Refuses a tool that no client runs. */
export function notOwn(type: JsonValue, place: string, hint = OWN_FUNCTION): Error {
  const fault = `is ${JSON.stringify(String(type).slice(0, 60))}, but only functions and custom tools can be called here`;
  return invalidField(`${place}.type`, fault, hint);
}
