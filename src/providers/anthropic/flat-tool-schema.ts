import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';

const UNIONS = ['anyOf', 'oneOf', 'allOf'] as const;

/**
 * The schema of a tool's arguments without a union at its top, which the vendor refuses and OpenAI takes: one object with the properties of all
 * branches. What all of them need is needed. The tool itself still says what goes together.
 * Source: github.com/windoze95/cantinarr/issues/497.
 */
export function flatToolSchema(schema: JsonObject): JsonObject {
  if (!UNIONS.some((union) => union in schema)) return schema;
  const { anyOf, oneOf, allOf, ...flat } = schema;
  const alternatives = [anyOf, oneOf].map((union) => branchesOf(union, schema));
  const parts = branchesOf(allOf, schema);
  const needed = [
    ...requiredBy(schema),
    ...parts.flatMap(requiredBy),
    ...alternatives.flatMap(([first, ...others]) =>
      first ? requiredBy(first).filter((name) => others.every((other) => requiredBy(other).includes(name))) : [],
    ),
  ];
  const properties = [schema, ...parts, ...alternatives.flat()].reduce(withProperties, {});
  return { ...flat, properties, required: [...new Set(needed)] };
}

/** Its objects, those that are defined elsewhere in the schema among them. */
function branchesOf(union: JsonValue | undefined, schema: JsonObject): readonly JsonObject[] {
  if (!Array.isArray(union)) return [];
  return union.flatMap((branch) => {
    const found = isJsonObject(branch) && typeof branch.$ref === 'string' ? definitionOf(branch.$ref, schema) : branch;
    return isJsonObject(found) ? [found] : [];
  });
}

function definitionOf(reference: string, schema: JsonObject): JsonValue | undefined {
  const [, place = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const definitions = schema[place];
  return isJsonObject(definitions) ? definitions[name] : undefined;
}

function requiredBy({ required }: JsonObject): readonly string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** What two branches have by one name, such as the word that tells them apart, may be either. */
function withProperties(gathered: JsonObject, { properties }: JsonObject): JsonObject {
  if (!isJsonObject(properties)) return gathered;
  const merged = { ...gathered };
  for (const [name, value] of Object.entries(properties)) {
    const known = Object.hasOwn(merged, name) ? merged[name] : undefined;
    const isSame = known === undefined || JSON.stringify(known) === JSON.stringify(value);
    merged[name] = isSame ? value : { anyOf: [...eitherOf(known), value] };
  }
  return merged;
}

function eitherOf(known: JsonValue): readonly JsonValue[] {
  const isGathered = isJsonObject(known) && Array.isArray(known.anyOf) && Object.keys(known).length === 1;
  return isGathered ? (known.anyOf as readonly JsonValue[]) : [known];
}
