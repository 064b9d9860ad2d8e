import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { LEDGER_MIGRATIONS } from '../../../src/store/ledger/ledger-schema.ts';
import { compareCounters } from '../../support/reconcile/compare-counters.ts';
import { filesOf, inspect, openTestStore } from '../../support/store.ts';
import { startProcess } from '../../support/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const KILL_ROUNDS = Number(process.env.SIGNALBOX_KILL_ROUNDS ?? 25);

const STALL_MS = 250;
const LOG_MAX_BYTES = 64_000_000;

it('8 processes make 1,000 durable writes each on one folder while somebody reads: none fails, none is lost, none stalls, and the log stays small', async () => {
  // Nothing may ever be lost. A stall is also the time a busy machine gives to others: the best of three counts.
  const stalledMs = [await writeInEightProcesses()];
  while (Math.min(...stalledMs) > STALL_MS && stalledMs.length < 3) stalledMs.push(await writeInEightProcesses());
  expect(Math.min(...stalledMs)).toBeLessThanOrEqual(STALL_MS);
});

/** The longest that any of the processes stalled, in milliseconds. */
async function writeInEightProcesses(): Promise<number> {
  const folder = temporaryFolder();
  const writers = Array.from({ length: 8 }, () => startProcess('writer', folder, '250'));
  await Promise.all(writers.map(({ said }) => said('open')));
  const reader = pollLikeDashboard(folder);
  expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual(writers.map(() => 0));
  const { logBytesMax, reads } = await reader.stop();
  expect(logBytesMax).toBeLessThanOrEqual(LOG_MAX_BYTES);
  expect(reads).toBeGreaterThan(10);

  const acknowledged = writers.flatMap(({ lines }) => idsSaid(lines, 'settled '));
  expect(acknowledged).toHaveLength(2_000);
  await mergeJournals(folder);
  expect(settledIn(folder)).toEqual(new Set(acknowledged));
  const [requests] = inspect<{ ended: number }>(
    join(folder, 'ledger.db'),
    "SELECT count(*) AS ended FROM requests WHERE status = 'success'",
  );
  expect(requests?.ended).toBe(2_000);
  expect(compareCounters(folder, { drained: true, everyAttemptClaims: 'budget all' })).toEqual([]);
  const stalls = writers.map(({ lines }) => Number(idsSaid(lines, 'stalled ')[0]));
  expect(stalls.every(Number.isFinite)).toBe(true);
  return Math.max(...stalls);
}

/** Reads all that is there, again and again, each time in a snapshot that holds the log for a while. */
function pollLikeDashboard(folder: string) {
  const path = join(folder, 'ledger.db');
  const database = new Database(path, { readonly: true, timeout: 0 });
  let [logBytesMax, reads, stopped] = [0, 0, false];
  const polling = (async () => {
    while (!stopped) {
      database.exec('BEGIN');
      database
        .prepare('SELECT count(*), sum(cost_nano_usd) FROM attempts JOIN requests ON requests.id = request_id')
        .get();
      await new Promise((resolve) => setTimeout(resolve, 30));
      database.exec('COMMIT');
      reads += 1;
      logBytesMax = Math.max(logBytesMax, statSync(`${path}-wal`).size);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    database.close();
  })();
  return {
    async stop() {
      stopped = true;
      await polling;
      return { logBytesMax, reads };
    },
  };
}

it.each(['missing', 'of an old schema'])(
  '16 processes open a database that is %s at once: one sets it up',
  async (state) => {
    const folder = temporaryFolder();
    if (state !== 'missing') createOldLedger(folder);
    const startAtMs = String(Date.now() + 2_500);
    const openers = Array.from({ length: 16 }, () => startProcess('opener', folder, startAtMs));
    expect(await Promise.all(openers.map(({ ended }) => ended))).toEqual(openers.map(() => 0));

    const said = openers.flatMap(({ lines }) => lines);
    expect(said.filter((line) => line === 'open')).toHaveLength(16);
    // Once for the ledger, once for the cache.
    expect(said.filter((line) => line === 'info: database schema set up')).toHaveLength(2);
    expect(said.filter((line) => line.startsWith('warn') || line.startsWith('error'))).toEqual([]);
    const [schema] = inspect<{ user_version: number }>(join(folder, 'ledger.db'), 'PRAGMA user_version');
    expect(schema?.user_version).toBe(LEDGER_MIGRATIONS.length);
    if (state !== 'missing') {
      const kept = inspect<{ id: string }>(join(folder, 'ledger.db'), 'SELECT id FROM requests');
      expect(kept).toEqual([{ id: 'req_old' }]);
    }
  },
);

it(`processes killed at random ${KILL_ROUNDS} times lose nothing they acknowledged`, async () => {
  const folder = temporaryFolder();
  const pending: string[] = [];
  const settled: string[] = [];
  let journals = 0;
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    // The third one holds the lock for long, so that the others write journals and merge them.
    const writers = ['0', '0', '1000'].map((holdMs) => startProcess('writer', folder, '1000000', holdMs));
    await Promise.all(writers.map(({ said }) => said('open')));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * (round % 5 === 0 ? 2_000 : 250)));
    for (const { child } of writers) child.kill('SIGKILL');
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    for (const { lines } of writers) {
      pending.push(...idsSaid(lines, 'pending '));
      settled.push(...idsSaid(lines, 'settled '));
    }
    journals += filesOf(folder).filter((name) => name.startsWith('spill-')).length;
  }
  // The rounds meet what they are about: processes that died with a journal.
  expect(journals).toBeGreaterThan(0);

  await mergeJournals(folder);
  const booked = settledIn(folder);
  expect(settled.length).toBeGreaterThan(KILL_ROUNDS);
  expect(settled.filter((id) => !booked.has(id))).toEqual([]);
  const rows = new Set(
    inspect<{ id: string }>(join(folder, 'ledger.db'), 'SELECT id FROM attempts').map(({ id }) => id),
  );
  expect(pending.filter((id) => !rows.has(id))).toEqual([]);
  expect(inspect(join(folder, 'ledger.db'), 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(compareCounters(folder, { drained: false })).toEqual([]);
  expect(filesOf(folder).filter((name) => name.includes('spill') || name.includes('corrupt'))).toEqual([]);
}, 600_000);

/** Journals are part of the books: a slow disk or a busy machine makes them, and every report merges them. */
async function mergeJournals(folder: string): Promise<void> {
  const store = await openTestStore(folder);
  await store.ledger.costs({ tenant: 'local', fromMs: 0, toMs: Date.now() + 1_000 });
  // A report waits for the merge only so long.
  await expect.poll(() => filesOf(folder).filter((name) => name.includes('spill'))).toEqual([]);
}

function idsSaid(lines: readonly string[], start: string): readonly string[] {
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}

function settledIn(folder: string): ReadonlySet<string> {
  const sql = "SELECT id FROM attempts WHERE status = 'settled' AND cost_nano_usd = 7";
  return new Set(inspect<{ id: string }>(join(folder, 'ledger.db'), sql).map(({ id }) => id));
}

function createOldLedger(folder: string): void {
  const database = new Database(join(folder, 'ledger.db'));
  database.exec(`${LEDGER_MIGRATIONS[0]}; PRAGMA user_version = 1;
    INSERT INTO requests (id, started_at_ms, kind, tenant, client, strategy, cache, config_hash)
    VALUES ('req_old', 1, 'chat', 'local', 'test', 'complexity', 'miss', 'h')`);
  database.close();
}
