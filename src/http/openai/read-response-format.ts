import type { JsonValue } from '../../core/json/json.ts';
import type { ResponseFormat } from '../../core/message.ts';
import { readChoice, readObject, refuseUnknown } from '../request/read-value.ts';
import { readJsonSchemaFormat } from './shared/read-json-schema-format.ts';

const PLAIN_FIELDS = new Set(['type']);
const SCHEMA_FORMAT_FIELDS = new Set(['type', 'json_schema']);

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
