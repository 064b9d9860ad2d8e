import { addAll } from '../core/collections/add-all.ts';
import { findReferenced } from '../core/json/find-referenced.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json/json.ts';

/** Schemas that one value is checked against; an honest schema stays below a few hundred. */
const CHECKS_MAX = 10_000;
const TOO_MANY_CHECKS = `one value would be checked against more than ${CHECKS_MAX.toLocaleString('en-US')} schemas, by references and the members of allOf, anyOf and oneOf`;
/** What stands here is data, not a schema. */
const DATA_KEYWORDS = ['enum', 'const'];

/**
 * Why a value would be checked without end; undefined when it would not. References may lead back only by a step into the
 * value; and those that fan out (each to two, thirty times over) would not end in our time.
 */
export function faultOfChecks(root: JsonObject): string | undefined {
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
      const checks = countChecks(node);
      if (checks === Number.POSITIVE_INFINITY) return 'its references lead round in a circle';
      if (checks > CHECKS_MAX) return TOO_MANY_CHECKS;
      for (const [key, child] of Object.entries(node)) if (!DATA_KEYWORDS.includes(key)) pending.push(child);
    } else if (Array.isArray(node)) addAll(pending, node);
  }
  return undefined;
}

function schemasOfSameValue(schema: JsonObject, root: JsonObject): readonly JsonValue[] {
  const { $ref, allOf, anyOf, oneOf, not, dependentSchemas } = schema;
  const referenced = typeof $ref === 'string' ? findReferenced($ref, root) : undefined;
  const lists = [allOf, anyOf, oneOf].filter((list) => Array.isArray(list));
  const dependent = isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : [];
  const alone = [referenced, not, schema.if, schema.then, schema.else].filter((other) => other !== undefined);
  return [...alone, ...dependent, ...lists.flat()];
}
