import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { TrafficWindow } from '../../../src/core/alerts.ts';
import type { AttemptId, CallId } from '../../../src/core/ids.ts';
import { REQUEST_BOUNDARY } from '../../../src/store/costs/time-slices.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { EndedRows } from '../../../src/store/traffic/ended-rows.ts';
import { pick, seededRandom } from '../../support/seeded-random.ts';
import {
  attemptStart,
  bookCall,
  change,
  filesOf,
  inspect,
  openLedgerFile,
  openTestStore,
  requestEnd,
  requestStart,
  settled,
} from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MINUTE_MS = 60_000;
const BUCKET_MS = 5_000;

/** What somebody would say who reads all books anew. */
function readPlainly(path: string, { nowMs, overMs }: TrafficWindow) {
  const sinceMs = Math.floor((nowMs - overMs) / BUCKET_MS) * BUCKET_MS;
  const ended = `ended_at_ms >= ${sinceMs} AND latency_ms <= ${20 * MINUTE_MS}`;
  const [requests] = inspect<{ requests: number; failed: number; latencyMsP95: number | null }>(
    path,
    `SELECT count(*) FILTER (WHERE status <> 'cancelled') AS requests,
      count(*) FILTER (WHERE status = 'failed') AS failed,
      percentile_disc(latency_ms, 0.95) FILTER (WHERE status = 'success') AS latencyMsP95
    FROM requests WHERE ${ended}`,
  );
  const attempts = inspect(
    path,
    `SELECT provider, count(*) AS requests, sum(cost_nano_usd) AS costNanoUsd FROM attempts
    WHERE ${ended} GROUP BY provider ORDER BY provider`,
  );
  return { ...requests, attempts };
}

async function look({ traffic }: Pick<Store, 'traffic'>, window: TrafficWindow) {
  const { requests, failed, latencyMsP95 = null } = await traffic.requests(window);
  const attempts = (await traffic.attempts(window)).map(({ provider, requests, costNanoUsd }) => {
    return { provider, requests, costNanoUsd };
  });
  attempts.sort((left, right) => (left.provider < right.provider ? -1 : 1));
  return { requests, failed, latencyMsP95, attempts };
}

type Open = { readonly request: CallId; readonly attempt: AttemptId };

/** Random traffic of two processes, with a clock of its own. */
async function randomTraffic(random: () => number, folder: string) {
  const stores = [await openTestStore(folder), await openTestStore(folder)] as const;
  const open: Open[] = [];
  const upTo = (ms: number) => Math.round(random() * ms);
  const takeOne = () => open.splice(Math.floor(random() * open.length), 1)[0];
  const traffic = {
    nowMs: 1_800_000_000_000,
    /** Now, or in a journal that is merged later. */
    async begin(ids?: Open) {
      const startedAtMs = traffic.nowMs - pick(random, [0, 0, upTo(2 * MINUTE_MS), upTo(25 * MINUTE_MS)]);
      const { ledger } = pick(random, stores);
      const request = requestStart({ startedAtMs, ...(ids && { id: ids.request }) });
      const more = { startedAtMs, provider: pick(random, ['groq', 'openai']), ...(ids && { id: ids.attempt }) };
      const attempt = attemptStart(request.id, more);
      await Promise.all([ledger.recordRequest(request), ledger.recordAttempt(attempt)]);
      if (!ids) open.push({ request: request.id, attempt: attempt.id });
    },
    async end(one = takeOne()) {
      if (!one) return;
      const { ledger } = pick(random, stores);
      const latencyMs = pick(random, [upTo(5_000), upTo(4 * MINUTE_MS), upTo(24 * MINUTE_MS)]);
      const status = pick(random, ['success', 'success', 'failed', 'cancelled']);
      const error = status === 'failed' ? { error: 'all_failed' as const } : {};
      await Promise.all([
        ledger.settleAttempt(one.attempt, settled({ latencyMs })),
        ledger.endRequest(one.request, requestEnd({ latencyMs, status, ...error })),
      ]);
    },
    async endBeforeBeginning() {
      const ids = { request: requestStart().id, attempt: attemptStart(requestStart().id).id };
      await traffic.end(ids);
      await traffic.begin(ids);
    },
    async takeBack() {
      const newest = open.at(-1);
      if (newest) await pick(random, stores).ledger.voidAttempt(newest.attempt);
    },
    async giveUp() {
      change(
        join(folder, 'ledger.db'),
        "UPDATE requests SET status = 'failed' WHERE status IS NULL; UPDATE attempts SET status = 'unknown' WHERE status = 'pending'",
      );
    },
    async wait() {
      traffic.nowMs += pick(random, [upTo(15_000), upTo(MINUTE_MS), upTo(30 * MINUTE_MS)]);
    },
    async setClock() {
      traffic.nowMs += upTo(180 * MINUTE_MS) - 90 * MINUTE_MS;
    },
  };
  return { traffic, store: stores[0] };
}

