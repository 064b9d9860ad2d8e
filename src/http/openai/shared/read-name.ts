import type { JsonValue } from '../../../core/json/json.ts';
import { invalidField, readText } from '../../request/read-value.ts';

/** What every vendor takes for the name of a function or of a schema. */
export function readName(value: JsonValue | undefined, place: string): string {
  const name = readText(value, place);
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw invalidField(place, 'must be 1 to 64 letters, digits, underscores or hyphens');
  }
  return name;
}
