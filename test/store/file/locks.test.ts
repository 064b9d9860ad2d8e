import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { TargetHealth } from '../../../src/core/health.ts';
import { createAttemptId } from '../../../src/core/ids.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { WriteQueue } from '../../../src/store/file/write-queue.ts';
import { startClock } from '../../support/given-time.ts';
import {
  attemptStart,
  bookCall,
  cachedAnswer,
  filesOf,
  inspect,
  longestStallMs,
  loud,
  openLedgerFile,
  openTestStore,
  recordingLogger,
  requestStart,
  settled,
} from '../../support/store.ts';
import { startProcess } from '../../support/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ALL = { tenant: 'local', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const target = { provider: 'groq', key: 'primary@00', model: 'llama' };
const failing = (failures: number): TargetHealth => ({
  target,
  breaker: { state: 'closed' },
  consecutiveFailures: failures,
});

it('goes on while another process holds the lock for 3 s: calls are booked, nothing stalls, the rows land later', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  const holder = startProcess('lock-holder', join(folder, 'ledger.db'), '3000');
  await holder.said('held');

  let calls = 0;
  const spilled = new Set<string>();
  const stallMs = await longestStallMs(async () => {
    while (!holder.lines.includes('released')) {
      await bookCall(store);
      calls += 1;
      for (const name of filesOf(folder)) if (name.startsWith('spill-')) spilled.add(name);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await journalsAreMerged(folder);
  });

  expect(stallMs).toBeLessThanOrEqual(250);
  expect(calls).toBeGreaterThan(10);
  expect(spilled.size).toBeGreaterThan(0);
  const { totals } = await store.ledger.costs(ALL);
  expect(totals).toMatchObject({ requests: calls, attempts: calls, costNanoUsd: 1_000 * calls, unpricedRequests: 0 });
  expect(inspect(join(folder, 'ledger.db'), 'SELECT * FROM loose_ends')).toEqual([]);
});

it('opens, reads and counts health in memory while the lock is held', async () => {
  const folder = temporaryFolder();
  const other = await openTestStore(folder);
  await bookCall(other);
  await other.health.update(target, 0, () => failing(1));
  const holder = startProcess('lock-holder', join(folder, 'ledger.db'), '1500');
  await holder.said('held');

  const store = await openTestStore(folder);
  expect((await store.ledger.costs(ALL)).totals.requests).toBe(1);
  const add = (current: TargetHealth | undefined) => failing((current?.consecutiveFailures ?? 0) + 1);
  const updates = [store.health.update(target, 0, add), store.health.update(target, 0, add)];
  expect((await Promise.all(updates)).map((health) => health?.consecutiveFailures)).toEqual([2, 3]);
  expect(store.health.snapshot()).toEqual([failing(3)]);
  expect(other.health.snapshot()).toEqual([failing(1)]);

  await holder.ended;
  await expect.poll(() => other.health.snapshot()).toEqual([failing(3)]);
  expect(store.health.snapshot()).toEqual([failing(3)]);
  // What it knew ahead of the others is theirs by now: it counts no more.
  await other.health.update(target, 0, () => undefined);
  await expect.poll(() => store.health.snapshot()).toEqual([]);
});

it('closes at once while the lock is held, and what it had booked is there afterwards', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  const database = new Database(join(folder, 'ledger.db'));
  database.exec('BEGIN IMMEDIATE');
  const request = requestStart();
  const booked = store.ledger.recordRequest(request);
  const elapsedMs = startClock();
  await store.close();
  expect(elapsedMs()).toBeLessThan(2_000);
  await expect(booked).resolves.toBeUndefined();
  expect(filesOf(folder).some((name) => name.startsWith('spill-'))).toBe(true);
  database.exec('COMMIT');
  database.close();

  const next = await openTestStore(folder);
  const [record] = await next.ledger.recentRequests({ limit: 10 });
  expect(record?.id).toBe(request.id);
  expect(filesOf(folder).some((name) => name.startsWith('spill-'))).toBe(false);
});