describe('what ended lately', () => {
  it('is the same read bit by bit as read at once, whatever comes, ends, is late or is taken back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seededRandom(seed);
        const folder = temporaryFolder();
        const { traffic, store } = await randomTraffic(random, folder);
        const { begin, end, endBeforeBeginning, takeBack, giveUp, wait, setClock } = traffic;
        const often = [begin, begin, begin, end, end, endBeforeBeginning, takeBack, wait] as const;
        for (let step = 0; step < 60; step += 1) {
          await (random() < 0.05 ? pick(random, [giveUp, setClock]) : pick(random, often))();
          if (random() > 0.3) continue;
          const window = { nowMs: traffic.nowMs, overMs: pick(random, [2, 2, 2, 2, 30]) * MINUTE_MS };
          expect(await look(store, window)).toEqual(readPlainly(join(folder, 'ledger.db'), window));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is that of the books that stand there now, when they were replaced', async () => {
    const folder = temporaryFolder();
    const store = await openTestStore(folder);
    for (let count = 0; count < 3; count += 1) await bookCall(store);
    const window = { nowMs: Date.now(), overMs: MINUTE_MS };
    expect(await look(store, window)).toMatchObject({ requests: 3 });
    const other = temporaryFolder();
    const theirs = await openTestStore(other);
    for (let count = 0; count < 5; count += 1) await bookCall(theirs);
    await theirs.close();
    replaceBooks(folder, other);
    expect(await look(store, window)).toMatchObject({ requests: 5 });
  });

  it('misses nothing and counts nothing twice while others write', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.db');
    const store = await openTestStore(folder);
    const nowMs = Date.now();
    change(
      path,
      `WITH RECURSIVE rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < 35000)
      INSERT INTO requests
        (id, started_at_ms, kind, tenant, client, strategy, cache, config_hash, status, ended_at_ms, latency_ms)
      SELECT 'r' || n, ${nowMs} - 35000 + n, 'chat', 'local', 'test', 'cost', 'miss', 'hash',
        iif(n % 7 = 0, NULL, 'success'), iif(n % 7 = 0, NULL, ${nowMs} - 35000 + 2 * n), iif(n % 7 = 0, NULL, n) FROM rows`,
    );
    const window = { nowMs, overMs: 5 * MINUTE_MS };
    for (let round = 1; round < 7; round += 1) {
      const looking = look(store, window);
      for (let turn = 0; turn < 2; turn += 1) {
        await bookCall(store, { startedAtMs: turn === 0 ? nowMs - 34_900 : nowMs });
        change(
          path,
          `UPDATE requests SET status = 'success', latency_ms = 7, ended_at_ms = started_at_ms + 7
          WHERE status IS NULL AND substr(id, 2) % 6 = ${round} - 1 AND substr(id, 2) % 2 = ${turn}`,
        );
      }
      await looking;
      const { requests } = readPlainly(path, window);
      expect(await look(store, window)).toMatchObject({ requests });
    }
    expect(readPlainly(path, window)).toMatchObject({ requests: 35_012 });
    // The newest 10,000, to five seconds.
    const { latencyMsP95 } = await look(store, window);
    expect(latencyMsP95).toBeGreaterThan(32_000);
    expect(await store.traffic.requests({ ...window, overMs: 0 })).toMatchObject({ latencyMsP95 });
  });
});

