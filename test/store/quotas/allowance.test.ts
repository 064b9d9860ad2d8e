import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { attemptStart, openTestStore, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { eventually } from '../../support/until.ts';

it('what a person allowed is taken back behind the end of the attempt that still waits in a journal', async () => {
  const dataDir = temporaryFolder();
  const { ledger } = await openTestStore(dataDir);
  const claim: QuotaClaim = {
    quota: 'budget daily',
    unit: 'nano_usd',
    key: '',
    limit: 1_000,
    bucketMs: 0,
    fromMs: 0,
    keptMs: 86_400_000,
    amount: 3_000,
    amountMin: 3_000,
    mode: 'hard',
    allowed: 3_000,
  };
  const { id, ...attempt } = attemptStart(requestStart().id, { claims: [claim] });
  expect(await ledger.recordAttempt({ ...attempt, id })).toMatchObject({ type: 'admitted' });
  const end = { type: 'settle-attempt', id, outcome: settled({ costNanoUsd: nanoUsd(1_200) }) };
  // By its name it is the first to be merged, as the older one of a process.
  writeFileSync(join(dataDir, 'spill-0.jsonl'), `${JSON.stringify(end)}\n`);
  await ledger.endAllowance(claim);
  const after = { settled: 1_200, reserved: 0, extended: 200 };
  await eventually(async () => expect(await ledger.quotaUse([claim])).toMatchObject([after]));
  // Where the limit has room by itself, no more is taken back than was added.
  await ledger.endAllowance({ ...claim, limit: 10_000 });
  const none = { ...after, extended: 0 };
  await eventually(async () => expect(await ledger.quotaUse([claim])).toMatchObject([none]));
});
