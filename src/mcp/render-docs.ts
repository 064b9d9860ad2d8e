import { isJsonObject, type JsonObject, type JsonValue } from '../core/json/json.ts';
import { TOOLS, TOOLS_BY_NAME } from './tools/all.ts';
import type { Tool } from './tools/tool.ts';

const HEAD = `# Tools

What an MCP client sees of Signalbox. This page is generated from \`src/mcp/tools\`; a test keeps it fresh.

Arguments are strict: an unknown name is an error that says which one was meant. Only \`wait_for_previous\`, which
Gemini CLI adds to the calls of all tools, is passed over, and a null is an argument that is not given. A result
carries the same facts twice, as \`structuredContent\` and as text. A call that fails has \`isError\`, a text that
says what was tried, whether and when to retry and what else to do, and \`structuredContent.error { code, message,
hint, retryable, retry_after_ms?, attempts, request_id? }\`; the codes are in [errors.md](errors.md).
`;

const TAIL = `## Resources

| URI | Holds |
|---|---|
| \`signalbox://models\` | what \`list_models\` answers, every model |
| \`signalbox://providers\` | what \`provider_status\` answers |
| \`signalbox://alerts\` | alerts that fire, and the latest notices; can be subscribed to ([alerts.md](alerts.md)) |
| \`signalbox://usage/{period}\` | what \`cost_report\` answers for \`today\`, \`24h\`, \`7d\`, \`30d\`, \`month\` or \`all\`, by model |
`;

/** `docs/tools.md`, from the tools themselves. */
export function renderToolsDoc(): string {
  return [HEAD, ...TOOLS.map(renderTool), TAIL].join('\n');
}

function renderTool(tool: Tool): string {
  const { inputSchema } = tool.name === 'route_preview' ? TOOLS_BY_NAME.complete : tool;
  return [
    `## \`${tool.name}\``,
    '',
    `${tool.title}. ${tool.description}`,
    '',
    hints(tool),
    '',
    ...tool.notes.map((note) => `- ${note}`),
    '',
    '| Argument | Type | |',
    '|---|---|---|',
    ...rows(inputSchema(), ''),
    '',
    '| Result | Type | |',
    '|---|---|---|',
    ...rows(withoutFailure(tool.outputSchema()), ''),
    '',
  ].join('\n');
}

function hints({ annotations }: Tool): string {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  const words = [
    readOnlyHint ? 'read-only' : 'not read-only',
    destructiveHint ? 'destructive' : 'not destructive',
    idempotentHint ? 'idempotent' : 'not idempotent',
    openWorldHint ? 'reaches providers' : 'reaches nobody outside',
  ];
  return `Annotations: ${words.join(', ')}.`;
}

/** The fields of success alone: failures have the same form everywhere. */
function withoutFailure(schema: JsonObject): JsonObject {
  const { error: _, ...properties } = isJsonObject(schema.properties) ? schema.properties : {};
  const [success] = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return { properties, ...(isJsonObject(success) && success) };
}

/** A row a field, the fields of nested objects and lists beneath it. */
function rows(schema: JsonObject, prefix: string): readonly string[] {
  const required: readonly JsonValue[] = Array.isArray(schema.required) ? schema.required : [];
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).flatMap(([name, value]) => {
    if (!isJsonObject(value)) return [];
    const path = `${prefix}${name}`;
    const description = typeof value.description === 'string' ? value.description : '';
    const row = `| \`${path}${required.includes(name) ? '' : '?'}\` | ${typeOf(value)} | ${description} |`;
    const items = isJsonObject(value.items) ? value.items : undefined;
    return [row, ...rows(items ?? value, items === undefined ? `${path}.` : `${path}[].`)];
  });
}

function typeOf(schema: JsonObject): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((choice) => `\`${String(choice)}\``).join(' ');
  if (Array.isArray(schema.anyOf)) {
    return schema.anyOf.map((member) => (isJsonObject(member) ? typeOf(member) : '')).join(' or ');
  }
  if (schema.type === 'array') return `list of ${isJsonObject(schema.items) ? typeOf(schema.items) : 'anything'}`;
  return `${String(schema.type)}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum }: JsonObject): string {
  const low = minimum === undefined ? '' : `from ${minimum}`;
  const high = maximum === undefined ? '' : `to ${maximum}`;
  const bounds = [low, high].filter((bound) => bound !== '').join(' ');
  return bounds === '' ? '' : ` ${bounds}`;
}
