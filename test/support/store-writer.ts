// Books calls and says so once each is durable:
// store-writer.ts <folder> <calls> [<hold the write lock for ms, now and then>]
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createAttemptId, createCallId } from '../../src/core/ids.ts';
import { nanoUsd } from '../../src/core/money.ts';
import type { QuotaClaim } from '../../src/core/quota.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { openStore } from '../../src/store/open-store.ts';
import { watchStalls } from './given-time.ts';

const [dataDir = '', calls = '0', holdMs = '0'] = process.argv.slice(2);
const store = await openStore({
  dataDir,
  cache: { enabled: true, ttlMs: 1_000_000, maxBytes: 1_000_000 },
  clock: SYSTEM_CLOCK,
  logger: { debug() {}, info() {}, warn() {}, error: (_fields, message) => void writeSync(2, `${message}\n`) },
});
const longestStallMs = watchStalls();
writeSync(1, 'open\n');

const TODAY_MS = Math.floor(Date.now() / 86_400_000) * 86_400_000;

/** As budgets and rate limits make every call weigh and reserve them; wide enough to refuse nobody. */
const BUDGET: QuotaClaim = {
  quota: 'budget all',
  unit: 'nano_usd',
  key: '',
  limit: 1_000_000_000,
  bucketMs: TODAY_MS,
  fromMs: TODAY_MS,
  keptMs: 86_400_000,
  amount: 100,
  amountMin: 100,
  // A hard one would wait for a lock that is held long, and not go to the journal.
  mode: 'soft',
};
const REQUESTS: QuotaClaim = { ...BUDGET, quota: 'limit all requests', unit: 'requests', amount: 1, amountMin: 1 };

/** Four durable writes, and said in between, so that a kill can fall anywhere. */
async function bookCall(): Promise<void> {
  const id = createCallId();
  const attemptId = createAttemptId();
  const startedAtMs = Date.now();
  const common = { tenant: 'local', client: 'writer', strategy: 'complexity', configHash: 'h' } as const;
  const recorded = store.ledger.recordRequest({ id, startedAtMs, kind: 'chat', cache: 'miss', ...common });
  await store.ledger.recordAttempt({
    id: attemptId,
    requestId: id,
    startedAtMs,
    provider: 'groq',
    model: 'groq/llama',
    key: 'primary',
    expiresAtMs: startedAtMs + 600_000,
    claims: [BUDGET, REQUESTS],
  });
  await recorded;
  writeSync(1, `pending ${attemptId}\n`);
  const tokens = { inputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 0 };
  const usage = { ...tokens, source: 'reported' } as const;
  await store.ledger.settleAttempt(attemptId, { status: 'settled', usage, costNanoUsd: nanoUsd(7), latencyMs: 5 });
  writeSync(1, `settled ${attemptId}\n`);
  await store.ledger.endRequest(id, { status: 'success', cache: 'miss', latencyMs: 6, model: 'groq/llama' });
}

/** Somebody who holds the lock too long now and then, so that others take to their journals. */
async function holdLockNowAndThen(): Promise<void> {
  const database = new Database(join(dataDir, 'ledger.db'), { timeout: 0 });
  for (;;) {
    await delay(50 + Math.random() * 200, undefined, { ref: false });
    try {
      database.exec('BEGIN IMMEDIATE');
    } catch {
      continue;
    }
    await delay(Number(holdMs), undefined, { ref: false });
    database.exec('COMMIT');
  }
}

if (Number(holdMs) > 0) void holdLockNowAndThen();
const lanes = 5;
let left = Number(calls);
await Promise.all(
  Array.from({ length: lanes }, async () => {
    while (left > 0) {
      left -= 1;
      await bookCall();
    }
  }),
);
writeSync(1, `stalled ${Math.round(longestStallMs())}\n`);
await store.close();
