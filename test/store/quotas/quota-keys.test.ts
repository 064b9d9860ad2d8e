import { expect, it, vi } from 'vitest';
import { readKeys } from '../../../src/store/quotas/quota-counters.ts';
import { openLedgerFile } from '../../support/store.ts';

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
  expect(keysOf('budget day', 4, 5)).toEqual(['', 'alice', 'bob']);
  expect(keysOf('budget day', 1, 2)).toEqual(['bob', 'carol']);
  expect(keysOf('budget day', 5, Number.MAX_SAFE_INTEGER)).toEqual(['carol']);
  expect(keysOf('budget day', 6, 7)).toEqual([]);
  expect(keysOf('budget', 0, 9)).toEqual([]);

  const [sql = ''] = prepare.mock.calls[0] ?? [];
  const plan = file.database.prepare<object, { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const details = plan.all({ quota: '', fromMs: 0, toMs: 0 }).map(({ detail }) => detail);
  expect(details.join('\n')).toContain('(quota=? AND key=? AND bucket_ms>? AND bucket_ms<?)');
});
