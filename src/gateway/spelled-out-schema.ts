import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

const EVERY_TYPE: JsonValue = ['string', 'number', 'boolean', 'null', 'array', 'object'];
const ANYTHING: JsonObject = { type: EVERY_TYPE };

/** What values of one type are held to; each says nothing about values of the others. */
const TYPED_KEYWORDS = [
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['items', 'prefixItems', 'additionalItems', 'contains', 'minContains', 'maxContains'],
  ...['minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'patternProperties', 'additionalProperties', 'propertyNames', 'required'],
  ...['minProperties', 'maxProperties'],
];
/** Each is read on its own; those that zod knows nothing of are left for it to refuse. */
const LONE_KEYWORDS = [
  ...['$ref', 'enum', 'const', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['dependentSchemas', 'dependentRequired', 'unevaluatedItems', 'unevaluatedProperties'],
];
const SCHEMA_KEYWORDS = [
  'additionalItems',
  'additionalProperties',
  'anyOf',
  'contains',
  'items',
  'oneOf',
  'prefixItems',
  'propertyNames',
];
const SCHEMA_MAP_KEYWORDS = ['$defs', 'definitions', 'patternProperties', 'properties'];
const ROOT_KEYWORDS = ['$schema', '$defs', 'definitions'];

/**
 * The same JSON Schema in words that zod reads to the end. It passes over what stands without a `type` or beside `$ref`,
 * `enum` or `const`, over all but one of `anyOf`, `oneOf` and `allOf`, and over required names that have no schema; and a
 * `default` stands in for what is missing, which it is not meant to. What only describes is left out.
 */
export function spelledOutSchema(root: JsonObject): JsonObject {
  const kept = Object.fromEntries(
    ROOT_KEYWORDS.filter((name) => name in root).map((name) => [name, spelled(name, root)]),
  );
  return { ...inParts({ type: 'object', ...root }), ...kept };
}

function spelledOut(schema: JsonValue): JsonValue {
  return isJsonObject(schema) ? inParts(schema) : schema;
}

/** Whatever zod reads on its own stands on its own; what holds for a value of any type has them all. */
function inParts(schema: JsonObject): JsonObject {
  const parts: JsonValue[] = LONE_KEYWORDS.filter((name) => name in schema).map((name) => ({
    [name]: spelled(name, schema),
  }));
  const typed = TYPED_KEYWORDS.filter((name) => name in schema).map((name) => [name, spelled(name, schema)]);
  const isListed = 'enum' in schema || 'const' in schema;
  // What is listed has its type already, and to check it twice takes time.
  if (typed.length > 0 || ('type' in schema && !isListed)) {
    parts.unshift({ type: schema.type ?? EVERY_TYPE, ...Object.fromEntries(typed) });
  }
  const nameless = requiredWithoutSchema(schema);
  if (nameless.length > 0) {
    const properties = Object.fromEntries(nameless.map((name) => [name, ANYTHING]));
    parts.push({ type: EVERY_TYPE, properties, required: nameless });
  }
  if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.map(spelledOut));
  const [only = ANYTHING] = parts;
  return parts.length < 2 && isJsonObject(only) ? only : { allOf: parts };
}

/** The value of a keyword, with the schemas in it spelled out. */
function spelled(name: string, schema: JsonObject): JsonValue {
  const value = schema[name] ?? null;
  if (SCHEMA_MAP_KEYWORDS.includes(name) && isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, spelledOut(inner === true ? {} : inner)]),
    );
  }
  if (!SCHEMA_KEYWORDS.includes(name)) return value;
  return Array.isArray(value) ? value.map(spelledOut) : spelledOut(value);
}

function requiredWithoutSchema({ required, properties }: JsonObject): readonly string[] {
  const known = isJsonObject(properties) ? properties : {};
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  return names.filter((name) => !Object.hasOwn(known, name));
}
