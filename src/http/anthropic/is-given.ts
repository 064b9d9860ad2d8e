import type { JsonValue } from '../../core/json.ts';

/** `null` counts as absent: client libraries write it for settings nobody made. */
export function isGiven(value: JsonValue | undefined): value is Exclude<JsonValue, null> {
  return value !== undefined && value !== null;
}
