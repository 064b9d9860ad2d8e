import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BLOCK_BYTES = 4_096;
/** So far ahead of its end SQLite may have tried. */
const AHEAD_BYTES = 1_000_000;

/**
 * What the system says when something is written beside a database, as far into a file as its own
 * reach: SQLite itself says only that it failed. Undefined when that can be written.
 */
export function writeFaultOf(path: string): unknown {
  const trial = join(dirname(path), `.trial-${process.pid}`);
  try {
    const file = openSync(trial, 'w', 0o600);
    try {
      const end = Math.max(bytesOf(path), bytesOf(`${path}-wal`));
      writeSync(file, Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, end + AHEAD_BYTES);
      // Disks of the network say it only now.
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(trial, { force: true });
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
