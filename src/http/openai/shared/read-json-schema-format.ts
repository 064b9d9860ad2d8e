import type { JsonObject, JsonValue } from '../../../core/json/json.ts';
import type { ResponseFormat } from '../../../core/message.ts';
import { invalidField, readBoolean, readObject, readText, refuseUnknown } from '../../request/read-value.ts';
import { readName } from './read-name.ts';

const SCHEMA_FIELDS = new Set(['name', 'description', 'schema', 'strict']);

/** A JSON Schema for the answer, in both of OpenAI's formats. The gateway checks the schema and the answer. */
export function readJsonSchemaFormat(value: JsonValue | undefined, place: string): ResponseFormat {
  const { name, description, schema, strict, ...more } = readObject(value, place);
  refuseUnknown(more, SCHEMA_FIELDS, place);
  const about = description == null ? '' : readText(description, `${place}.description`);
  // What is said and what is checked are the same either way: the answer fits the schema or is refused.
  if (strict != null) readBoolean(strict, `${place}.strict`);
  const label = readName(name, `${place}.name`);
  const root = readObject(schema, `${place}.schema`);
  if (root.type !== undefined && root.type !== 'object') {
    throw invalidField(`${place}.schema.type`, 'must be "object"', 'Wrap other answers in a property.');
  }
  return { type: 'json-schema', name: label, schema: described(root, about) };
}

/**
 * What a format is for is said to the model: in the schema, as only OpenAI has another place for it. One that says it itself keeps its words, and
 * one that is a reference takes no others: OpenAI refuses these.
 */
function described(schema: JsonObject, about: string): JsonObject {
  const isSaid = about === '' || schema.description != null || schema.$ref !== undefined;
  return isSaid ? schema : { ...schema, description: about };
}
