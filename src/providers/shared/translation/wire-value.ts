import { isJsonObject, type JsonObject } from '../../../core/json/json.ts';

/** Reading an answer nobody vouches for: what is absent or of another type is undefined. */
export function toObject(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

export function objectIn(value: unknown, key: string): JsonObject | undefined {
  return toObject(toObject(value)?.[key]);
}

export function toArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function arrayIn(value: unknown, key: string): readonly unknown[] | undefined {
  return toArray(toObject(value)?.[key]);
}

export function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function textIn(value: unknown, key: string): string | undefined {
  return toText(toObject(value)?.[key]);
}

/** Far above any window or answer; beyond it a cost would leave the safe integers. */
const COUNT_MAX = 1_000_000_000;

/** A whole, non-negative number: a count of tokens. */
export function toCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : undefined;
}

export function countIn(value: unknown, key: string): number | undefined {
  return toCount(toObject(value)?.[key]);
}

/** A tool call's arguments: JSON as text, or the object itself, as some servers send it. */
export function argumentsIn(called: unknown): string {
  return (
    textIn(called, 'arguments') ?? (objectIn(called, 'arguments') ? JSON.stringify(objectIn(called, 'arguments')) : '')
  );
}
