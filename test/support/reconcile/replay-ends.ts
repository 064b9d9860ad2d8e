import { createHash } from 'node:crypto';
import type { AttemptOutcome } from '../../../src/core/books.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Finding } from './evidence.ts';
import { withLedger } from './signalbox-books.ts';

const SAMPLE = 200;

/** Another end than any attempt had: it would be seen. */
const OTHER_END: AttemptOutcome = {
  status: 'settled',
  usage: {
    inputTokens: 7_777_777,
    cachedInputTokens: 1,
    cacheWriteTokens: 1,
    outputTokens: 7_777_777,
    reasoningTokens: 1,
    source: 'reported',
  },
  costNanoUsd: nanoUsd(777_777_777_777),
  latencyMs: 1,
};

/** I3: ends that come again, and late, after a restart change nothing; neither does taking an attempt back. */
export async function replayEnds(dataDir: string, clockOffsetMs: number): Promise<readonly Finding[]> {
  const ended = withLedger(dataDir, (database) =>
    database.prepare<[], { id: string }>(`SELECT id FROM attempts WHERE ended_at_ms IS NOT NULL LIMIT ${SAMPLE}`).all(),
  );
  const before = digest(dataDir);
  const clock = { ...SYSTEM_CLOCK, nowMs: () => Date.now() + clockOffsetMs };
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const cache = { enabled: false, ttlMs: 1_000, maxBytes: 1_000_000 };
  const store = await openStore({ dataDir, cache, clock, logger });
  await Promise.all(
    ended.flatMap(({ id }) => [
      store.ledger.settleAttempt(id as Parameters<typeof store.ledger.settleAttempt>[0], OTHER_END),
      store.ledger.voidAttempt(id as Parameters<typeof store.ledger.voidAttempt>[0]),
    ]),
  );
  await store.close();
  const after = digest(dataDir);
  return before === after ? [] : [{ invariant: 'I3', what: `${ended.length} ends that came again changed the books` }];
}

function digest(dataDir: string): string {
  return withLedger(dataDir, (database) => {
    const hash = createHash('sha256');
    for (const table of ['requests', 'attempts', 'quota_counters', 'quota_entries']) {
      for (const row of database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).raw().iterate()) {
        hash.update(JSON.stringify(row));
      }
    }
    return hash.digest('hex');
  });
}