it('an attempt that a hard budget has a say in waits for the lock, whenever it comes; under a rate limit alone it goes on', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  const database = new Database(join(folder, 'ledger.db'));
  database.exec('BEGIN IMMEDIATE');
  const part = { key: '', bucketMs: 0, fromMs: 0, keptMs: 0, mode: 'hard' } as const;
  const admission = (claim: Pick<QuotaClaim, 'quota' | 'unit' | 'limit' | 'amount' | 'amountMin'>) =>
    store.ledger.recordAttempt(attemptStart(requestStart().id, { claims: [{ ...part, ...claim }] }));
  const money = { quota: 'budget one', unit: 'nano_usd', limit: 1_500, amount: 1_000, amountMin: 1_000 } as const;

  let isWeighed = false;
  const weighed = () => {
    isWeighed = true;
  };
  const early = admission(money).finally(weighed);
  const calm = { quota: 'limit calm', unit: 'requests', limit: 0, amount: 1, amountMin: 1 } as const;
  // It goes into a journal once the lock was held for long.
  expect(await admission(calm)).toEqual({ type: 'admitted' });
  const late = admission(money).finally(weighed);
  expect(await admission(calm)).toEqual({ type: 'admitted' });
  expect(isWeighed).toBe(false);
  database.exec('COMMIT');
  database.close();
  expect((await Promise.all([early, late])).map(({ type }) => type)).toEqual(['admitted', 'refused']);
});

it('a locked cache costs its answers, never time', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  const key = store.cache.keyOf({ tenant: 'local', model: 'groq/llama', messages: [] });
  await store.cache.write(key, cachedAnswer('kept'));
  const database = new Database(join(folder, 'cache.db'));
  database.exec('BEGIN IMMEDIATE');
  const other = store.cache.keyOf({ tenant: 'other', model: 'groq/llama', messages: [] });
  const stallMs = await longestStallMs(() => store.cache.write(other, cachedAnswer('lost')));
  expect(stallMs).toBeLessThanOrEqual(250);
  expect((await store.cache.read(key))?.completion.content).toEqual([{ type: 'text', text: 'kept' }]);
  expect(await store.cache.read(other)).toBeUndefined();
  database.exec('COMMIT');
  database.close();
});

it('merges journals of dead processes in any order and twice; a cut last line was never acknowledged', async () => {
  const folder = temporaryFolder();
  await (await openTestStore(folder)).close();
  const request = requestStart();
  const attempt = attemptStart(request.id);
  const taken = attemptStart(request.id);
  const lines = [
    { type: 'settle-attempt', id: attempt.id, outcome: settled() },
    { type: 'void-attempt', id: taken.id },
    { type: 'record-attempt', attempt },
    { type: 'record-attempt', attempt: taken },
    { type: 'record-request', request },
  ].map((line) => JSON.stringify(line));

  writeFileSync(join(folder, 'spill-1-dead.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'spill-2-dead.merging'), `${lines.toReversed().join('\n')}\nnot json\n{"type":"no"}\n`);
  const cut = JSON.stringify({ type: 'record-attempt', attempt: { ...attempt, id: createAttemptId() } });
  writeFileSync(join(folder, 'spill-3-dead.jsonl'), cut.slice(0, -3));

  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const [record] = await store.ledger.recentRequests({ limit: 10 });
  expect(record).toMatchObject({
    id: request.id,
    costNanoUsd: 1_000,
    attempts: [{ id: attempt.id, status: 'settled' }],
  });
  expect(record?.attempts).toHaveLength(1);
  expect(filesOf(folder).filter((name) => name.startsWith('spill-'))).toEqual([]);
  expect(loud(logger)).toEqual([]);
});

it('complains once of a lock that is held for long', async () => {
  const logger = recordingLogger();
  const file = await openLedgerFile(undefined, logger);
  const queue = new WriteQueue(file, logger, { alarmMs: 700 });
  const holder = startProcess('lock-holder', file.path, '1200');
  await holder.said('held');
  await new Promise<void>((committed, failed) => queue.submit({ run: () => {}, committed, failed }));
  // The holder tells of it after the fact, so its line may come after our commit.
  await holder.said('released');
  expect(loud(logger)).toEqual(['another process holds the database lock for long: find and close it']);
  await queue.close();
});

async function journalsAreMerged(folder: string): Promise<void> {
  const journals = () => filesOf(folder).filter((name) => name.startsWith('spill-'));
  await expect.poll(journals, { interval: 10 }).toEqual([]);
}
