import { isJsonObject, type JsonObject, type JsonValue } from '../core/json/json.ts';
import { usageError } from './output/failure.ts';

/** A line that holds a JSON object. */
export type JsonLine = {
  readonly value: JsonObject;
  readonly number: number;
  /** `Line 3 of standard input`, to begin a complaint with. */
  readonly where: string;
  /** How it should look. */
  readonly hint: string;
};

/** Above the longest prompt there may be, with every character of it escaped. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

type Source = {
  /** What the stream is for people. */
  readonly source: string;
  /** How a line should look. */
  readonly hint: string;
};

/** The objects on a stream of JSON lines, one at a time; empty lines and a byte order mark are passed over. */
export async function* readJsonLines(input: NodeJS.ReadableStream, { source, hint }: Source): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const bytes of cutLines(input)) {
    number += 1;
    const where = `Line ${number} of ${source}`;
    if (bytes === 'endless') throw usageError(`${where} is longer than 64 MB.`, hint);
    const text = decode(bytes);
    if (text === undefined) throw usageError(`${where} is not UTF-8 text.`, hint);
    if (text.trim() === '') continue;
    let value: JsonValue;
    try {
      value = JSON.parse(text);
    } catch {
      throw usageError(`${where} is not JSON.`, hint);
    }
    if (!isJsonObject(value)) throw usageError(`${where} holds no JSON object.`, hint);
    yield { value, number, where, hint };
  }
}

/** Not by `readline`: it also cuts at U+2028, which JSON has in its texts as it is, and holds a line of any length. */
async function* cutLines(input: NodeJS.ReadableStream): AsyncGenerator<Uint8Array | 'endless'> {
  let pieces: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of input) {
    let rest = Buffer.from(chunk as Buffer);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield Buffer.concat([...pieces, rest.subarray(0, end)]);
      pieces = [];
      byteCount = 0;
      rest = rest.subarray(end + 1);
    }
    pieces.push(rest);
    byteCount += rest.length;
    if (byteCount > LINE_BYTES_MAX) yield 'endless';
  }
  yield Buffer.concat(pieces);
}

/** Undefined for what is no UTF-8. Takes a byte order mark off. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A text of a line. */
export function textOf({ value, where, hint }: JsonLine, name: string): string {
  const text = value[name];
  if (typeof text !== 'string') throw usageError(`${where} has no text "${name}".`, hint);
  return text;
}

/** How well something went, from 0 to 1; `true` and `false` are its ends. */
export function outcomeOf({ value, where, hint }: JsonLine, name: string): number {
  const given = value[name];
  if (given === undefined) throw usageError(`${where} has no "${name}".`, hint);
  const outcome = typeof given === 'boolean' ? Number(given) : given;
  if (typeof outcome === 'number' && outcome >= 0 && outcome <= 1) return outcome;
  throw usageError(`${where} has a "${name}" that is neither true or false nor a number from 0 to 1.`, hint);
}
