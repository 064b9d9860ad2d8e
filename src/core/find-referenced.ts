import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** Where a JSON Schema keeps what its references name; the second is that of older drafts. */
const DEFINITIONS = ['$defs', 'definitions'];

/** The schema a `$ref` of this root means: `#`, or `#/$defs/NAME`. Undefined where it leads nowhere. */
export function findReferenced(reference: string, root: JsonObject): JsonValue | undefined {
  const [start, section = '', name = '', ...rest] = reference.split('/');
  if (start !== '#' || rest.length > 0) return undefined;
  if (section === '') return root;
  const definitions = DEFINITIONS.includes(section) ? root[section] : undefined;
  const key = name.replaceAll('~1', '/').replaceAll('~0', '~');
  return isJsonObject(definitions) && Object.hasOwn(definitions, key) ? definitions[key] : undefined;
}
