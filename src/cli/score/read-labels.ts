import { createReadStream } from 'node:fs';
import { usageError } from '../output/failure.ts';
import { outcomeOf, readJsonLines, textOf } from '../read-json-lines.ts';

/** A prompt with how well a weak and a strong model answered it, 0 to 1 each. */
export type LabelLine = { readonly prompt: string; readonly weak: number; readonly strong: number };

const HINT = 'Each line is a JSON object: {"prompt": "your question", "weak": 0, "strong": 1}.';

/** The labels in a file of JSON lines; further fields are passed over. Mistakes name file and line. */
export async function readLabels(file: string): Promise<readonly LabelLine[]> {
  const labels: LabelLine[] = [];
  try {
    for await (const line of readJsonLines(createReadStream(file), { source: file, hint: HINT })) {
      const prompt = textOf(line, 'prompt');
      labels.push({ prompt, weak: outcomeOf(line, 'weak'), strong: outcomeOf(line, 'strong') });
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw usageError(`The labels in ${file} cannot be read: ${error.message}.`, 'Give --fit a file of JSON lines.');
    }
    throw error;
  }
  if (labels.length === 0) throw usageError(`There are no labels in ${file}.`, HINT);
  return labels;
}
