import type { JsonValue } from '../core/json/json.ts';

/** Does any list in it hold the same item twice, as JSON Schema means it? In a time that grows with its size. */
export function repeatsItems(data: JsonValue): boolean {
  const names = new Map<string, string>();
  let isRepeated = false;
  /** One for all that is equal; short for lists and objects, whatever they hold. */
  const nameOf = (value: JsonValue): string => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const parts = Array.isArray(value)
      ? value.map(nameOf)
      : Object.entries(value).map(([key, child]) => `${JSON.stringify(key)}:${nameOf(child)}`);
    if (Array.isArray(value)) isRepeated ||= new Set(parts).size < parts.length;
    else parts.sort();
    const text = `${Array.isArray(value) ? '[' : '{'}${parts.join()}`;
    const name = names.get(text) ?? `#${names.size}`;
    names.set(text, name);
    return name;
  };
  nameOf(data);
  return isRepeated;
}
