import { format } from '@cfworker/json-schema';
import { findReferenced } from '../core/json/find-referenced.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json/json.ts';
import { shorten } from '../core/wording/describe-value.ts';
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
 * with patterns that it can read. `without` a keyword, where that says nothing of an answer. Throws `SchemaFault`.
 */
export function checkableSchema(schema: JsonObject, without?: 'uniqueItems'): CheckableSchema {
  const copier = new SchemaCopier(without);
  const root = copier.copy(schema, '#') as JsonObject;
  return { root, byReference: copier.referencesFrom(root) };
}

class SchemaCopier {
  readonly #without: string | undefined;
  readonly #copies = new Set<JsonValue>();
  readonly #references: { readonly target: string; readonly place: string }[] = [];

  constructor(without?: string) {
    this.#without = without;
  }

  copy(schema: JsonValue, place: string): JsonValue {
    if (typeof schema === 'boolean') return schema;
    if (!isJsonObject(schema)) throw new SchemaFault(`something else than a schema stands at ${place}`);
    const copy: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(schema)) {
      const copied = this.#copyKeyword(name, value, place);
      if (copied !== undefined) copy[name] = copied;
    }
    // OpenAPI 3.0, which many schemas are written for, has no type "null".
    if (schema.nullable === true && copy.type !== undefined) copy.type = [copy.type, 'null'].flat();
    this.#copies.add(copy);
    if (typeof copy.$ref === 'string') this.#references.push({ target: copy.$ref, place });
    return copy;
  }

  /** What each reference means in what was copied. */
  referencesFrom(root: JsonObject): CheckableSchema['byReference'] {
    const byReference: Record<string, JsonObject | boolean> = Object.create(null);
    for (const { target, place } of this.#references) {
      const found = findReferenced(target, root);
      if (typeof found !== 'boolean' && !(isJsonObject(found) && this.#copies.has(found))) {
        const shown = JSON.stringify(target.slice(0, 80));
        throw new SchemaFault(
          `the reference ${shown} at ${place} leads nowhere; it may be "#" or a path such as "#/$defs/NAME"`,
        );
      }
      byReference[target] = found;
    }
    return byReference;
  }

  /** Undefined for one that only describes. */
  #copyKeyword(name: string, value: JsonValue, place: string): JsonValue | undefined {
    const form = PLAIN_KEYWORDS.get(name);
    if (form && !form.fits(value)) throw wrongForm(name, place, form.wanted);
    if (form) return name === this.#without ? undefined : value;
    // The validator would take "toString" for a format.
    if (name === 'format') return Object.hasOwn(format, textOf(name, value, place)) ? value : undefined;
    if (name === 'pattern') return copyPattern(textOf(name, value, place), place);
    const within = `${place}/${name}`;
    if (LIST_KEYWORDS.has(name) || (name === 'items' && Array.isArray(value))) {
      if (!Array.isArray(value) || value.length === 0) throw wrongForm(name, place, 'a list of schemas');
      return value.map((schema, index) => this.copy(schema, `${within}/${index}`));
    }
    if (SCHEMA_KEYWORDS.has(name)) return this.copy(value, within);
    if (MAP_KEYWORDS.has(name)) {
      if (!isJsonObject(value)) throw wrongForm(name, place, 'schemas by name');
      const toKey = (key: string) => (name === 'patternProperties' ? copyPattern(key, within) : key);
      return Object.fromEntries(
        Object.entries(value).map(([key, schema]) => [toKey(key), this.copy(schema, `${within}/${shorten(key)}`)]),
      );
    }
    if (REFUSED_KEYWORDS.has(name)) throw new SchemaFault(`"${name}" at ${place} is not supported`);
    return undefined;
  }
}

function textOf(name: string, value: JsonValue, place: string): string {
  if (typeof value === 'string') return value;
  throw wrongForm(name, place, 'a text');
}

function copyPattern(text: string, place: string): string {
  const pattern = unicodePattern(text);
  if (pattern !== undefined) return pattern;
  const shown = JSON.stringify(text.slice(0, 80));
  throw new SchemaFault(`the pattern ${shown} at ${place} is no regular expression of JavaScript`);
}

function wrongForm(name: string, place: string, wanted: string): SchemaFault {
  return new SchemaFault(`"${name}" at ${place} has to be ${wanted}`);
}
