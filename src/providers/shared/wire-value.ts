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

/** Far above any window or answer; beyond it a cost would leave the safe integers. */
const COUNT_MAX = 1_000_000_000;

/** A whole, non-negative number: a count of tokens. */
export function countIn(value: unknown, key: string): number | undefined {
  const found = isJsonObject(value) ? value[key] : undefined;
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= COUNT_MAX ? found : undefined;
}

/** A tool call's arguments: JSON as text, or the object itself, as some servers send it. */
export function argumentsIn(called: unknown): string {
  return (
    textIn(called, 'arguments') ?? (objectIn(called, 'arguments') ? JSON.stringify(objectIn(called, 'arguments')) : '')
  );
}
