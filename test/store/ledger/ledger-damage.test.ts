import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { LEDGER_MIGRATIONS } from '../../../src/store/ledger/ledger-schema.ts';
import {
  attemptStart,
  bookCall,
  change,
  filesOf,
  inspect,
  loud,
  openTestStore,
  recordingLogger,
  requestEnd,
  requestStart,
  settled,
} from '../../support/store.ts';
import { startProcess } from '../../support/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ALL = { tenant: 'local', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const asideIn = (folder: string) =>
  filesOf(folder).filter((name) => /^ledger\.db\.corrupt-[^-]+-[^w-]+-[^w]+Z$/.test(name));

it('refuses the ledger of a newer Signalbox and leaves it alone', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'ledger.db');
  const database = new Database(path);
  database.exec('CREATE TABLE future (id); PRAGMA user_version = 99');
  database.close();
  await expect(openTestStore(folder)).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: `${path} was written by a newer Signalbox (its schema is 99, this one knows ${LEDGER_MIGRATIONS.length}).`,
  });
  expect(inspect(path, 'PRAGMA user_version')).toEqual([{ user_version: 99 }]);
  expect(filesOf(folder).filter((name) => name.includes('corrupt'))).toEqual([]);
});

it('takes an empty file as a new ledger', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ledger.db'), '');
  const logger = recordingLogger();
  await bookCall(await openTestStore(folder, { logger }));
  expect(loud(logger)).toEqual([]);
  expect(asideIn(folder)).toEqual([]);
});

it.each([
  ['its header is garbage', (path: string) => overwrite(path, 0, 200)],
  [
    'a page in its middle is garbage',
    (path: string) => overwrite(path, Math.floor(statSync(path).size / 8192) * 4096, 4096),
  ],
  [
    'it is text',
    (path: string) => writeFileSync(path, 'this is no database, but long enough to look like one\n'.repeat(200)),
  ],
  ['its end is missing', (path: string) => truncateSync(path, Math.floor(statSync(path).size / 8192) * 4096)],
])('moves a ledger aside when %s, says so loudly and starts a new one', async (_case, damage) => {
  const folder = temporaryFolder();
  const path = join(folder, 'ledger.db');
  const first = await openTestStore(folder);
  for (let index = 0; index < 200; index += 1) await bookCall(first);
  await first.close();
  damage(path);
  const damaged = readFileSync(path);

  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  expect(loud(logger)).toEqual([expect.stringContaining('moved aside')]);
  expect(asideIn(folder)).toHaveLength(1);
  expect(readFileSync(join(folder, asideIn(folder)[0] ?? '')).equals(damaged)).toBe(true);
  await bookCall(store);
  expect((await store.ledger.costs(ALL)).totals.requests).toBe(1);
});

