import { expect, it, onTestFinished } from 'vitest';
import { WriteQueue } from '../../src/store/write-queue.ts';
import { loud, openLedgerFile, recordingLogger } from '../support/store.ts';

const HOURS = { companyMs: 10_000_000 };

/** `write` resolves, once it is durable, with the transaction that its change was made in. */
async function openQueue(limits: ConstructorParameters<typeof WriteQueue>[2] = {}) {
  const logger = recordingLogger();
  const file = await openLedgerFile(undefined, logger, 'FULL');
  const queue = new WriteQueue(file, logger, limits);
  onTestFinished(async () => {
    await queue.close();
    expect(loud(logger)).toEqual([]);
  });
  const write = (canWait = false, isFollowed = false) =>
    new Promise<symbol>((resolve, failed) => {
      let transaction = Symbol();
      queue.submit({
        run: () => {
          transaction = file.transaction;
        },
        committed: () => resolve(transaction),
        failed,
        canWait,
        isFollowed,
      });
    });
  const syncs = () => file.database.pragma('synchronous', { simple: true }) === 2;
  return { queue, write, syncs };
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

it('what is followed soon leaves the sync to that, unless it shares the commit of what needs one', async () => {
  const { write, syncs } = await openQueue();
  await write();
  expect(syncs()).toBe(true);
  await write(false, true);
  expect(syncs()).toBe(false);
  await Promise.all([write(false, true), write()]);
  expect(syncs()).toBe(true);
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
  await Promise.all(waiting);
});
