import { format } from '@cfworker/json-schema';
import { findReferenced } from '../core/find-referenced.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { unicodePattern } from './unicode-pattern.ts';

/** What is wrong with a caller's schema, and where. */
export class SchemaFault extends Error {}

const TYPES: readonly JsonValue[] = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'];

const isText = (value: JsonValue) => typeof value === 'string';
const isNumber = (value: JsonValue) => typeof value === 'number';
const isCount = (value: JsonValue) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isNames = (value: JsonValue) => Array.isArray(value) && value.every(isText);
const isType = (value: JsonValue) => TYPES.includes(value);

type Form = { readonly wanted: string; readonly fits: (value: JsonValue) => boolean };

const COUNT: Form = { wanted: 'a whole number from 0', fits: isCount };
const NUMBER: Form = { wanted: 'a number', fits: isNumber };

/** What says something of a value by itself. */
const PLAIN_KEYWORDS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['$ref', { wanted: 'a text', fits: isText }],
  [
    'type',
    {
      wanted: `one of ${TYPES.join(', ')}, or a list of them`,
      fits: (value) => (Array.isArray(value) ? value.length > 0 && value.every(isType) : isType(value)),
    },
  ],
  ['enum', { wanted: 'a list', fits: Array.isArray }],
  ['const', { wanted: 'a value', fits: () => true }],
  ['required', { wanted: 'a list of names', fits: isNames }],
  [
    'dependentRequired',
    { wanted: 'lists of names by name', fits: (value) => isJsonObject(value) && Object.values(value).every(isNames) },
  ],
  ['uniqueItems', { wanted: 'true or false', fits: (value) => typeof value === 'boolean' }],
  ['multipleOf', { wanted: 'a number above 0', fits: (value) => typeof value === 'number' && value > 0 }],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((name) => [name, NUMBER] as const),
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minContains', 'maxContains'].map(
    (name) => [name, COUNT] as const,
  ),
  ...['minProperties', 'maxProperties'].map((name) => [name, COUNT] as const),
]);
const SCHEMA_KEYWORDS: ReadonlySet<string> = new Set([
  ...['items', 'additionalItems', 'unevaluatedItems', 'contains', 'not', 'if', 'then', 'else'],
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames'],
]);
const LIST_KEYWORDS: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const MAP_KEYWORDS: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'],
]);
/** They would be passed over, though they say something. */
const REFUSED_KEYWORDS: ReadonlySet<string> = new Set(['$dynamicRef', '$recursiveRef', 'dependencies']);

/** A schema as the validator is given it, and what each of its `$ref`s means. */
export type CheckableSchema = {
  readonly root: JsonObject;
  readonly byReference: Readonly<Record<string, JsonObject | boolean>>;
};

/**
 * A caller's JSON Schema as the validator is given it: a copy of the keywords that say something, each of its right form,
 * with patterns that it can read. Throws `SchemaFault`.
 */
export function checkableSchema(schema: JsonObject): CheckableSchema {
  const schemas = new Set<JsonValue>();
  const references: { readonly target: string; readonly place: string }[] = [];

  const copySchema = (schema: JsonValue, place: string): JsonValue => {
    if (typeof schema === 'boolean') return schema;
    if (!isJsonObject(schema)) throw new SchemaFault(`something else than a schema stands at ${place}`);
    const copy: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(schema)) {
      const read = copyKeyword(name, value, place);
      if (read !== undefined) copy[name] = read;
    }
    schemas.add(copy);
    if (typeof copy.$ref === 'string') references.push({ target: copy.$ref, place });
    return copy;
  };
  const copyKeyword = (name: string, value: JsonValue, place: string): JsonValue | undefined => {
    const wrong = (wanted: string) => new SchemaFault(`"${name}" at ${place} has to be ${wanted}`);
    const inside = (step: string | number) => `${place}/${name}/${step}`;
    const form = PLAIN_KEYWORDS.get(name);
    if (form) {
      if (form.fits(value)) return value;
      throw wrong(form.wanted);
    }
    if (name === 'format') {
      if (typeof value !== 'string') throw wrong('a text');
      // The validator would take "toString" for a format.
      return Object.hasOwn(format, value) ? value : undefined;
    }
    if (name === 'pattern') return copyPattern(value, place);
    if (LIST_KEYWORDS.has(name) || (name === 'items' && Array.isArray(value))) {
      if (!Array.isArray(value) || value.length === 0) throw wrong('a list of schemas');
      return value.map((schema, index) => copySchema(schema, inside(index)));
    }
    if (SCHEMA_KEYWORDS.has(name)) return copySchema(value, `${place}/${name}`);
    if (MAP_KEYWORDS.has(name)) {
      if (!isJsonObject(value)) throw wrong('schemas by name');
      const toKey = (key: string) => (name === 'patternProperties' ? copyPattern(key, `${place}/${name}`) : key);
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [toKey(key), copySchema(inner, inside(key))]),
      );
    }
    if (REFUSED_KEYWORDS.has(name)) throw new SchemaFault(`"${name}" at ${place} is not supported`);
    return undefined;
  };

  const root = copySchema(schema, '#') as JsonObject;
  const byReference: Record<string, JsonObject | boolean> = Object.create(null);
  for (const { target, place } of references) {
    const found = findReferenced(target, root);
    if (typeof found === 'boolean' || (isJsonObject(found) && schemas.has(found))) {
      byReference[target] = found;
      continue;
    }
    const shown = JSON.stringify(target.slice(0, 80));
    throw new SchemaFault(
      `the reference ${shown} at ${place} leads nowhere; it may be "#" or a path such as "#/$defs/NAME"`,
    );
  }
  return { root, byReference };
}

function copyPattern(value: JsonValue, place: string): string {
  const pattern = typeof value === 'string' ? unicodePattern(value) : undefined;
  if (pattern !== undefined) return pattern;
  throw new SchemaFault(
    `the pattern ${JSON.stringify(value).slice(0, 80)} at ${place} is no regular expression of JavaScript`,
  );
}
