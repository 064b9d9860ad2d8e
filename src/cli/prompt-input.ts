import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '../core/json/json.ts';
import { usageError } from './output/failure.ts';

/** A little above what `complete` takes, so that its own message about the size is the one shown. */
const INPUT_BYTES_MAX = 11 * 1024 * 1024;

/**
 * The prompt: the argument, or standard input when there is none or it is `-`. One newline at the
 * end is dropped, so that `echo hi | signalbox ask` asks what `signalbox ask hi` asks.
 */
export async function readPrompt(argument: string | undefined, command: string): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument;
  if (argument === undefined && process.stdin.isTTY) {
    throw usageError('There is no prompt.', `Give one: signalbox ${command} "your question", or pipe it in.`);
  }
  const pieces: Buffer[] = [];
  let byteCount = 0;
  for await (const piece of process.stdin) {
    const bytes = Buffer.from(piece as Buffer);
    byteCount += bytes.length;
    if (byteCount > INPUT_BYTES_MAX) {
      throw usageError('The prompt on standard input is longer than 10 MB.', 'Send the relevant parts only.');
    }
    pieces.push(bytes);
  }
  const text = decode(Buffer.concat(pieces)).replace(/\r?\n$/, '');
  if (text.trim() === '') {
    throw usageError('The prompt on standard input is empty.', `Give one: signalbox ${command} "your question".`);
  }
  return text;
}

/** The JSON object in a file; mistakes name the file. */
export async function readJsonSchema(file: string): Promise<JsonObject> {
  let text: string;
  try {
    // Takes a byte order mark off.
    text = new TextDecoder().decode(await readFile(file));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw usageError(`The file of --json-schema ${reason}: ${file}`, 'Give the path of a JSON Schema.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(
      `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      'Correct the file.',
    );
  }
  if (!isJsonObject(value)) throw usageError(`${file} holds no JSON object.`, 'A JSON Schema is an object.');
  return value;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError('Standard input is not UTF-8 text.', 'Convert it first, for example with iconv.');
  }
}
