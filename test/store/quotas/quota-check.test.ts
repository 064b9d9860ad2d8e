import { expect, it } from 'vitest';
import type { AttemptOutcome } from '../../../src/core/books.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim, QuotaUnit } from '../../../src/core/quota.ts';
import { WriteQueue } from '../../../src/store/file/write-queue.ts';
import { checkCounters } from '../../../src/store/quotas/quota-check.ts';
import {
  attemptStart,
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
  expect(await checkCounters({ file, queue, logger, nowMs: Date.now() })).toBe(0);
  expect(loud(logger)).toEqual([]);
  expect(await store.ledger.quotaUse(claims)).toEqual(counted);
  await queue.close();
});
