import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { AttemptRecord, RequestEnd, RequestStart } from '../../../src/core/books.ts';
import { createCallId } from '../../../src/core/ids.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { LEDGER_MIGRATIONS } from '../../../src/store/ledger/ledger-schema.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  attemptStart,
  bookCall,
  inspect,
  openTestStore,
  requestEnd,
  requestStart,
  settled,
} from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NOW_MS = 1_800_000_000_000;
const ALL = { tenant: 'local', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

it('a request that ends as it begins is one row like any other', async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart({ cache: 'hit' });
  const end = requestEnd({ cache: 'hit', savedNanoUsd: nanoUsd(5) });
  await store.ledger.recordRequest(request, end);
  expect(await store.ledger.recentRequests({ limit: 5 })).toEqual([
    { ...request, ...end, costNanoUsd: 0, attempts: [] },
  ]);
  await store.close();
});

it('a report has what was booked before it, also what nobody has waited for', async () => {
  const store = await openTestStore(temporaryFolder());
  const book = (count: number) =>
    Array.from({ length: count }, () => store.ledger.recordRequest(requestStart(), requestEnd()));
  await Promise.all(book(50));
  const late = Promise.all(book(10));
  expect((await store.ledger.costs(ALL)).totals).toMatchObject({ requests: 60 });
  await late;
});

it('gives back how an answer was checked, with its attempts by what they were for', async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  await store.ledger.recordRequest(request);
  const startedAtMs = request.startedAtMs;
  const asked = [
    attemptStart(request.id, { startedAtMs: startedAtMs + 9, model: 'openai/strong', role: 'escalation' }),
    attemptStart(request.id, { startedAtMs, model: 'groq/second', role: 'peer' }),
    attemptStart(request.id, { startedAtMs: startedAtMs + 1, model: 'groq/first' }),
  ];
  for (const attempt of asked) {
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled());
  }
  const verification = {
    outcome: 'escalated',
    doubt: 0.75,
    reasons: ['truncated'],
    first: 'groq/first',
    peer: 'groq/second',
    checkMs: 12,
    checkCostNanoUsd: nanoUsd(7),
  } as const;
  await store.ledger.endRequest(request.id, requestEnd({ verification }));
  const [read] = await store.ledger.recentRequests({ limit: 5 });
  expect(read?.verification).toEqual(verification);
  expect(read?.attempts.map(({ model, role }) => [model, role])).toEqual([
    ['groq/first', undefined],
    ['groq/second', 'peer'],
    ['openai/strong', 'escalation'],
  ]);
  await store.close();
});

it('reads the books of an earlier version, and goes on with them', async () => {
  const folder = temporaryFolder();
  const [first = '', second = '', third = ''] = LEDGER_MIGRATIONS;
  const earlier = new Database(join(folder, 'ledger.db'));
  for (const step of [first, second, third]) earlier.exec(step);
  earlier.exec(`
    INSERT INTO requests (id, started_at_ms, kind, tenant, client, strategy, cache, config_hash)
      VALUES ('req_old', 5, 'chat', 'local', 'test', 'complexity', 'miss', 'hash');
    INSERT INTO attempts (id, request_id, started_at_ms, provider, model, key, expires_at_ms, status, ended_at_ms, cost_nano_usd)
      VALUES ('att_old', 'req_old', 5, 'groq', 'groq/m', 'main', 9, 'settled', 6, 7);
    PRAGMA user_version = 3`);
  earlier.close();
  const store = await openTestStore(folder);
  await bookCall(store);
  const [, old] = await store.ledger.recentRequests({ limit: 5 });
  expect(old).toMatchObject({ id: 'req_old', costNanoUsd: 7, attempts: [{ id: 'att_old', model: 'groq/m' }] });
  expect(old).not.toHaveProperty('verification');
  expect(old?.attempts[0]).not.toHaveProperty('role');
  await store.close();
});

