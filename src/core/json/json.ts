/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** TypeScript's library does not know it yet. Source: ECMAScript, "JSON.parse source text access". */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): JsonValue;
  isRawJSON(value: unknown): boolean;
};

/** True for a plain JSON object, false for arrays, null and scalars, also for numbers that are kept as they were written. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

/** The object a text holds; undefined when it is no JSON or no object. */
export function parseJsonObject(text: string, parse: (json: string) => unknown = JSON.parse): JsonObject | undefined {
  try {
    const value = parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Digits of fractions are none of these. */
const PERHAPS_INEXACT = /[[:,]\s*-?\d(?:\d{15}|[\d.]*e\+?\d{3})/i;

/** May there be numbers in a text that ours cannot hold? */
export function mayBeInexact(json: string): boolean {
  return PERHAPS_INEXACT.test(json);
}

/**
 * A text's value for one who only writes it out again: whole numbers beyond our precision, such as the ids of other
 * services, and numbers beyond all stay as they were written. To any other reader they are no numbers. Throws as
 * `JSON.parse` does; where there may be such numbers it takes a microsecond a value, thirty times as long.
 */
export function parseToRewrite(json: string): JsonValue {
  return JSON.parse(json, mayBeInexact(json) ? (asWritten as Parameters<typeof JSON.parse>[1]) : undefined);
}

function asWritten(_key: string, value: JsonValue, { source }: { readonly source?: string }): JsonValue {
  if (typeof value !== 'number' || source === undefined) return value;
  const isHeld = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isHeld ? value : rawJSON(source);
}

/** Is a value of `parseToRewrite` a number that ours cannot hold? It looks like an object. */
export function isAsWritten(value: unknown): boolean {
  return isRawJSON(value);
}

/** For `JSON.stringify`: objects with their keys in order, so that equal ones give the same text. */
export function sortedKeys(_key: string, value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
