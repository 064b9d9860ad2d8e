import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRows, requireRoutingData } from './data.ts';
import type { Evaluate, EvaluationBlock } from './eval-block.ts';

const PARTS_FOLDER = join(import.meta.dirname, 'eval');

/** Prints every part of the evaluation, or says why there is none. Names of parts as arguments choose among them. */
async function main(chosen: readonly string[]): Promise<void> {
  const folder = requireRoutingData();
  if (folder === undefined) return;
  const rows = readRows(folder);
  const names = readdirSync(PARTS_FOLDER)
    .filter((name) => name.endsWith('.ts'))
    .sort();
  for (const name of names) {
    if (chosen.length > 0 && !chosen.includes(name.replace(/\.ts$/, ''))) continue;
    const startedAtMs = performance.now();
    const { evaluate } = (await import(join(PARTS_FOLDER, name))) as { evaluate: Evaluate };
    const block = await evaluate({ folder, rows });
    print(`${formatBlock(block)}\n(${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s)\n`);
  }
}

function formatBlock({ title, table, notes = [] }: EvaluationBlock): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`## ${title}`, ...lines, ...notes].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main(process.argv.slice(2));
