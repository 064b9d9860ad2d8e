import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import { reportBudgets } from '../../../src/gateway/money/budget-report.ts';
import { readKeys } from '../../../src/store/quotas/quota-counters.ts';
import { change, openLedgerFile, openTestStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY_MS = 86_400_000;

it('who used a budget in a span of time is found from one to the next, whatever each used before', async () => {
  const file = await openLedgerFile();
  const insert = file.database.prepare(
    'INSERT INTO quota_counters (quota, key, bucket_ms, until_ms) VALUES (?, ?, ?, ?)',
  );
  const use = (quota: string, key: string, days: readonly number[]) => {
    for (const day of days) insert.run(quota, key, day * DAY_MS, (day + 1) * DAY_MS);
  };
  use('budget day', 'bob', [1, 2, 3, 4]);
  use('budget day', '', [4]);
  use('budget day', 'alice', [3, 4]);
  use('budget day', 'carol', [1, 5]);
  use('budget day 2', 'dave', [4]);
  use('budget da', 'eve', [4]);
  const prepare = vi.spyOn(file, 'prepare');
  const keysOf = (quota: string, from: number, to: number) =>
    readKeys(file, { quota, fromMs: from * DAY_MS, toMs: to * DAY_MS });
  expect(await keysOf('budget day', 4, 5)).toEqual(['', 'alice', 'bob']);
  expect(await keysOf('budget day', 1, 2)).toEqual(['bob', 'carol']);
  expect(await keysOf('budget day', 5, Number.MAX_SAFE_INTEGER)).toEqual(['carol']);
  expect(await keysOf('budget day', 6, 7)).toEqual([]);
  expect(await keysOf('budget', 0, 9)).toEqual([]);

  const [sql = ''] = prepare.mock.calls[0] ?? [];
  const plan = file.database.prepare<object, { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const details = plan.all({ quota: '', from: '', fromMs: 0, toMs: 0 }).map(({ detail }) => detail);
  expect(details.join('\n')).toContain('(quota=? AND key=? AND bucket_ms>? AND bucket_ms<?)');
});

it('who used a budget is read in parts, however many they are: the event loop has room in between', async () => {
  const folder = temporaryFolder();
  const { ledger } = await openTestStore(folder);
  const users = 4_500;
  change(
    join(folder, 'ledger.db'),
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${users})
       INSERT INTO quota_counters (quota, key, bucket_ms, until_ms, settled)
       SELECT 'budget each', 'user ' || n, 0, ${DAY_MS}, n FROM numbers;`,
  );
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const budget = {
    name: 'each',
    scope: { by: 'user' },
    limitNanoUsd: nanoUsd(users),
    window: { type: 'calendar', unit: 'day', timeZone: 'UTC' },
    mode: 'hard',
    onReached: 'refuse',
    alertAt: [],
    unknownPrice: 'refuse',
  } as const;
  const uses = await reportBudgets({ budgets: [budget], ledger, nowMs: DAY_MS / 2 });
  isOver = true;
  expect(uses.map(({ settledNanoUsd }) => settledNanoUsd)).toEqual(Array.from({ length: users }, (_, i) => users - i));
  // Keys in parts of 2,000 at most, what they used in parts of 500, now and in the window before.
  expect(turns).toBeGreaterThanOrEqual(2 + (2 * users) / 500);
});