function replaceBooks(folder: string, other: string): void {
  for (const name of filesOf(folder)) if (name.startsWith('ledger.db')) rmSync(join(folder, name));
  renameSync(join(other, 'ledger.db'), join(folder, 'ledger.db'));
}

describe('a look', () => {
  /** Row ids of what was read, as the database tells. */
  async function watched() {
    const folder = temporaryFolder();
    const store = await openTestStore(folder);
    const file = await openLedgerFile(folder);
    const read: number[] = [];
    file.database.function('seen', (rowId) => read.push(Number(rowId)));
    const prepare = vi.spyOn(file, 'prepare');
    const boundarySql = REQUEST_BOUNDARY;
    const sums = { requests: 'count(seen(rowid))' };
    const rows = new EndedRows(file, { name: 'requests', boundarySql, owner: "''", sums, isAnswer: 'true' });
    return { store, file, rows, read, statements: () => prepare.mock.calls.map(([sql]) => sql) };
  }

  it('reads what came since the last one and what had not ended, by their row ids', async () => {
    const { store, file, rows, read, statements } = await watched();
    const startedAtMs = Date.now();
    const slow = Array.from({ length: 3 }, () => requestStart({ startedAtMs }));
    for (const request of slow) await store.ledger.recordRequest(request);
    for (let count = 0; count < 20; count += 1) await bookCall(store, { startedAtMs });
    const looked = async (waitedMs: number) => {
      read.length = 0;
      const ended = await rows.within({ nowMs: startedAtMs + waitedMs, overMs: 5 * MINUTE_MS });
      return { read: [...read].sort((left, right) => left - right), requests: ended.get('')?.sums.requests };
    };
    expect(await looked(0)).toMatchObject({ requests: 20 });
    expect(await looked(15_000)).toEqual({ read: [1, 2, 3], requests: 20 });

    await bookCall(store, { startedAtMs });
    for (const request of slow.slice(1)) await store.ledger.endRequest(request.id, requestEnd({ latencyMs: 200_000 }));
    const late = requestStart({ startedAtMs: startedAtMs - 4 * MINUTE_MS });
    await store.ledger.recordRequest(late);
    expect(await looked(30_000)).toEqual({ read: [1, 2, 3, 24, 25], requests: 23 });
    await store.ledger.endRequest(late.id, requestEnd());
    expect(await looked(45_000)).toEqual({ read: [1, 25], requests: 24 });
    expect(await looked(60_000 + 5 * MINUTE_MS)).toEqual({ read: [1], requests: 2 });
    expect(await looked(25 * MINUTE_MS)).toEqual({ read: [1], requests: undefined });
    expect(await looked(26 * MINUTE_MS)).toMatchObject({ read: [1] });
    // What runs for so long is not waited for any more.
    expect(await looked(27 * MINUTE_MS)).toMatchObject({ read: [] });

    const parameters = { fromMs: 0, toMs: 1, rowsMax: 1, sinceMs: 0, after: 0, until: 1, rowIds: '[]' };
    const plans = statements().flatMap((sql) => {
      const explain = file.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
      return explain.all(sql.includes('?') ? 1 : parameters).map(({ detail }) => detail);
    });
    expect(plans.filter((detail) => detail.startsWith('SCAN requests'))).toEqual([]);
    expect(plans).toContain('SEARCH requests USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)');
  });
});
