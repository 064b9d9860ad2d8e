import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json/json.ts';
import type { Message, ResponseFormat } from '../../../core/message.ts';

export type JsonSchemaFormat = Extract<ResponseFormat, { type: 'json-schema' }>;

/**
 * For models that cannot be held to a format: asks for it in words, as a system message of its
 * own after the caller's. The gateway validates the answer and repairs it once.
 */
export function withFormatInstruction(messages: readonly Message[], format: ResponseFormat): readonly Message[] {
  const text =
    format.type === 'json-object'
      ? 'Answer with one JSON object and with nothing else: no explanation, no code fence.'
      : [
          `Answer with one JSON value that fits the JSON Schema "${format.name}" below, and with nothing else:`,
          'no explanation, no code fence.',
          JSON.stringify(format.schema),
        ].join('\n');
  const afterSystem = messages.findLastIndex((message) => message.role === 'system') + 1;
  return [
    ...messages.slice(0, afterSystem),
    { role: 'system', content: [{ type: 'text', text }] },
    ...messages.slice(afterSystem),
  ];
}

/**
 * OpenAI and Groq refuse `json_object` unless a message says the word, in whatever case.
 * Source: platform.openai.com/docs/guides/structured-outputs, "JSON mode".
 */
export function saysJson(messages: readonly Message[]): boolean {
  return messages.some((message) => message.content.some((part) => 'text' in part && /json/i.test(part.text)));
}

/** Keywords that OpenAI refuses in a strict schema, whatever they hold. */
const REFUSED_WHEN_STRICT = new Set([
  ...['allOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas'],
  ...['patternProperties', 'propertyNames', 'minProperties', 'maxProperties', 'unevaluatedProperties'],
  ...['uniqueItems', 'contains', 'minContains', 'maxContains', 'unevaluatedItems'],
]);

/**
 * May the schema be sent as strict? OpenAI and Groq then want every object closed and every
 * property required, know no composition but `anyOf`, and that not at the root
 * (platform.openai.com/docs/guides/structured-outputs), and refuse others.
 */
export function fitsStrictMode(schema: JsonObject): boolean {
  return schema.anyOf === undefined && isStrict(schema);
}

function isStrict(schema: JsonObject): boolean {
  return (
    Object.entries(schema).every(([key, value]) => {
      if (REFUSED_WHEN_STRICT.has(key)) return false;
      if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') return true;
      if (key === 'properties' || key === '$defs' || key === 'definitions') return isJsonObject(value) && allFit(value);
      return isJsonObject(value) ? isStrict(value) : !Array.isArray(value) || value.every(fitsIfSchema);
    }) &&
    (!describesObject(schema) || closesObject(schema))
  );
}

function allFit(schemas: JsonObject): boolean {
  return Object.values(schemas).every(fitsIfSchema);
}

function fitsIfSchema(value: JsonValue): boolean {
  return !isJsonObject(value) || isStrict(value);
}

function describesObject({ type, properties }: JsonObject): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;
}

function closesObject({ additionalProperties, properties, required }: JsonObject): boolean {
  if (additionalProperties !== false) return false;
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  return names.every((name) => Array.isArray(required) && required.includes(name));
}

/** A schema's name within what vendors take: letters, digits, `_`, `-`, at most 64. */
export function schemaName({ name }: JsonSchemaFormat): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'answer';
}