it('gives back every field of a request and of its attempts as it was booked', async () => {
  const store = await openTestStore(temporaryFolder());
  const request: Required<RequestStart> = {
    ...requestStart(),
    team: 'red',
    user: 'ann',
    metadata: { ticket: '7' },
    tier: 'medium',
    task: 'code',
    rule: 'night',
  };
  await store.ledger.recordRequest(request);
  expect(await store.ledger.recentRequests({ limit: 5 })).toEqual([{ ...request, costNanoUsd: 0, attempts: [] }]);

  const first = attemptStart(request.id);
  const second: Required<Omit<AttemptRecord, 'correctedNanoUsd'>> = {
    ...attemptStart(request.id),
    ...settled(),
    provider: 'openai',
    model: 'openai/gpt-5-mini',
    startedAtMs: first.startedAtMs + 9,
    priceVersion: 'other',
    role: 'peer',
    usage: { ...settled().usage, webSearches: 1 },
    costNanoUsd: nanoUsd(1_000),
    firstTokenMs: 80,
    error: 'stream_truncated',
    providerRequestId: 'upstream-1',
  };
  const { priceVersion: _, ...unpriced } = attemptStart(request.id, { startedAtMs: first.startedAtMs + 20 });
  await store.ledger.recordAttempt(first);
  const failed = {
    ...settled({ status: 'failed_unbilled', usage: NO_USAGE, error: 'rate_limited' }),
    costNanoUsd: nanoUsd(0),
  };
  await store.ledger.settleAttempt(first.id, failed);
  await store.ledger.recordAttempt(second);
  await store.ledger.settleAttempt(second.id, { ...second, status: 'settled' });
  await store.ledger.recordAttempt(unpriced);
  await store.ledger.voidAttempt(unpriced.id);
  const end: Required<RequestEnd> = {
    ...requestEnd(),
    model: second.model,
    error: 'stream_truncated',
    savedNanoUsd: nanoUsd(5),
    coalescedInto: createCallId(),
    verification: { outcome: 'passed', doubt: 0.1, reasons: [], first: first.model, checkMs: 3 },
  };
  await store.ledger.endRequest(request.id, end);

  expect(await store.ledger.recentRequests({ id: request.id, limit: 5 })).toEqual([
    { ...request, ...end, costNanoUsd: 1_000, attempts: [{ ...first, ...failed }, second] },
  ]);
  expect(await store.ledger.recentRequests({ id: `${request.id}0`, limit: 5 })).toEqual([]);
});

it('lists the newest requests first and pages through many', async () => {
  const store = await openTestStore(temporaryFolder());
  const ids = Array.from({ length: 1_203 }, (_, index) => requestStart({ startedAtMs: 1_000 + Math.floor(index / 3) }));
  await Promise.all(ids.map((request) => store.ledger.recordRequest(request)));
  const listed = await store.ledger.recentRequests({ limit: 5_000 });
  expect(new Set(listed.map(({ id }) => id)).size).toBe(1_203);
  const times = listed.map(({ startedAtMs }) => startedAtMs);
  expect(times).toEqual(times.toSorted((left, right) => right - left));
  expect(await store.ledger.recentRequests({ limit: 2 })).toEqual(listed.slice(0, 2));
});

it('knows no cost where an attempt may have been billed at an unknown price', async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  const attempt = attemptStart(request.id);
  const { costNanoUsd: _, ...unpriced } = settled();
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(attempt);
  await store.ledger.settleAttempt(attempt.id, unpriced);
  const [record] = await store.ledger.recentRequests({ limit: 1 });
  expect(record?.costNanoUsd).toBeNull();
  expect(record?.attempts[0]).not.toHaveProperty('costNanoUsd');
  expect((await store.ledger.costs(ALL)).totals).toMatchObject({ costNanoUsd: 0, unpricedRequests: 1 });
});

