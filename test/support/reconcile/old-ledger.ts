import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { LEDGER_MIGRATIONS } from '../../../src/store/ledger/ledger-schema.ts';

/** So many that bringing them up to date takes a while, in which a process can die. */
const ROWS = 5_000;
/** Long over: no report of the run asks for it, and nothing of it is open. */
const STARTED_AT_MS = Date.UTC(2020, 0, 1);

/** A ledger as an earlier Signalbox left it, of any schema that was released. */
export function createOldLedger(dataDir: string, random: () => number): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const version = 1 + Math.floor(random() * (RELEASED_STEPS - 1));
  const database = new Database(join(dataDir, 'ledger.db'));
  database.pragma('journal_mode = WAL');
  for (const step of LEDGER_MIGRATIONS.slice(0, version)) database.exec(step);
  database.pragma(`user_version = ${version}`);
  const add = database.prepare<[string, number]>(`
    INSERT INTO requests (id, started_at_ms, kind, tenant, client, strategy, cache, config_hash, status, ended_at_ms)
    VALUES (?, ?, 'chat', 'old', 'old', 'complexity', 'hit', 'h', 'success', ${STARTED_AT_MS})`);
  database.transaction(() => {
    for (let index = 0; index < ROWS; index += 1) add.run(`req_old_${index}`, STARTED_AT_MS + index);
  })();
  database.close();
}

/** The sixth and later steps came with limits of money. */
const RELEASED_STEPS = 6;
