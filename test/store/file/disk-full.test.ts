import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { WriteQueue } from '../../../src/store/file/write-queue.ts';
import { SqliteHealthBook } from '../../../src/store/health-book.ts';
import { LedgerWriter } from '../../../src/store/ledger/ledger-writer.ts';
import { SpillJournal } from '../../../src/store/ledger/spill-journal.ts';
import { fillDisk, mountSmallDisk } from '../../support/small-disk.ts';
import {
  attemptStart,
  bookCall,
  cachedAnswer,
  loud,
  openLedgerFile,
  openTestStore,
  recordingLogger,
  requestEnd,
  requestStart,
  settled,
} from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { eventually } from '../../support/until.ts';

it('a ledger that cannot grow refuses new calls, keeps ends it owes and recovers by itself', async () => {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const file = await openLedgerFile(folder, logger);
  const queue = new WriteQueue(file, logger);
  const journal = new SpillJournal(folder);
  const writer = new LedgerWriter({ file, queue, journal, folder, clock: SYSTEM_CLOCK, logger });
  const health = new SqliteHealthBook({ file, queue, clock: SYSTEM_CLOCK, logger });
  const request = requestStart();
  const attempt = attemptStart(request.id);
  await writer.write({ type: 'record-request', request });
  await writer.write({ type: 'record-attempt', attempt });

  const pages = () => Number(file.database.pragma('page_count', { simple: true }));
  file.database.pragma(`max_page_count = ${pages()}`);
  const refused = fillUntilRefused((text) =>
    writer.write({ type: 'record-request', request: requestStart({ client: text }) }),
  );
  await expect(refused).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: `The disk that holds ${file.path} is full.`,
    hint: expect.stringContaining('goes on by itself'),
  });
  const long = settled({ providerRequestId: 'x'.repeat(20_000) });
  await expect(writer.write({ type: 'settle-attempt', id: attempt.id, outcome: long })).rejects.toMatchObject({
    code: 'storage_unavailable',
  });
  const target = { provider: 'groq', key: 'k'.repeat(20_000), model: 'llama' };
  const sick = { target, breaker: { state: 'closed' }, consecutiveFailures: 1 } as const;
  expect(await health.update(target, 0, () => sick)).toEqual(sick);
  expect(health.snapshot()).toEqual([sick]);
  // A minute later that is too old to hold a target out which other processes use.
  const nowMs = performance.now();
  const elapsed = vi.spyOn(performance, 'now').mockImplementation(() => nowMs + 60_001);
  expect(health.snapshot()).toEqual([]);
  elapsed.mockRestore();

  file.database.pragma('max_page_count = 1000000');
  const status = () =>
    file.prepare<[string], { status: string }>('SELECT status FROM attempts WHERE id = ?').get(attempt.id);
  await expect.poll(status).toEqual({ status: 'settled' });
  await writer.write({ type: 'record-request', request: requestStart() });
  writer.stop();
  await queue.close();
});

const CLAIM: QuotaClaim = {
  quota: 'budget day',
  unit: 'nano_usd',
  key: '',
  limit: 1_000_000,
  bucketMs: 0,
  fromMs: 0,
  keptMs: Date.now() + 86_400_000,
  amount: 1_000,
  amountMin: 1_000,
  mode: 'hard',
};

/** The books on a disk that has no more room from `takeRoom` to `makeRoom`. */
async function openFullLedger() {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const file = await openLedgerFile(folder, logger, true);
  const queue = new WriteQueue(file, logger);
  const writer = new LedgerWriter({
    file,
    queue,
    journal: new SpillJournal(folder),
    folder,
    clock: SYSTEM_CLOCK,
    logger,
  });
  onTestFinished(async () => {
    writer.stop();
    await queue.close();
  });
  const rows = (table: string) => file.prepare<[], { status: string }>(`SELECT * FROM ${table}`).all();
  const takeRoom = () =>
    file.database.pragma(`max_page_count = ${file.database.pragma('page_count', { simple: true })}`);
  const makeRoom = () => file.database.pragma('max_page_count = 1000000');
  return { file, writer, rows, takeRoom, makeRoom };
}

