import { open, rename, rm } from 'node:fs/promises';
import type { CostRow } from '../../core/costs.ts';
import { summedNanoUsd, toUsd } from '../../core/money.ts';
import { usageError } from '../output/failure.ts';
import { csvLine } from './csv-line.ts';
import { EXPORT_COLUMNS, type ExportRow, toExportRow } from './export-row.ts';

/** The sums over the rows of one export. */
export type ExportSums = {
  readonly requests: number;
  readonly attempts: number;
  readonly corrections: number;
  readonly cost_usd: number;
  readonly cost_nano_usd: number;
  readonly saved_nano_usd: number;
};

export type ExportJob = {
  readonly path: string;
  readonly format: 'csv' | 'json';
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: AsyncIterable<CostRow>;
  readonly signal: AbortSignal;
};

/** A write this long spares most of them. */
const CHUNK_CHARACTERS = 64_000;

/**
 * Writes every line of the books to a file, which appears when it is whole and is readable by its owner alone.
 * Throws `invalid_request` when it cannot be written.
 */
export async function exportCosts(job: ExportJob): Promise<ExportSums> {
  const partial = `${job.path}.partial`;
  try {
    const sums = await writeAll(partial, job);
    await rename(partial, job.path);
    return sums;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw isFileError(error) ? unwritable(job.path, error) : error;
  }
}

async function writeAll(path: string, { format, fromMs, toMs, rows, signal }: ExportJob): Promise<ExportSums> {
  const file = await open(path, 'w', 0o600);
  try {
    const form = format === 'csv' ? createCsv() : createJson({ fromMs, toMs });
    const sums = { requests: 0, attempts: 0, corrections: 0, cost: 0, saved: 0 };
    let waiting = form.begin;
    for await (const row of rows) {
      signal.throwIfAborted();
      sums[`${row.record}s`] += 1;
      sums.cost = summedNanoUsd(sums.cost + (row.costNanoUsd ?? 0));
      sums.saved += row.savedNanoUsd ?? 0;
      waiting += form.row(toExportRow(row));
      if (waiting.length < CHUNK_CHARACTERS) continue;
      await file.appendFile(waiting);
      waiting = '';
    }
    const { cost, saved, ...counts } = sums;
    const total = { ...counts, cost_usd: toUsd(summedNanoUsd(cost)), cost_nano_usd: cost, saved_nano_usd: saved };
    // A plain write ends with what fits on the disk, and without a word.
    await file.appendFile(waiting + form.end(total));
    return total;
  } finally {
    await file.close();
  }
}

type Form = {
  readonly begin: string;
  row(row: ExportRow): string;
  end(sums: ExportSums): string;
};

function createCsv(): Form {
  return {
    begin: csvLine(EXPORT_COLUMNS),
    row: (row) => csvLine(Object.values(row)),
    end: () => '',
  };
}

/** One row a line, so that the file can be read line by line as well. */
function createJson({ fromMs, toMs }: Pick<ExportJob, 'fromMs' | 'toMs'>): Form {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  let isFirst = true;
  return {
    begin: `${JSON.stringify({ from, to }).slice(0, -1)},"rows":[`,
    row: (row) => {
      const line = `${isFirst ? '' : ','}\n${JSON.stringify(row)}`;
      isFirst = false;
      return line;
    },
    end: (sums) => `\n],"totals":${JSON.stringify(sums)}}\n`,
  };
}

type FileError = Error & { readonly code: string };

function isFileError(error: unknown): error is FileError {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

function unwritable(path: string, { code }: FileError) {
  return usageError(
    `The file ${JSON.stringify(path)} cannot be written (${code}).`,
    'Name a file in a folder that exists and is yours to write to.',
  );
}
