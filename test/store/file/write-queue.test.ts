import { renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { WriteQueue } from '../../../src/store/file/write-queue.ts';
import { applyOperation } from '../../../src/store/ledger/apply-operation.ts';
import { LedgerWriter } from '../../../src/store/ledger/ledger-writer.ts';
import { SpillJournal } from '../../../src/store/ledger/spill-journal.ts';
import {
  attemptStart,
  inspect,
  loud,
  openLedgerFile,
  recordingLogger,
  requestEnd,
  requestStart,
  settled,
} from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { eventually } from '../../support/until.ts';

const HOURS = { companyMs: 10_000_000 };

/** On a disk that counts as fast. `write` resolves, once it is durable, with the transaction that its change was made in. */
async function openQueue(limits: ConstructorParameters<typeof WriteQueue>[2] = {}, isKept = true) {
  const logger = recordingLogger();
  const file = await openLedgerFile(undefined, logger, isKept);
  const queue = new WriteQueue(file, logger, { slowMs: HOURS.companyMs, ...limits });
  onTestFinished(async () => {
    await queue.close();
    expect(loud(logger)).toEqual([]);
  });
  const write = (canWait = false, canSyncLater = false) =>
    new Promise<symbol>((resolve, failed) => {
      let transaction = Symbol();
      queue.submit({
        run: () => (transaction = file.transaction),
        committed: () => resolve(transaction),
        failed,
        canWait,
        canSyncLater,
      });
    });
  const logSync = vi.spyOn(file, 'syncLog');
  const lonelySync = vi.spyOn(file, 'syncLogNow');
  /** How often the event loop waited for the disk since this was asked last. */
  const syncs = () => {
    const { length } = lonelySync.mock.calls;
    lonelySync.mockClear();
    return length;
  };
  return { file, logger, queue, write, syncs, lonelySync, logSync };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

it('what can wait shares the commit of what comes after it', async () => {
  const { write } = await openQueue(HOURS);
  const waiting = [write(true), write(true)];
  // Some turns of the event loop, and no more: a timer could come too late on a slow machine.
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  const urgent = await write();
  expect(await Promise.all(waiting)).toEqual([urgent, urgent]);
});

it('what can wait is durable soon although nothing else comes', async () => {
  const { write } = await openQueue();
  expect(await write(true)).not.toBe(await write(true));
});

it('what others need waits for nobody, and takes along what is submitted in the same turn', async () => {
  const { write } = await openQueue();
  const [first, second] = [write(), write(true)];
  expect(await first).toBe(await second);
  let durable = false;
  void write().then(() => {
    durable = true;
  });
  await nextTurn();
  await nextTurn();
  expect(durable).toBe(true);
});

it('what can be synced later is committed at once, and leaves its sync to the next commit that has one', async () => {
  const { write, syncs, logSync } = await openQueue({ syncMs: HOURS.companyMs });
  await write(false, true);
  expect(syncs()).toBe(0);
  await Promise.all([write(false, true), write()]);
  expect(syncs()).toBe(1);
  expect(logSync).not.toHaveBeenCalled();
});

it('what can be synced later is on the disk soon although no other commit comes, once for several', async () => {
  const { write, logSync } = await openQueue({ syncMs: 50 });
  await write();
  await nextTurn();
  expect(logSync).not.toHaveBeenCalled();
  await Promise.all([write(false, true), write(false, true)]);
  await eventually(() => expect(logSync).toHaveResolvedTimes(1));
});

it('what can be synced later needs no sync of its own when another commit has one meanwhile', async () => {
  const { write, logSync } = await openQueue({ syncMs: 20 });
  await write(false, true);
  await write();
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(logSync).not.toHaveBeenCalled();
});

it('an end leaves nothing that is not on the disk', async () => {
  const { queue, write, logSync } = await openQueue({ syncMs: HOURS.companyMs });
  await write(false, true);
  await queue.close();
  expect(logSync).toHaveResolvedTimes(1);
});

it('of what a call books, the end of an attempt alone is synced later: each attempt is on the disk before it is sent', async () => {
  const { file, logger, queue, syncs } = await openQueue({ syncMs: HOURS.companyMs });
  const folder = temporaryFolder();
  const journal = new SpillJournal(folder);
  const writer = new LedgerWriter({ file, queue, journal, folder, clock: SYSTEM_CLOCK, logger });
  const request = requestStart();
  const [first, second] = [attemptStart(request.id), attemptStart(request.id)];
  await writer.write({ type: 'record-request', request });
  expect(syncs()).toBe(1);
  await writer.admit(first);
  expect(syncs()).toBe(1);
  await writer.write({ type: 'settle-attempt', id: first.id, outcome: settled() });
  expect(syncs()).toBe(0);
  await writer.admit(second);
  expect(syncs()).toBe(1);
  await writer.write({ type: 'settle-attempt', id: second.id, outcome: settled() });
  expect(syncs()).toBe(0);
  await writer.write({ type: 'end-request', id: request.id, end: requestEnd() });
  expect(syncs()).toBe(1);
});

it('what a crowd commits is synced beside the event loop, and is durable only then: what can be synced later is told at once', async () => {
  const { write, syncs, logSync } = await openQueue();
  let letGo = () => {};
  logSync.mockImplementationOnce(() => new Promise((resolve) => (letGo = resolve)));
  let durable = 0;
  const note = () => (durable += 1);
  const crowd = Array.from({ length: 5 }, () => write().then(note));
  await write(false, true);
  expect([syncs(), durable]).toEqual([0, 0]);
  // Committed while the disk is busy: the next sync takes both along.
  const next = [write().then(note), ...Array.from({ length: 5 }, () => write().then(note))];
  await write(false, true);
  expect(durable).toBe(0);
  letGo();
  await Promise.all([...crowd, ...next]);
  expect(durable).toBe(11);
  expect(logSync).toHaveResolvedTimes(2);
});

it('who only waits to read what is committed waits for no disk', async () => {
  const { queue, write, logSync } = await openQueue({ slowMs: -1 });
  await write();
  const disk = Promise.withResolvers<void>();
  logSync.mockReturnValue(disk.promise);
  let isDurable = false;
  const written = write().then(() => {
    isDurable = true;
  });
  await queue.flush();
  expect(isDurable).toBe(false);
  disk.resolve();
  await written;
});

it('the log is synced once at a time, and an end waits for it', async () => {
  const { queue, write, logSync } = await openQueue({ syncMs: 1 });
  let letGo = () => {};
  logSync.mockImplementationOnce(() => new Promise((resolve) => (letGo = resolve)));
  await write(false, true);
  await eventually(() => expect(logSync).toHaveBeenCalled());
  const crowd = Array.from({ length: 5 }, () => write());
  await write(false, true);
  let isOver = false;
  const end = queue.close().then(() => (isOver = true));
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  expect([logSync.mock.calls.length, isOver]).toEqual([1, false]);
  letGo();
  await Promise.all([...crowd, end]);
  expect(logSync).toHaveResolvedTimes(2);
});

it('a commit that is alone waits for a sync that is under way, and is durable with the next', async () => {
  const { write, syncs, logSync } = await openQueue({ syncMs: 1 });
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  logSync.mockReturnValueOnce(promise);
  await write(false, true);
  await eventually(() => expect(logSync).toHaveBeenCalledOnce());
  let isDurable = false;
  const alone = write().then(() => (isDurable = true));
  await write(false, true);
  expect([syncs(), isDurable]).toEqual([0, false]);
  letGo();
  await alone;
  expect(logSync).toHaveResolvedTimes(2);
});

it('what was committed to a file that is replaced before it is durable stands in the one in its place', async () => {
  const logger = recordingLogger();
  const file = await openLedgerFile(undefined, logger, true);
  const queue = new WriteQueue(file, logger);
  onTestFinished(() => queue.close());
  let letGo = () => {};
  const logSync = vi.spyOn(file, 'syncLog');
  logSync.mockImplementationOnce(() => new Promise((resolve) => (letGo = resolve)));
  const book = () => applyOperation(file, { type: 'record-request', request: requestStart() }, SYSTEM_CLOCK);
  const crowd = Array.from({ length: 5 }, () => queue.change(book));
  await eventually(() => expect(logSync).toHaveBeenCalled());
  renameSync(file.path, `${file.path}.elsewhere`);
  // A read goes over to what stands there now.
  await file.read(() => undefined);
  letGo();
  await Promise.all(crowd);
  expect(inspect(file.path, 'SELECT count(*) AS count FROM requests')).toEqual([{ count: 5 }]);
});

it('a file that may be lost, as the cache may, waits for no disk', async () => {
  const { write, syncs, logSync } = await openQueue({ syncMs: 1 }, false);
  await Promise.all(Array.from({ length: 5 }, () => write()));
  await write();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([logSync.mock.calls.length, syncs()]).toEqual([0, 0]);
});

it('a slow disk is waited for beside the event loop, also by one that is alone, until it is fast again', async () => {
  const { write, syncs, logSync } = await openQueue({ slowMs: 50 });
  await write();
  expect(logSync).not.toHaveBeenCalled();
  logSync.mockImplementationOnce(() => new Promise((resolve) => setTimeout(resolve, 100)));
  await Promise.all(Array.from({ length: 5 }, () => write()));
  await write();
  expect(logSync).toHaveResolvedTimes(2);
  syncs();
  await eventually(async () => {
    await write();
    expect(syncs()).toBe(1);
  });
});

it('a disk that fails to sync refuses what waits for it, and nothing that comes later', async () => {
  const { write, logSync, lonelySync } = await openQueue();
  logSync.mockRejectedValueOnce(new Error('EIO: i/o error, fdatasync'));
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => write()));
  for (const result of results) expect(result).toMatchObject({ reason: { code: 'storage_unavailable' } });
  await Promise.all(Array.from({ length: 5 }, () => write()));
  lonelySync.mockImplementationOnce(() => {
    throw new Error('EIO: i/o error, fdatasync');
  });
  await expect(write()).rejects.toMatchObject({ code: 'storage_unavailable' });
  await write();
});