it('of what a full disk refused nothing is booked when there is room again', async () => {
  const { file, writer, rows, takeRoom, makeRoom } = await openFullLedger();
  takeRoom();
  for (let index = 0; index < 10; index += 1) {
    const request = requestStart({ client: 'w'.repeat(5_000) });
    const attempt = attemptStart(request.id);
    const begun = writer.write({ type: 'record-request', request });
    const admitted = writer.admit(attempt);
    await expect(begun).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(admitted).rejects.toMatchObject({ code: 'storage_unavailable' });
    await writer.write({ type: 'end-request', id: request.id, end: requestEnd({ status: 'failed' }) });
  }
  makeRoom();
  const asked = vi.spyOn(file, 'assertLogWhole');
  await eventually(() => expect(asked).toHaveBeenCalled());
  for (const table of ['requests', 'attempts', 'loose_ends']) expect(rows(table)).toEqual([]);
});

it('an attempt brings the request along that a full disk had refused', async () => {
  const { writer, rows, takeRoom, makeRoom } = await openFullLedger();
  takeRoom();
  const request = requestStart({ client: 'w'.repeat(20_000) });
  await expect(writer.write({ type: 'record-request', request })).rejects.toMatchObject({
    code: 'storage_unavailable',
  });
  makeRoom();
  const attempt = attemptStart(request.id);
  await writer.admit(attempt);
  await writer.write({ type: 'settle-attempt', id: attempt.id, outcome: settled() });
  await writer.write({ type: 'end-request', id: request.id, end: requestEnd() });
  expect(rows('requests')).toMatchObject([{ id: request.id, status: 'success' }]);
  expect(rows('attempts')).toMatchObject([{ id: attempt.id, status: 'settled' }]);
  expect(rows('loose_ends')).toEqual([]);
});

it('an attempt that was refused because its commit could not be synced reserves nothing', async () => {
  const { file, writer, rows } = await openFullLedger();
  vi.spyOn(file, 'syncLog').mockRejectedValueOnce(
    Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }),
  );
  const refused = Array.from({ length: 5 }, () => {
    const request = requestStart();
    writer.write({ type: 'record-request', request }).catch(() => undefined);
    return writer.admit(attemptStart(request.id, { claims: [CLAIM] }));
  });
  for (const attempt of refused) await expect(attempt).rejects.toMatchObject({ code: 'storage_unavailable' });
  await expect.poll(() => rows('attempts')).toEqual([]);
  expect(rows('quota_counters')).toMatchObject([{ reserved: 0 }]);
});

it('on a full disk nothing crashes: no call is booked, the cache misses, the journal refuses; all recover', async ({
  skip,
}) => {
  const folder = temporaryFolder();
  if (!mountSmallDisk(folder)) skip('a small disk can be mounted by the superuser only');
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  await bookCall(store);
  const request = requestStart();
  const attempt = attemptStart(request.id);
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(attempt);
  fillDisk(join(folder, 'ballast'));

  const refused = fillUntilRefused((client) => store.ledger.recordRequest(requestStart({ client })));
  await expect(refused).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining('is full'),
  });
  const late = settled({ providerRequestId: 'x'.repeat(40_000) });
  await expect(store.ledger.settleAttempt(attempt.id, late)).rejects.toMatchObject({ code: 'storage_unavailable' });
  const key = store.cache.keyOf({ tenant: 'local', model: 'groq/llama', messages: [] });
  await store.cache.write(key, cachedAnswer('z'.repeat(100_000)));
  expect(await store.cache.read(key)).toBeUndefined();
  await expect(store.prove()).rejects.toMatchObject({ code: 'storage_unavailable' });
  expect(loud(logger)).toContain('the answer cache does not work; answers are asked for again');

  const other = new Database(join(folder, 'ledger.db'));
  other.exec('BEGIN IMMEDIATE');
  const journalled = store.ledger.recordRequest(requestStart({ client: 'y'.repeat(100_000) }));
  await expect(journalled).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining('is full'),
  });
  other.exec('ROLLBACK');
  other.close();

  rmSync(join(folder, 'ballast'));
  const settledNow = async () =>
    (await store.ledger.recentRequests({ limit: 1_000 })).find(({ id }) => id === request.id)?.attempts[0]?.status;
  await expect.poll(settledNow).toBe('settled');
  await store.prove();
  await bookCall(store);
  await store.cache.write(key, cachedAnswer('kept'));
  expect(await store.cache.read(key)).toBeDefined();
});

/** Grows until something gives way. */
async function fillUntilRefused(write: (text: string) => Promise<void>): Promise<void> {
  for (let index = 0; index < 1_000; index += 1) await write('w'.repeat(5_000));
}
