import { createInterface } from 'node:readline';
import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { usageError } from '../output/failure.ts';

/** One line of the input. */
export type PromptLine = { readonly id: string | number; readonly prompt: string };

const HINT = 'Each line is a JSON object: {"id": "1", "prompt": "your question"}.';

/** The prompts on a stream of JSON lines, one at a time; empty lines are passed over. Mistakes name their line. */
export async function* readPromptLines(input: NodeJS.ReadableStream): AsyncGenerator<PromptLine> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
    if (text.trim() !== '') yield readPromptLine(text, number);
  }
}

function readPromptLine(text: string, number: number): PromptLine {
  const where = `Line ${number} of standard input`;
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw usageError(`${where} is not JSON.`, HINT);
  }
  if (!isJsonObject(value)) throw usageError(`${where} holds no JSON object.`, HINT);
  const { id = number, prompt } = value;
  if (typeof prompt !== 'string') throw usageError(`${where} has no text "prompt".`, HINT);
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw usageError(`${where} has an "id" that is neither a text nor a number.`, HINT);
  }
  return { id, prompt };
}
