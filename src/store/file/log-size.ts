import { statSync } from 'node:fs';
import type { Logger } from '../../core/ports.ts';
import type { DatabaseFile } from './database-file.ts';

/** SQLite starts its log over at 4 MB; only a reader that stays makes it grow further. */
const LOG_LARGE_BYTES = 24_000_000;
const LOG_ALARM_BYTES = 64_000_000;
const CHECK_EVERY_MS = 1_000;
const ALARM_EVERY_MS = 600_000;

/**
 * Returns what is to be called after commits: it cuts a write-ahead log that has grown, without
 * waiting for anyone, and says so when a reader of another process keeps it from being cut.
 */
export function createLogKeeper(file: DatabaseFile, logger: Logger): () => void {
  let checkedAtMs = -CHECK_EVERY_MS;
  let alarmedAtMs = -ALARM_EVERY_MS;
  return () => {
    const nowMs = performance.now();
    if (nowMs - checkedAtMs < CHECK_EVERY_MS) return;
    checkedAtMs = nowMs;
    if (logBytes(file) < LOG_LARGE_BYTES) return;
    try {
      file.database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Busy; a later commit asks again.
    }
    const bytes = logBytes(file);
    if (bytes < LOG_ALARM_BYTES || nowMs - alarmedAtMs < ALARM_EVERY_MS) return;
    alarmedAtMs = nowMs;
    logger.warn(
      { path: file.path, logBytes: bytes },
      'the write-ahead log cannot be cut because a reader holds it: find and close it',
    );
  };
}

function logBytes(file: DatabaseFile): number {
  try {
    return statSync(`${file.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}
