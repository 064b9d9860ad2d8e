import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { usageError } from '../output/failure.ts';

/** A prompt with how well a weak and a strong model answered it, 0 to 1 each. */
export type LabelLine = { readonly prompt: string; readonly weak: number; readonly strong: number };

const HINT = 'Each line is a JSON object: {"prompt": "your question", "weak": 0, "strong": 1}.';

/** The labels in a file of JSON lines; empty lines and further fields are passed over. Mistakes name file and line. */
export async function readLabels(file: string): Promise<readonly LabelLine[]> {
  const labels: LabelLine[] = [];
  const input = createReadStream(file);
  // Of a stream that fails, the iteration over its lines would not hear.
  const failure = new Promise<never>((_, reject) => input.once('error', reject));
  failure.catch(() => undefined);
  const read = async () => {
    let number = 0;
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
      if (text.trim() !== '') labels.push(readLabel(text, `Line ${number} of ${file}`));
    }
  };
  try {
    await Promise.race([read(), failure]);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw usageError(`The labels in ${file} cannot be read: ${error.message}.`, 'Give --fit a file of JSON lines.');
    }
    throw error;
  } finally {
    input.destroy();
  }
  if (labels.length === 0) throw usageError(`There are no labels in ${file}.`, HINT);
  return labels;
}

function readLabel(text: string, where: string): LabelLine {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw usageError(`${where} is not JSON.`, HINT);
  }
  if (!isJsonObject(value)) throw usageError(`${where} holds no JSON object.`, HINT);
  const { prompt } = value;
  if (typeof prompt !== 'string') throw usageError(`${where} has no text "prompt".`, HINT);
  return { prompt, weak: readOutcome(value.weak, 'weak', where), strong: readOutcome(value.strong, 'strong', where) };
}

function readOutcome(value: JsonValue | undefined, name: string, where: string): number {
  const outcome = typeof value === 'boolean' ? Number(value) : value;
  if (typeof outcome === 'number' && outcome >= 0 && outcome <= 1) return outcome;
  throw usageError(`${where} has a "${name}" that is neither true or false nor a number from 0 to 1.`, HINT);
}
