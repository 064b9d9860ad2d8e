import * as z from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json/json.ts';

export type LeanOptions = {
  readonly io: 'input' | 'output';
  /** Names, types and choices only: no descriptions, no bounds. */
  readonly bare: boolean;
};

/**
 * The JSON Schema of a zod object as clients get it: without what only costs tokens (`$schema`,
 * "anything else is allowed", the safe range of integers) and without `additionalProperties: false`
 * in outputs, so that an older client accepts a newer server's fields. A value that may be null is
 * `anyOf`: clients that know one `type` a schema choke on a list of them.
 */
export function toLeanJsonSchema(schema: z.ZodObject, options: LeanOptions): JsonObject {
  const full = z.toJSONSchema(schema, { target: 'draft-2020-12', io: options.io });
  const lean = leanNode(JSON.parse(JSON.stringify(full)), options);
  if (!isJsonObject(lean)) throw new TypeError('a zod object has a JSON Schema that is an object');
  return lean;
}

const FAILURE_SCHEMA: JsonObject = {
  description: 'Instead of all else, when isError',
  type: 'object',
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    retryable: { type: 'boolean' },
    retry_after_ms: { type: 'integer' },
    attempts: { type: 'array', items: { type: 'object' } },
    request_id: { type: 'string' },
  },
  required: ['code', 'message', 'retryable', 'attempts'],
};

/**
 * An output schema that a failure fits as well: the SDK's first line of clients checks failures
 * too, and would show its own complaint in place of our text.
 */
export function orFailure({ required = [], ...schema }: JsonObject): JsonObject {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return {
    ...schema,
    properties: { ...properties, error: FAILURE_SCHEMA },
    anyOf: [{ required }, { required: ['error'] }],
  };
}

function leanNode(node: JsonValue, options: LeanOptions): JsonValue {
  if (Array.isArray(node)) return node.map((item) => leanNode(item, options));
  if (!isJsonObject(node)) return node;
  const kept = Object.entries(node).filter(([key, value]) => !isNoise(key, value, options));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      if (key === 'properties') return [key, leanProperties(value, options)];
      if (key === 'type' && Array.isArray(value)) return ['anyOf', value.map((type) => ({ type }))];
      return [key, leanNode(value, options)];
    }),
  );
}

/** The keys of `properties` are names, not keywords: an argument may be called `description`. */
function leanProperties(node: JsonValue, options: LeanOptions): JsonValue {
  if (!isJsonObject(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, leanNode(value, options)]));
}

function isNoise(key: string, value: JsonValue, { io, bare }: LeanOptions): boolean {
  switch (key) {
    case '$schema':
    case 'propertyNames':
      return true;
    case 'description':
    case 'minItems':
    case 'maxItems':
      return bare;
    case 'additionalProperties':
      return io === 'output' || isEmpty(value);
    case 'properties':
      return isEmpty(value);
    case 'minimum':
      return bare || value === Number.MIN_SAFE_INTEGER;
    case 'maximum':
      return bare || value === Number.MAX_SAFE_INTEGER;
    default:
      return false;
  }
}

function isEmpty(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
