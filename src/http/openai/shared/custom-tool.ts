import { type JsonObject, type JsonValue, parseJsonObject } from '../../../core/json/json.ts';
import type { ToolDefinition } from '../../../core/message.ts';
import { readChoice, readObject, readText, refuseUnknown } from '../../request/read-value.ts';
import { readName } from './read-name.ts';

const TEXT_FIELDS = new Set(['type']);
const GRAMMAR_FIELDS = new Set(['type', 'syntax', 'definition']);

/**
 * A tool that takes free text. To models it is a function with one text: no other wire has such a tool. A grammar is said in words, which
 * most models keep to, and the client checks what it gets, as it does at OpenAI.
 */
export function readCustomTool({ name, description, format }: JsonObject, place: string): ToolDefinition {
  const grammar = format == null ? '' : readFormat(format, `${place}.format`);
  return {
    name: readName(name, `${place}.name`),
    ...(description != null && { description: readText(description, `${place}.description`) }),
    inputSchema: {
      type: 'object',
      properties: { input: { type: 'string', description: `The whole input, as plain text.${grammar}` } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

/** Chat completions put the grammar into an object of its own. */
function readFormat(value: JsonValue, place: string): string {
  const format = readObject(value, place);
  const type = readChoice(format.type, `${place}.type`, ['text', 'grammar']);
  if (type === 'text') {
    refuseUnknown(format, TEXT_FIELDS, place);
    return '';
  }
  const { grammar: nested, ...flat } = format;
  const [grammar, within] =
    nested == null ? [flat, place] : [{ ...flat, ...readObject(nested, `${place}.grammar`) }, `${place}.grammar`];
  refuseUnknown(grammar, GRAMMAR_FIELDS, within);
  const syntax = readChoice(grammar.syntax, `${within}.syntax`, ['lark', 'regex']);
  const definition = readText(grammar.definition, `${within}.definition`);
  return ` It must match this ${syntax === 'lark' ? 'Lark grammar' : 'regular expression'}:\n${definition}`;
}

/** What the model is shown of a call of such a tool. */
export function fromCustomInput(input: string): string {
  return JSON.stringify({ input });
}

/** What stands before the text in the arguments that were asked for. */
const HEAD = '{"input":';

/** Arguments that a limit cut before their text, within it, within an escape in it, or behind it. */
function parseCut(argumentsJson: string): JsonObject | undefined {
  if (HEAD.startsWith(argumentsJson.replace(/\s/g, ''))) return {};
  const uncut = argumentsJson.replace(/\\(?:u[\da-f]{0,3})?$/i, '');
  return parseJsonObject(`${argumentsJson}"}`) ?? parseJsonObject(`${uncut}"}`) ?? parseJsonObject(`${argumentsJson}}`);
}

/** The text that the model meant: some name it otherwise, or write it without JSON around it. */
export function toCustomInput(argumentsJson: string): string {
  const text = textIn(argumentsJson);
  // Half a character, of one that was cut, is left out: a body that brings it back is refused, and with it each turn from then on.
  return text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '');
}

function textIn(argumentsJson: string): string {
  const given = parseJsonObject(argumentsJson) ?? parseCut(argumentsJson);
  if (!given) return argumentsJson;
  if (typeof given.input === 'string') return given.input;
  const [only = '', ...others] = Object.values(given);
  return typeof only === 'string' && others.length === 0 ? only : argumentsJson;
}
