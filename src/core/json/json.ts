/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** True for a plain JSON object, false for arrays, null and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object a text holds; undefined when it is no JSON or no object. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a number may look like that ours cannot hold. */
const PERHAPS_INEXACT = /\d{16}|e\+?\d{3}/i;

/** TypeScript's library does not know it yet. Source: ECMAScript, "JSON.parse source text access". */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): JsonValue };

/**
 * The same for one who only writes it out again: whole numbers beyond our precision, such as the ids of other services,
 * and numbers beyond all stay as they were written. To any other reader they are no numbers.
 */
export function parseToRewrite(text: string): JsonObject | undefined {
  const object = parseJsonObject(text);
  return object && PERHAPS_INEXACT.test(text)
    ? JSON.parse(text, asWritten as Parameters<typeof JSON.parse>[1])
    : object;
}

function asWritten(_key: string, value: JsonValue, { source }: { readonly source?: string }): JsonValue {
  if (typeof value !== 'number' || source === undefined) return value;
  const isHeld = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isHeld ? value : rawJSON(source);
}

/** For `JSON.stringify`: objects with their keys in order, so that equal ones give the same text. */
export function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
