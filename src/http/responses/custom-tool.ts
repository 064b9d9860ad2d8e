import { type JsonObject, type JsonValue, parseJsonObject } from '../../core/json/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { readName } from '../openai/shared/read-name.ts';
import { readChoice, readObject, readText, refuseUnknown } from '../request/read-value.ts';
import { refuseCallers, refuseLater } from './tool-callers.ts';

const FIELDS = new Set(['type', 'name', 'description', 'format', 'async', 'defer_loading', 'allowed_callers']);
const FORMAT_FIELDS = {
  text: new Set(['type']),
  grammar: new Set(['type', 'syntax', 'definition']),
};

/**
 * A tool that takes free text. To models it is a function with one text: no other wire has such a tool. A grammar is said in words, which
 * most models keep to, and the client checks what it gets, as it does at OpenAI.
 */
export function readCustomTool(tool: JsonObject, place: string): ToolDefinition {
  refuseUnknown(tool, FIELDS, place);
  refuseLater(tool, place);
  refuseCallers(tool.allowed_callers, `${place}.allowed_callers`);
  const description = tool.description == null ? '' : readText(tool.description, `${place}.description`);
  const format = readFormat(tool.format ?? undefined, `${place}.format`);
  return {
    name: readName(tool.name, `${place}.name`),
    ...(description !== '' && { description }),
    inputSchema: {
      type: 'object',
      properties: { input: { type: 'string', description: `The whole input, as plain text.${format}` } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

function readFormat(value: JsonValue | undefined, place: string): string {
  if (value === undefined) return '';
  const format = readObject(value, place);
  const type = readChoice(format.type, `${place}.type`, ['text', 'grammar']);
  refuseUnknown(format, FORMAT_FIELDS[type], place);
  if (type === 'text') return '';
  const syntax = readChoice(format.syntax, `${place}.syntax`, ['lark', 'regex']);
  const definition = readText(format.definition, `${place}.definition`);
  const kind = syntax === 'lark' ? 'Lark grammar' : 'regular expression';
  return ` It must match this ${kind}:\n${definition}`;
}

/** What the model is shown of a call of such a tool. */
export function fromCustomInput(input: string): string {
  return JSON.stringify({ input });
}

/** The text that the model meant: some name it otherwise, or write it without JSON around it. */
export function toCustomInput(argumentsJson: string): string {
  const given = parseJsonObject(argumentsJson);
  if (!given) return argumentsJson;
  if (typeof given.input === 'string') return given.input;
  const [only = '', ...others] = Object.values(given);
  return typeof only === 'string' && others.length === 0 ? only : argumentsJson;
}
