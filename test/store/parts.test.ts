import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ATTEMPT_BOUNDARY, timeSlices } from '../../src/store/costs/time-slices.ts';
import { createLogKeeper } from '../../src/store/file/log-size.ts';
import { LogWatch } from '../../src/store/file/log-watch.ts';
import { migrate } from '../../src/store/file/migrate.ts';
import { assertWalSafe } from '../../src/store/file/sqlite-version.ts';
import { SpillJournal } from '../../src/store/ledger/spill-journal.ts';
import { filesOf, loud, openLedgerFile, recordingLogger } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventually } from '../support/until.ts';

const DESCRIPTORS = '/proc/self/fd';

it.each(['3.51.2', '3.50.9', '2.99.99', 'nonsense'])('refuses a shared write-ahead log on SQLite %s', (version) => {
  expect(() => assertWalSafe(version)).toThrow(expect.objectContaining({ code: 'storage_unavailable' }));
});

it.each(['3.51.3', '3.51.10', '3.54.1', '4.0.0'])('trusts SQLite %s', (version) => {
  expect(() => assertWalSafe(version)).not.toThrow();
});

it('runs each schema step once, all or none', () => {
  const database = new Database(':memory:');
  const steps = ['CREATE TABLE a (x)', 'CREATE TABLE b (x); INSERT INTO b VALUES (1)'];
  expect(migrate(database, 'x.db', steps.slice(0, 1))).toBe(true);
  expect(migrate(database, 'x.db', steps)).toBe(true);
  expect(migrate(database, 'x.db', steps)).toBe(false);
  expect(() => migrate(database, 'x.db', [...steps, 'CREATE TABLE c (x)', 'no SQL'])).toThrow('syntax error');
  expect(database.pragma('user_version', { simple: true })).toBe(2);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()).toEqual(['a', 'b']);
});

it('a line written to a journal that somebody took meanwhile is written again to a new one', async () => {
  const folder = temporaryFolder();
  const journal = new SpillJournal(folder);
  await journal.append('one');
  const [first = ''] = filesOf(folder);
  renameSync(join(folder, first), join(folder, 'taken'));
  await journal.append('two');
  const [second = ''] = filesOf(folder).filter((name) => name !== 'taken');
  expect(second).not.toBe(first);
  expect(readFileSync(join(folder, second), 'utf8')).toBe('two\n');
  await journal.close();
});

it('a journal whose folder cannot be synced leaves nothing open and no file, and the next line has a new one', async () => {
  const folder = temporaryFolder();
  const handle = await open(folder);
  await handle.close();
  const synced = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  onTestFinished(() => synced.mockRestore());
  synced.mockRejectedValueOnce(new Error('the disk is gone'));
  const journal = new SpillJournal(folder);
  await expect(journal.append('one')).rejects.toThrow('the disk is gone');
  expect(synced).toHaveBeenCalledOnce();
  expect([filesOf(folder), openIn(folder)]).toEqual([[], []]);
  await journal.append('two');
  expect(filesOf(folder)).toHaveLength(1);
  await journal.close();
});

it('a journal stays the same where a handle names another device than the path, as older Nodes do on Windows', async () => {
  const folder = temporaryFolder();
  const handle = await open(folder);
  const stats = await handle.stat({ bigint: true });
  await handle.close();
  const stat = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'stat');
  onTestFinished(() => stat.mockRestore());
  stat.mockResolvedValueOnce(Object.assign(stats, { dev: stats.dev + 1n }));
  const journal = new SpillJournal(folder);
  await journal.append('one');
  await journal.append('two');
  expect(filesOf(folder)).toHaveLength(1);
  await journal.close();
});

it('a log leaves no file open: neither one that is synced twice at once, nor one that is closed while it opens', async () => {
  const folder = temporaryFolder();
  const { database, path } = await openLedgerFile(folder);
  const before = openIn(folder);
  for (const syncs of [1, 2]) {
    const log = new LogWatch(database, path);
    const synced = Array.from({ length: syncs }, () => log.sync());
    if (syncs === 1) log.close();
    await Promise.all(synced);
    log.close();
    await eventually(() => expect(openIn(folder)).toEqual(before));
  }
});

it('slices of time hold every row once, however many share a millisecond', async () => {
  const file = await openLedgerFile();
  const insert = file.prepare<[string, number]>(
    `INSERT INTO attempts (id, request_id, started_at_ms, provider, model, key, expires_at_ms, status)
     VALUES (?, 'req', ?, 'groq', 'groq/llama', 'k', 0, 'pending')`,
  );
  const startsMs = Array.from({ length: 500 }, (_, index) => (index < 60 ? 7 : Math.floor((index * index) / 900)));
  for (const [index, startedAtMs] of startsMs.entries()) insert.run(`att_${index}`, startedAtMs);
  const slices: { fromMs: number; toMs: number }[] = [];
  const span = { fromMs: 0, toMs: 250, boundarySql: ATTEMPT_BOUNDARY, rowsMax: 20 };
  for await (const slice of timeSlices(file, span)) slices.push(slice);
  expect(slices.length).toBeGreaterThan(10);
  expect(slices[0]?.fromMs).toBe(0);
  expect(slices.at(-1)?.toMs).toBe(250);
  for (const [index, { fromMs }] of slices.entries()) if (index > 0) expect(fromMs).toBe(slices[index - 1]?.toMs);
});

it('a log that a reader holds is reported when it is large, and cut once the reader is gone', async () => {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const file = await openLedgerFile(folder);
  const keepLogSmall = createLogKeeper(file, logger);
  const reader = new Database(join(folder, 'ledger.db'), { readonly: true });
  const logBytes = () => statSync(join(folder, 'ledger.db-wal')).size;
  file.database.exec('CREATE TABLE bulk (x)');
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM bulk').get();
  const insert = file.prepare<[Buffer]>('INSERT INTO bulk VALUES (?)');
  const megabyte = Buffer.alloc(1_000_000);
  while (logBytes() < 66_000_000) insert.run(megabyte);
  keepLogSmall();
  expect(loud(logger)).toEqual([expect.stringContaining('a reader holds it')]);
  reader.exec('COMMIT');
  reader.close();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  keepLogSmall();
  expect(logBytes()).toBeLessThan(8_000_001);
});

/** The paths below the folder that this process has open, where the system tells. */
function openIn(folder: string): readonly string[] {
  if (!existsSync(DESCRIPTORS)) return [];
  const paths = readdirSync(DESCRIPTORS).map((name) => {
    try {
      return readlinkSync(join(DESCRIPTORS, name));
    } catch {
      return '';
    }
  });
  return paths.filter((path) => path.startsWith(folder));
}
