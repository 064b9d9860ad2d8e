import type { JsonObject } from '../../core/json/json.ts';
import type { DeclaredTool, ToolDefinition } from '../../core/message.ts';
import { readCacheControl } from '../request/cache-control.ts';
import { readToolSchema } from '../request/read-tool-schema.ts';
import { invalidField, readBoolean, readText, refuseUnknown } from '../request/read-value.ts';

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

/** One of a request's `tools`. */
export function readTool(tool: JsonObject, field: string): DeclaredTool {
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
  const isCalledByCode = Array.isArray(tool.allowed_callers) && tool.allowed_callers.some((each) => each !== 'direct');
  if (isCalledByCode) throw invalidField(`${field}.allowed_callers`, 'may hold "direct" only: code runs at Anthropic');
  const breakpoint = readCacheControl(tool.cache_control, `${field}.cache_control`);
  if (tool.input_schema === undefined) throw invalidField(`${field}.input_schema`, 'is required and must be an object');
  const definition: ToolDefinition = {
    name,
    ...(tool.description != null && { description: readText(tool.description, `${field}.description`) }),
    inputSchema: readToolSchema(tool.input_schema, `${field}.input_schema`),
    ...(tool.strict != null && readBoolean(tool.strict, `${field}.strict`) && { strict: true }),
    ...(breakpoint && { cacheBreakpoint: breakpoint }),
  };
  const isDeferred = tool.defer_loading != null && readBoolean(tool.defer_loading, `${field}.defer_loading`);
  return { definition, isDeferred };
}
