import { usageError } from '../output/failure.ts';
import { readJsonLines, textOf } from '../read-json-lines.ts';

/** One line of the input. */
export type PromptLine = { readonly id: string | number; readonly prompt: string };

const HINT = 'Each line is a JSON object: {"id": "1", "prompt": "your question"}.';

/** The prompts on a stream of JSON lines, one at a time. Mistakes name their line. */
export async function* readPromptLines(input: NodeJS.ReadableStream): AsyncGenerator<PromptLine> {
  for await (const line of readJsonLines(input, { source: 'standard input', hint: HINT })) {
    const { id = line.number } = line.value;
    const prompt = textOf(line, 'prompt');
    if (typeof id !== 'string' && typeof id !== 'number') {
      throw usageError(`${line.where} has an "id" that is neither a text nor a number.`, HINT);
    }
    yield { id, prompt };
  }
}
