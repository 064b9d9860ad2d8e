import { findReferenced } from '../core/find-referenced.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/** Schemas that one value is checked against; an honest schema stays below a few hundred. */
const CHECKS_MAX = 10_000;
/** What stands here is data, not a schema. */
const DATA_KEYWORDS = ['enum', 'const', 'default', 'examples'];

/**
 * What is wrong with the references of a JSON Schema; undefined when nothing is. One may lead back
 * to itself only by a step into the value, or checking a value would never end; and references that
 * fan out (each to two, thirty times over) would not end in our time.
 */
export function faultOfReferences(root: JsonObject): string | undefined {
  const checksBySchema = new Map<JsonValue, number>();
  const countChecks = (schema: JsonValue): number => {
    const counted = checksBySchema.get(schema);
    if (counted !== undefined || !isJsonObject(schema)) return counted ?? 1;
    // Met again before it is counted, it stands for itself.
    checksBySchema.set(schema, Number.POSITIVE_INFINITY);
    let checks = 1;
    for (const other of schemasOfSameValue(schema, root)) checks += countChecks(other);
    checksBySchema.set(schema, checks);
    return checks;
  };
  const pending: JsonValue[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isJsonObject(node)) {
      if (typeof node.$ref === 'string' && findReferenced(node.$ref, root) === undefined) {
        return `the reference ${JSON.stringify(node.$ref.slice(0, 80))} leads nowhere; it may be "#" or "#/$defs/NAME"`;
      }
      if (countChecks(node) > CHECKS_MAX) return 'its references lead round in a circle, or fan out without end';
      for (const [key, child] of Object.entries(node)) if (!DATA_KEYWORDS.includes(key)) pending.push(child);
    } else if (Array.isArray(node)) pending.push(...node);
  }
  return undefined;
}

function schemasOfSameValue({ $ref, allOf, anyOf, oneOf }: JsonObject, root: JsonObject): readonly JsonValue[] {
  const referenced = typeof $ref === 'string' ? findReferenced($ref, root) : undefined;
  const lists = [allOf, anyOf, oneOf].filter((list) => Array.isArray(list));
  return [...(referenced === undefined ? [] : [referenced]), ...lists.flat()];
}
