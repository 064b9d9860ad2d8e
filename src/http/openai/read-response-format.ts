import type { JsonValue } from '../../core/json.ts';
import type { ResponseFormat } from '../../core/message.ts';
import { invalidField, readBoolean, readChoice, readObject, readText, refuseUnknown } from '../request/read-value.ts';

const PLAIN_FIELDS = new Set(['type']);
const SCHEMA_FORMAT_FIELDS = new Set(['type', 'json_schema']);
const SCHEMA_FIELDS = new Set(['name', 'description', 'schema', 'strict']);

/** OpenAI's `response_format`; undefined for plain text. The gateway checks the schema and the answer. */
export function readResponseFormat(value: JsonValue, field: string): ResponseFormat | undefined {
  const format = readObject(value, field);
  const type = readChoice(format.type, `${field}.type`, ['text', 'json_object', 'json_schema']);
  if (type !== 'json_schema') {
    refuseUnknown(format, PLAIN_FIELDS, field);
    return type === 'text' ? undefined : { type: 'json-object' };
  }
  refuseUnknown(format, SCHEMA_FORMAT_FIELDS, field);
  return readJsonSchemaFormat(format.json_schema, `${field}.json_schema`);
}

export function readJsonSchemaFormat(value: JsonValue | undefined, place: string): ResponseFormat {
  const { name, description, schema, strict, ...more } = readObject(value, place);
  refuseUnknown(more, SCHEMA_FIELDS, place);
  if (description != null) readText(description, `${place}.description`);
  // What is said and what is checked are the same either way: the answer fits the schema or is refused.
  if (strict != null) readBoolean(strict, `${place}.strict`);
  if (!/^[\w-]{1,64}$/.test(readText(name, `${place}.name`))) {
    throw invalidField(`${place}.name`, 'must be 1 to 64 letters, digits, underscores or hyphens');
  }
  const root = readObject(schema, `${place}.schema`);
  if (root.type !== undefined && root.type !== 'object') {
    throw invalidField(`${place}.schema.type`, 'must be "object"', 'Wrap other answers in a property.');
  }
  return { type: 'json-schema', name: readText(name, `${place}.name`), schema: root };
}
