import { expect, it } from 'vitest';
import type { AttemptOutcome } from '../../../src/core/books.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim, QuotaUnit } from '../../../src/core/quota.ts';
import { WriteQueue } from '../../../src/store/file/write-queue.ts';
import { checkCounters } from '../../../src/store/quotas/quota-check.ts';
import {
  attemptStart,
  change,
  filesOf,
  loud,
  openLedgerFile,
  openTestStore,
  recordingLogger,
  requestStart,
  settled,
} from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const UNITS: readonly QuotaUnit[] = ['nano_usd', 'requests', 'input_tokens', 'output_tokens', 'concurrency'];
const { costNanoUsd: _cost, ...priceless } = settled();
const ENDINGS: readonly (AttemptOutcome | 'void' | undefined)[] = [
  settled(),
  priceless,
  settled({ status: 'cancelled', unseenNanoUsd: nanoUsd(300) }),
  { ...priceless, status: 'truncated' },
  { status: 'failed_unbilled', usage: { ...settled().usage, inputTokens: 0, outputTokens: 0 }, latencyMs: 1 },
  'void',
  // Under way.
  undefined,
];

it('counters are right after every ending, whatever a limit counts', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  const claims: readonly QuotaClaim[] = UNITS.map((unit) => ({
    quota: unit,
    unit,
    key: '',
    limit: 1_000_000,
    bucketMs: 0,
    fromMs: 0,
    keptMs: 0,
    amount: 700,
    amountMin: 700,
    mode: 'hard',
  }));
  for (const ending of ENDINGS) {
    const { id, ...attempt } = attemptStart(requestStart().id, { claims });
    await store.ledger.recordAttempt({ ...attempt, id });
    if (ending === 'void') await store.ledger.voidAttempt(id);
    else if (ending) await store.ledger.settleAttempt(id, ending);
  }
  const counted = await store.ledger.quotaUse(claims);
  expect(counted.every(({ settled, reserved }) => settled + reserved > 0)).toBe(true);

  const logger = recordingLogger();
  const file = await openLedgerFile(folder, logger);
  const queue = new WriteQueue(file, logger);
  const { signal } = new AbortController();
  expect(await checkCounters({ file, queue, logger, nowMs: Date.now(), signal })).toBe(0);
  expect(loud(logger)).toEqual([]);
  expect(await store.ledger.quotaUse(claims)).toEqual(counted);
  await queue.close();
});

it('a check of many rows ends with the store, and holds no file open', async () => {
  const folder = temporaryFolder();
  await (await openTestStore(folder)).close();
  change(
    `${folder}/ledger.db`,
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 30000)
       INSERT INTO attempts (id, request_id, started_at_ms, provider, model, key, expires_at_ms, status)
       SELECT n, n, 0, 'groq', 'groq/llama', 'primary', 0, 'failed_unbilled' FROM numbers;
     INSERT INTO quota_entries (attempt_id, quota, key, bucket_ms, unit, reserved) SELECT id, 'daily', '', 0, 'nano_usd', 0 FROM attempts;
     INSERT INTO quota_counters (quota, key, bucket_ms, until_ms) VALUES ('daily', '', 0, 0);`,
  );
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const checked = store.countersMended();
  await store.close();
  // Whoever closes the last connection folds its log in.
  expect(filesOf(folder)).not.toContain('ledger.db-wal');
  expect(await checked).toBeUndefined();
  expect(loud(logger)).toEqual([]);
});
