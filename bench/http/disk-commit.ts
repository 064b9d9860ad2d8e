import { join } from 'node:path';
import Database from 'better-sqlite3';
import { median } from '../median.ts';

const COMMITS = 500;

/** What one small durable commit takes on this disk, as the books make it; the median, in milliseconds. */
export function sampleCommitMs(folder: string): number {
  const database = new Database(join(folder, 'commit.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE rows (value TEXT)');
  const insert = database.prepare('INSERT INTO rows VALUES (?)');
  const spans = Array.from({ length: COMMITS }, () => {
    const beganAtMs = performance.now();
    insert.run('one row');
    return performance.now() - beganAtMs;
  });
  database.close();
  return median(spans);
}
