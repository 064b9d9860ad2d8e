import { percentDecoded } from '../network/percent-decoded.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** What a `$ref` of this root means: `#`, or a path such as `#/$defs/NAME`. Undefined where it leads nowhere. */
export function findReferenced(reference: string, root: JsonObject): JsonValue | undefined {
  const [start, ...steps] = reference.split('/');
  if (start !== '#') return undefined;
  let found: JsonValue | undefined = root;
  for (const step of steps) {
    const name = percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as JsonObject)[name];
  }
  return found;
}