it('gives up what a dead process left: the attempt is unknown, its request failed, a late settlement still counts', async () => {
  const clock = createFakeClock(NOW_MS);
  const folder = temporaryFolder();
  const dead = await openTestStore(folder, { clock });
  const request = requestStart({ startedAtMs: NOW_MS });
  const attempt = attemptStart(request.id, { startedAtMs: NOW_MS, expiresAtMs: NOW_MS + 60_000 });
  const lone = requestStart({ startedAtMs: NOW_MS });
  await dead.ledger.recordRequest(request);
  await dead.ledger.recordRequest(lone);
  await dead.ledger.recordAttempt(attempt);
  await dead.close();

  const store = await openTestStore(folder, { clock });
  const statuses = async () =>
    new Map(
      (await store.ledger.recentRequests({ limit: 9 })).map(({ id, status, attempts }) => [
        id,
        [status, attempts[0]?.status],
      ]),
    );
  expect(await statuses()).toEqual(
    new Map([
      [request.id, [undefined, 'pending']],
      [lone.id, [undefined, undefined]],
    ]),
  );
  clock.stepWall(60_001);
  expect(await statuses()).toEqual(
    new Map([
      [request.id, ['failed', 'unknown']],
      [lone.id, [undefined, undefined]],
    ]),
  );
  const given = (await store.ledger.recentRequests({ limit: 9 })).find(({ id }) => id === request.id);
  expect(given).toMatchObject({ costNanoUsd: null, attempts: [{ usage: NO_USAGE }] });
  expect((await store.ledger.costs(ALL)).totals).toMatchObject({ failedAttempts: 1, unpricedRequests: 1 });
  clock.stepWall(86_400_000);
  expect((await statuses()).get(lone.id)).toEqual(['failed', undefined]);

  await store.ledger.settleAttempt(attempt.id, settled());
  await store.ledger.endRequest(request.id, requestEnd());
  expect((await statuses()).get(request.id)).toEqual(['success', 'settled']);
});

it('times of a clock that jumped back are booked without a negative span', async () => {
  const store = await openTestStore(temporaryFolder());
  const [, attemptId] = await bookCall(store);
  const request = requestStart();
  const attempt = attemptStart(request.id);
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(attempt);
  await store.ledger.settleAttempt(attempt.id, settled({ latencyMs: -3_600_000.5, firstTokenMs: -1 }));
  const attempts = (await store.ledger.recentRequests({ limit: 5 })).flatMap((record) => record.attempts);
  expect(attempts.find(({ id }) => id === attempt.id)).toMatchObject({ latencyMs: 0, firstTokenMs: 0 });
  expect(attempts.find(({ id }) => id === attemptId)).toMatchObject({ latencyMs: 250 });
});

it('yields the usage of answered attempts only, to price the same traffic elsewhere', async () => {
  const store = await openTestStore(temporaryFolder());
  await bookCall(store);
  await bookCall(store, { tenant: 'other' });
  const request = requestStart();
  await store.ledger.recordRequest(request);
  for (const status of ['failed_unbilled', 'truncated', 'cancelled'] as const) {
    const attempt = attemptStart(request.id);
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled({ status }));
  }
  const usages: Usage[] = [];
  for await (const usage of store.ledger.usages(ALL)) usages.push(usage);
  expect(usages).toEqual([settled().usage]);
});

it('refuses what is not whole money, for that row alone', async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  const attempt = attemptStart(request.id);
  const results = await Promise.allSettled([
    store.ledger.recordRequest(request),
    store.ledger.recordAttempt(attempt),
    store.ledger.settleAttempt(attempt.id, settled({ costNanoUsd: 0.5 as never })),
    store.ledger.endRequest(request.id, requestEnd()),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(results[2]).toMatchObject({ reason: { code: 'internal' } });
  const [record] = await store.ledger.recentRequests({ limit: 1 });
  expect(record).toMatchObject({ status: 'success', attempts: [{ status: 'pending' }] });
});

it('keeps the folder to its owner and the log short', async () => {
  const folder = join(temporaryFolder(), 'deep', 'data');
  const store = await openTestStore(folder);
  for (let index = 0; index < 300; index += 1) await bookCall(store);
  const modes = ['', 'ledger.db', 'ledger.db-wal', 'cache.db', '.open-lock'].map(
    (name) => statSync(join(folder, name)).mode & 0o777,
  );
  expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
  expect(statSync(join(folder, 'ledger.db-wal')).size).toBeLessThan(8_000_000);
  expect(inspect(join(folder, 'ledger.db'), 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
});
