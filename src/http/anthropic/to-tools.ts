import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ChatRequest } from '../../core/request.ts';
import { readCacheControl } from '../request/cache-control.ts';
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

const TOOLS_MAX = 1_000;
/** Source: the Messages API, `tools.name`. */
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

const TOOL_FIELDS = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'cache_control',
  'strict',
  'eager_input_streaming',
  'input_examples',
  'defer_loading',
  'allowed_callers',
]);

type Tools = Pick<ChatRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

export function toTools(tools: JsonValue | undefined, choice: JsonValue | undefined): Tools {
  const names = new Set<string>();
  const definitions = readObjects(tools ?? [], 'tools', { max: TOOLS_MAX }, (tool, field) => {
    const definition = toTool(tool, field);
    if (names.has(definition.name)) {
      throw invalidField(`${field}.name`, `is given twice: "${definition.name}"; every tool needs its own`);
    }
    names.add(definition.name);
    return definition;
  });
  const chosen = choice === undefined ? {} : toToolChoice(choice, names);
  return definitions.length === 0 ? {} : { tools: definitions, ...chosen };
}

function toTool(tool: JsonObject, field: string): ToolDefinition {
  if (tool.type !== undefined && tool.type !== null && tool.type !== 'custom') {
    const type = readText(tool.type, `${field}.type`);
    throw invalidField(
      `${field}.type`,
      `is ${JSON.stringify(type.slice(0, 60))}, a tool that lives at Anthropic`,
      'Describe it as a tool of your own, with name, description and input_schema, and run it in your client.',
    );
  }
  refuseUnknown(tool, TOOL_FIELDS, field);
  const name = readText(tool.name, `${field}.name`);
  if (!TOOL_NAME.test(name)) {
    throw invalidField(`${field}.name`, 'must have 1 to 128 letters, digits, underscores or hyphens');
  }
  if (tool.defer_loading === true) {
    throw invalidField(`${field}.defer_loading`, 'is not supported here', 'Send only the tools the model may use now.');
  }
  const isCalledByCode = Array.isArray(tool.allowed_callers) && tool.allowed_callers.some((each) => each !== 'direct');
  if (isCalledByCode) throw invalidField(`${field}.allowed_callers`, 'may hold "direct" only: code runs at Anthropic');
  const breakpoint = readCacheControl(tool.cache_control, `${field}.cache_control`);
  if (tool.input_schema === undefined) throw invalidField(`${field}.input_schema`, 'is required and must be an object');
  return {
    name,
    ...(tool.description != null && { description: readText(tool.description, `${field}.description`) }),
    inputSchema: readToolSchema(tool.input_schema, `${field}.input_schema`),
    ...(tool.strict != null && readBoolean(tool.strict, `${field}.strict`) && { strict: true }),
    ...(breakpoint && { cacheBreakpoint: breakpoint }),
  };
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
