import { isJsonObject, type JsonObject } from '../../core/json.ts';

/** Reading an answer nobody vouches for: what is absent or of another type is undefined. */
export function objectIn(value: unknown, key: string): JsonObject | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return isJsonObject(found) ? found : undefined;
}

export function arrayIn(value: unknown, key: string): readonly unknown[] | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : undefined;
}

export function textIn(value: unknown, key: string): string | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** A whole, non-negative number: a count of tokens. */
export function countIn(value: unknown, key: string): number | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}
