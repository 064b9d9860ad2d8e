import { createInterface } from 'node:readline';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { usageError } from './output/failure.ts';

/** A line that holds a JSON object. */
export type JsonLine = {
  readonly value: JsonObject;
  readonly number: number;
  /** `Line 3 of standard input`, to begin a complaint with. */
  readonly where: string;
};

/**
 * The objects on a stream of JSON lines, one at a time; empty lines and a byte order mark are passed
 * over. `source` is what the stream is for people, `hint` how a line should look.
 */
export async function* readJsonLines(
  input: NodeJS.ReadableStream,
  { source, hint }: { readonly source: string; readonly hint: string },
): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
    if (text.trim() === '') continue;
    const where = `Line ${number} of ${source}`;
    let value: JsonValue;
    try {
      value = JSON.parse(text);
    } catch {
      throw usageError(`${where} is not JSON.`, hint);
    }
    if (!isJsonObject(value)) throw usageError(`${where} holds no JSON object.`, hint);
    yield { value, number, where };
  }
}

/** A text of a line. */
export function textOf({ value, where }: JsonLine, name: string, hint: string): string {
  const text = value[name];
  if (typeof text !== 'string') throw usageError(`${where} has no text "${name}".`, hint);
  return text;
}

/** How well something went, from 0 to 1; `true` and `false` are its ends. */
export function outcomeOf({ value, where }: JsonLine, name: string, hint: string): number {
  const given = value[name];
  if (given === undefined) throw usageError(`${where} has no "${name}".`, hint);
  const outcome = typeof given === 'boolean' ? Number(given) : given;
  if (typeof outcome === 'number' && outcome >= 0 && outcome <= 1) return outcome;
  throw usageError(`${where} has a "${name}" that is neither true or false nor a number from 0 to 1.`, hint);
}
