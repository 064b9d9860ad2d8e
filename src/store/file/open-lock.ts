import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pause } from './pause.ts';
import { storageFaultOf, storageUnavailable } from './storage-fault.ts';

const WAIT_MAX_MS = 10_000;

/**
 * Runs `work` while no other process creates or moves aside a database of the folder. The lock is
 * an empty SQLite file held exclusively: the system frees it when its holder dies.
 */
export async function withOpenLock<Result>(folder: string, work: () => Result): Promise<Result> {
  const lock = await openLock(join(folder, '.open-lock'));
  try {
    return work();
  } finally {
    lock.close();
  }
}

async function openLock(path: string): Promise<Database.Database> {
  const giveUpAtMs = performance.now() + WAIT_MAX_MS;
  let lock: Database.Database | undefined;
  try {
    createPrivateFile(path);
    replaceGarbage(path);
    lock = new Database(path, { timeout: 0 });
    while (!tryLock(lock)) {
      if (performance.now() > giveUpAtMs) throw new Database.SqliteError('locked', 'SQLITE_BUSY');
      await pause(2, 15);
    }
    return lock;
  } catch (error) {
    lock?.close();
    throw storageUnavailable(path, error);
  }
}

/** Creates an empty file that only its owner may read; leaves one that exists alone. */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** Whoever holds the lock holds an empty file, and nobody ever writes to it. */
function replaceGarbage(path: string): void {
  if (statSync(path).size === 0) return;
  rmSync(path);
  createPrivateFile(path);
}

function tryLock(lock: Database.Database): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (storageFaultOf(error) === 'busy') return false;
    throw error;
  }
}
