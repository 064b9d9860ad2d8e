import type { JsonObject } from '../../core/json/json.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import { unknownField } from './read-value.ts';

/** What helps where a field is refused that another policy would leave out. */
export const LEAVE_OUT = 'Leave it out, or set "routing.unsupportedParameters" to "drop" in the configuration.';

/**
 * The fields of a body that no table knows, as clients of other vendors send them to everybody: refused with the nearest
 * known name, or left out for the answer's headers to say so, as the policy is. `null` counts as absent.
 */
export function fieldsLeftOut(
  body: JsonObject,
  known: ReadonlyMap<string, unknown>,
  policy: UnsupportedParameters | undefined,
): readonly string[] {
  const unknown = Object.keys(body).filter((field) => !known.has(field) && body[field] != null);
  if (policy !== 'drop' && unknown[0] !== undefined) throw unknownField(unknown[0], known.keys(), '', LEAVE_OUT);
  return unknown;
}
