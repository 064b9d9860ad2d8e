import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One prompt with what recorded models made of it. */
export type Row = {
  readonly id: string;
  /** The question set the row is from; the tasks of a collection count as sets of their own. */
  readonly benchmark: string;
  /** The subject or the task inside the question set. */
  readonly group: string;
  /** Kind of task; left out whole to see what transfers. */
  readonly family: string;
  readonly prompt: string;
  /** Score by model name, 0 to 1; a missing model has no record. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** One of the MMLU rows that make the comparison with 1,500 labels. */
  readonly core1500: boolean;
};

type StoredRow = {
  readonly id: string;
  readonly bench: string;
  readonly group: string;
  readonly family: string;
  readonly prompt: string;
  readonly s: Readonly<Record<string, number>>;
  readonly core1500?: 0 | 1;
};

/** The files of prompts with outcomes; those of cascades also hold answers, see `readJsonLines`. */
export const OUTCOME_FILES = [
  'mmlu.jsonl.gz',
  'gsm8k.jsonl.gz',
  'zgsm.jsonl.gz',
  'mathl5.jsonl.gz',
  'numersense.jsonl.gz',
  'mmlupro.jsonl.gz',
  'llmrouter.jsonl.gz',
] as const;

/** The folder with the recorded outcomes; where the variable is not set, says that nothing is done for that reason. */
export function requireRoutingData(): string | undefined {
  const folder = process.env.SIGNALBOX_ROUTING_DATA || undefined;
  if (folder === undefined) {
    process.stdout.write(
      'Skipped: SIGNALBOX_ROUTING_DATA is not set; it names the folder with the recorded outcomes of models.\n',
    );
  }
  return folder;
}

/** All prompts with outcomes, in the order of the files. */
export function readRows(folder: string, files: readonly string[] = OUTCOME_FILES): readonly Row[] {
  return files.flatMap((file) => readJsonLines<StoredRow>(folder, file).map(toRow));
}

/** A gzipped file of one JSON object a line. The caller says what it holds; the files are our own. */
export function readJsonLines<Line>(folder: string, file: string): readonly Line[] {
  const lines = gunzipSync(readFileSync(join(folder, file)))
    .toString('utf8')
    .split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

/** SHA-256 of a file, in hexadecimal: which data a manifest speaks of. */
export function hashFile(folder: string, file: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex');
}

function toRow({ id, bench, group, family, prompt, s, core1500 }: StoredRow): Row {
  const benchmark = bench === 'llmrouter' ? `${bench}/${group}` : bench;
  return { id, benchmark, group, family, prompt, outcomes: s, core1500: core1500 === 1 };
}