it('a lock that another holds is asked for again and again, with a pause in between', async () => {
  const { file, write } = await openQueue();
  const holder = new Database(file.path);
  holder.exec('BEGIN IMMEDIATE');
  const prepare = vi.spyOn(file, 'prepare');
  const startedMs = performance.now();
  const written = write();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const tries = prepare.mock.calls.filter(([sql]) => sql === 'BEGIN IMMEDIATE').length;
  expect(tries).toBeGreaterThan(1);
  expect(tries).toBeLessThan(performance.now() - startedMs);
  holder.close();
  await written;
});

it('a change that has a defect fails alone: what shares its commit is made', async () => {
  const { queue, write } = await openQueue();
  const before = write();
  const broken = queue.change(() => {
    throw new TypeError('a defect');
  });
  const behind = write();
  await expect(broken).rejects.toMatchObject({ code: 'internal' });
  expect(await before).toBe(await behind);
});

it('many that can wait go at once, as many as one commit takes', async () => {
  const { write } = await openQueue(HOURS);
  const many = Array.from({ length: 400 }, () => write(true));
  const transactions = await Promise.all(many);
  expect(new Set(transactions).size).toBe(2);
  expect(transactions.filter((one) => one === transactions[0])).toHaveLength(200);
});

it.each([1, 201])('an end waits for nothing, with %i that can wait', async (count) => {
  const { queue, write } = await openQueue(HOURS);
  const waiting = Array.from({ length: count }, () => write(true));
  await queue.close();
  expect(await Promise.all(waiting)).toHaveLength(count);
});