it('opens with what is whole when the write-ahead log was cut', async () => {
  const folder = temporaryFolder();
  const writer = startProcess('writer', folder, '1000000');
  await writer.said('settled');
  await new Promise((resolve) => setTimeout(resolve, 200));
  writer.child.kill('SIGKILL');
  await writer.ended;
  const log = join(folder, 'ledger.db-wal');
  truncateSync(log, Math.floor(statSync(log).size / 2) + 11);
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  expect(loud(logger)).toEqual([]);
  expect((await store.ledger.costs(ALL)).totals.attempts).toBeGreaterThan(0);
  expect(inspect(join(folder, 'ledger.db'), 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

it('of several processes that find the ledger damaged one moves it', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ledger.db'), 'x'.repeat(8_192));
  const startAtMs = String(Date.now() + 1_500);
  const openers = Array.from({ length: 8 }, () => startProcess('opener', folder, startAtMs));
  expect(await Promise.all(openers.map(({ ended }) => ended))).toEqual(openers.map(() => 0));
  expect(openers.flatMap(({ lines }) => lines).filter((line) => line.startsWith('error'))).toHaveLength(1);
  expect(asideIn(folder)).toHaveLength(1);
});

it.each([
  ['cut to nothing', (log: string) => truncateSync(log, 0)],
  ['cut in its middle', (log: string) => truncateSync(log, Math.floor(statSync(log).size / 2))],
  ['deleted', (log: string) => rmSync(log)],
])(
  'goes over to a new ledger when the log of the open one was %s: what is booked from then on is on the disk',
  async (how, damage) => {
    const folder = temporaryFolder();
    const logger = recordingLogger();
    const store = await openTestStore(folder, { logger });
    for (let index = 0; index < 20; index += 1) await bookCall(store);
    damage(join(folder, 'ledger.db-wal'));
    for (let index = 0; index < 5; index += 1) await bookCall(store);
    expect(loud(logger)).toEqual([expect.stringContaining('moved aside')]);
    await store.close();
    const count = 'SELECT count(*) AS count FROM attempts';
    expect(inspect(join(folder, 'ledger.db'), count)).toEqual([{ count: 5 }]);
    // Of a log that was deleted the open store still had all.
    if (how === 'deleted') expect(inspect(join(folder, asideIn(folder)[0] ?? ''), count)).toEqual([{ count: 20 }]);
  },
);

it('goes over to a new ledger when its log was deleted before the first row', async () => {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  rmSync(join(folder, 'ledger.db-wal'));
  await bookCall(store);
  expect(loud(logger)).toEqual([expect.stringContaining('moved aside')]);
  await bookCall(await openTestStore(folder));
  expect((await store.ledger.costs(ALL)).totals.requests).toBe(2);
});

it('goes over to a new ledger each time its log is deleted', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  for (const movedAside of [1, 2, 3]) {
    await bookCall(store);
    rmSync(join(folder, 'ledger.db-wal'));
    await bookCall(store);
    expect(asideIn(folder)).toHaveLength(movedAside);
    expect((await store.ledger.costs(ALL)).totals.requests).toBe(1);
  }
});

it('starts beside an open ledger whose log was deleted', async () => {
  const folder = temporaryFolder();
  const first = await openTestStore(folder);
  for (let index = 0; index < 20; index += 1) await bookCall(first);
  rmSync(join(folder, 'ledger.db-wal'));
  const logger = recordingLogger();
  const second = await openTestStore(folder, { logger });
  expect(loud(logger)).toEqual([expect.stringContaining('moved aside')]);
  for (const store of [second, first]) await bookCall(store);
  expect((await second.ledger.costs(ALL)).totals.requests).toBe(2);
});

it('takes a log that SQLite itself has cut for what it is', async () => {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const other = new Database(join(folder, 'ledger.db'));
  for (let round = 0; round < 5; round += 1) {
    for (let index = 0; index < 5; index += 1) await bookCall(store);
    other.pragma('wal_checkpoint(TRUNCATE)');
  }
  other.close();
  expect((await store.ledger.costs(ALL)).totals.requests).toBe(25);
  expect(loud(logger)).toEqual([]);
  expect(asideIn(folder)).toEqual([]);
});

it('goes over to a new ledger when it finds the open one damaged, and the running call is booked whole', async () => {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  for (let index = 0; index < 400; index += 1) await bookCall(store);
  const request = requestStart();
  const attempt = attemptStart(request.id);
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(attempt);
  // Without a log the pages come from the file, and a cache too small to hold them.
  const other = new Database(join(folder, 'ledger.db'));
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  overwrite(join(folder, 'ledger.db'), 4_096, statSync(join(folder, 'ledger.db')).size - 4_096);

  const results = await Promise.allSettled([
    store.ledger.settleAttempt(attempt.id, settled()),
    store.ledger.endRequest(request.id, requestEnd()),
  ]);
  expect((await store.ledger.costs(ALL)).totals.requests).toBe(1);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  await bookCall(store);
  expect(loud(logger)).toEqual([expect.stringContaining('moved aside')]);
  expect(asideIn(folder)).toHaveLength(1);
  const records = await store.ledger.recentRequests({ limit: 500 });
  expect(records).toHaveLength(2);
  expect(records.find(({ id }) => id === request.id)).toMatchObject({ status: 'success', costNanoUsd: 1_000 });
});

it.each(['ledger.db', 'ledger.db and its log', 'the folder'])(
  'starts again when %s is deleted while it is open',
  async (what) => {
    const folder = join(temporaryFolder(), 'data');
    const logger = recordingLogger();
    const [store, other] = [await openTestStore(folder, { logger }), await openTestStore(folder)];
    await bookCall(store);
    const request = requestStart();
    const attempt = attemptStart(request.id);
    await store.ledger.recordRequest(request);
    await store.ledger.recordAttempt(attempt);
    if (what === 'the folder') rmSync(folder, { recursive: true });
    else
      for (const suffix of what === 'ledger.db' ? [''] : ['', '-wal', '-shm'])
        rmSync(join(folder, `ledger.db${suffix}`));

    await store.ledger.settleAttempt(attempt.id, settled());
    await store.ledger.endRequest(request.id, requestEnd());
    await bookCall(other);
    for (const either of [store, other]) {
      const records = await either.ledger.recentRequests({ limit: 10 });
      expect(records).toHaveLength(2);
      expect(records.find(({ id }) => id === request.id)).toMatchObject({ status: 'success', costNanoUsd: 1_000 });
    }
    expect(loud(logger)[0]).toMatch(/deleted, moved or replaced while it was open/);
    await store.close();
    await other.close();
    expect(inspect(join(folder, 'ledger.db'), 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(filesOf(folder).some((name) => name.includes('orphaned'))).toBe(what === 'ledger.db');
  },
);

it.each([1, 2])('goes on with a backup that is moved over the ledger that %i have open', async (count) => {
  const folder = temporaryFolder();
  const path = join(folder, 'ledger.db');
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const others = count > 1 ? [await openTestStore(folder)] : [];
  for (let index = 0; index < 5; index += 1) await bookCall(store);
  change(path, `VACUUM INTO '${path}.backup'`);
  change(`${path}.backup`, 'PRAGMA journal_mode = WAL');
  // Pages of the log that are no pages of the backup.
  for (let index = 0; index < 60; index += 1) await bookCall(store);
  const request = requestStart();
  const attempt = attemptStart(request.id);
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(attempt);
  renameSync(`${path}.backup`, path);

  await store.ledger.settleAttempt(attempt.id, settled());
  await store.ledger.endRequest(request.id, requestEnd());
  for (const either of [store, ...others]) await bookCall(either);
  await bookCall(await openTestStore(folder));
  const { totals } = await store.ledger.costs(ALL);
  expect(totals.requests).toBe(5 + 1 + count + 1);
  expect(inspect(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(asideIn(folder)).toEqual([]);
  expect(filesOf(folder).filter((name) => /orphaned.*-wal$/.test(name))).toHaveLength(1);
});

it.each(['DROP TABLE attempts', 'ALTER TABLE attempts DROP COLUMN first_token_ms', 'DROP TABLE health'])(
  'moves a ledger aside that lacks a part of its schema: %s',
  async (sql) => {
    const folder = temporaryFolder();
    await (await openTestStore(folder)).close();
    change(join(folder, 'ledger.db'), sql);
    const logger = recordingLogger();
    await bookCall(await openTestStore(folder, { logger }));
    expect(asideIn(folder)).toHaveLength(1);
    expect(loud(logger)).toEqual([expect.stringContaining('moved aside')]);
  },
);

function overwrite(path: string, position: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, position);
  closeSync(file);
}
