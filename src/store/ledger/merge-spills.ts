import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LedgerOperation, parseLedgerOperation } from './ledger-operation.ts';

const JOURNAL_NAME = /^spill-.+\.(jsonl|merging)$/;
/** Lines that wait in the write queue at once. */
const PART_LINES = 1_000;

/** Are there journals of any process? */
export function hasSpills(folder: string): boolean {
  return journalNames(folder).length > 0;
}

/**
 * Merges every journal of the folder into the database: those of dead processes and, since taking
 * one is safe at any time, those of living ones. A journal whose merger died is merged again: its
 * operations change nothing then. Returns the number of merged lines.
 */
export async function mergeSpills(
  folder: string,
  apply: (operation: LedgerOperation) => Promise<void>,
): Promise<number> {
  let merged = 0;
  for (const name of journalNames(folder)) {
    const path = take(folder, name);
    const lines = path === undefined ? undefined : await readLines(path);
    if (path === undefined || lines === undefined) continue;
    for (let start = 0; start < lines.length; start += PART_LINES) {
      const operations = lines.slice(start, start + PART_LINES).flatMap((line) => parseLedgerOperation(line) ?? []);
      await Promise.all(operations.map(apply));
      merged += operations.length;
    }
    await rm(path, { force: true });
  }
  return merged;
}

function journalNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => JOURNAL_NAME.test(name));
  } catch {
    return [];
  }
}

/** Renames the journal, so that its owner starts another; undefined when somebody else was first. */
function take(folder: string, name: string): string | undefined {
  const path = join(folder, `spill-${randomUUID()}.merging`);
  try {
    renameSync(join(folder, name), path);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Whole lines only: what stands after the last newline was never acknowledged. Undefined when
 * another process took the file from us.
 */
async function readLines(path: string): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return text.split('\n').slice(0, -1);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
