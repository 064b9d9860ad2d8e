import { expect, it } from 'vitest';
import type { AttemptOutcome, RequestEnd, RequestStart } from '../../../src/core/books.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { attemptStart, openTestStore, requestEnd, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_800_000_000_000;

async function book(
  store: Store,
  start: Partial<RequestStart>,
  end: Partial<RequestEnd>,
  outcome?: Partial<AttemptOutcome>,
): Promise<void> {
  const request = requestStart(start);
  await store.ledger.recordRequest(request);
  if (outcome) {
    const attempt = attemptStart(request.id, { startedAtMs: request.startedAtMs });
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled(outcome));
  }
  await store.ledger.endRequest(request.id, requestEnd(end));
}

it('tells what ended lately, whose fault it was, what it cost, and how slow it was', async () => {
  const clock = createFakeClock();
  const store = await openTestStore(temporaryFolder(), { clock });
  const nowMs = clock.nowMs();
  const at = (minutesAgo: number) => ({ startedAtMs: nowMs - minutesAgo * MINUTE_MS });
  for (const latencyMs of [100, 4_000, 4_000, 4_000]) {
    await book(store, at(1), { latencyMs }, { costNanoUsd: nanoUsd(1_000_000) });
  }
  await book(store, at(1), { cache: 'hit', latencyMs: 1 });
  await book(store, at(1), { cache: 'coalesced', latencyMs: 1 });
  // Ours or the provider's.
  await book(store, at(2), { status: 'failed', error: 'all_failed' }, { costNanoUsd: nanoUsd(5) });
  await book(store, at(2), { status: 'truncated', error: 'stream_truncated' });
  await book(store, at(2), { status: 'failed', error: 'quota_exhausted' });
  // The caller's, or a limit that was meant.
  await book(store, at(2), { status: 'failed', error: 'invalid_request' });
  await book(store, at(2), { status: 'failed', error: 'budget_exceeded' });
  await book(store, at(2), { status: 'failed', error: 'rate_limited' });
  await book(store, at(2), { status: 'cancelled', error: 'cancelled' });
  await book(store, { ...at(3), cache: 'off' }, { cache: 'off' });
  // Still running: nobody knows yet.
  await store.ledger.recordRequest(requestStart(at(1)));

  const window = { nowMs, overMs: 5 * MINUTE_MS };
  const figures = await store.traffic.requests(window);
  expect(figures).toEqual({ requests: 13, failed: 3, cacheHits: 2, cacheable: 12, latencyMsP95: 4_000 });
  expect(await store.traffic.attempts(window)).toEqual([
    { provider: 'groq', requests: 5, failures: 0, costNanoUsd: 4_000_005, latencyMsP95: 250 },
  ]);
});

it('counts by the end: what took long counts when it is over, what ended before does not', async () => {
  const clock = createFakeClock();
  const store = await openTestStore(temporaryFolder(), { clock });
  const startedAtMs = clock.nowMs();
  const slow = requestStart({ startedAtMs });
  await store.ledger.recordRequest(slow);
  await book(store, { startedAtMs }, {});
  await clock.advance(10 * MINUTE_MS);
  await store.ledger.endRequest(
    slow.id,
    requestEnd({ status: 'failed', error: 'provider_timeout', latencyMs: 600_000 }),
  );
  const over = (minutes: number) => store.traffic.requests({ nowMs: clock.nowMs(), overMs: minutes * MINUTE_MS });
  expect(await over(5)).toMatchObject({ requests: 1, failed: 1 });
  expect(await over(11)).toMatchObject({ requests: 2, failed: 1 });
  expect(await over(5)).toMatchObject({ requests: 1, failed: 1 });
});

it('tells of attempts by provider, and whose failures they were', async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  await store.ledger.recordRequest(request);
  const tries: readonly [provider: string, outcome: Partial<AttemptOutcome>][] = [
    ['groq', { status: 'failed_unbilled', error: 'provider_unavailable' }],
    ['groq', { status: 'failed_unbilled', error: 'invalid_request' }],
    ['groq', { status: 'cancelled', error: 'provider_timeout' }],
    // Not the JSON that was asked for.
    ['openai', { latencyMs: 700, error: 'malformed_response' }],
  ];
  for (const [provider, outcome] of tries) {
    const attempt = attemptStart(request.id, { provider });
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled(outcome));
  }
  await store.ledger.recordAttempt(attemptStart(request.id));
  expect(await store.traffic.attempts({ nowMs: Date.now(), overMs: MINUTE_MS })).toEqual([
    { provider: 'groq', requests: 3, failures: 1, costNanoUsd: 3_000 },
    { provider: 'openai', requests: 1, failures: 0, costNanoUsd: 1_000, latencyMsP95: 700 },
  ]);
});

it('has nothing to tell of empty books', async () => {
  const store = await openTestStore(temporaryFolder());
  const window = { nowMs: Date.now(), overMs: MINUTE_MS };
  expect(await store.traffic.requests(window)).toEqual({ requests: 0, failed: 0, cacheHits: 0, cacheable: 0 });
  expect(await store.traffic.attempts(window)).toEqual([]);
});

it("reports a provider's traffic: percentiles of answers, failures without cancels and callers' mistakes", async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  await store.ledger.recordRequest(request);
  async function attempt(provider: string, outcome: ReturnType<typeof settled>, startedAtMs = NOW_MS) {
    const start = attemptStart(request.id, { provider, model: `${provider}/m`, startedAtMs });
    await store.ledger.recordAttempt(start);
    await store.ledger.settleAttempt(start.id, outcome);
  }
  for (let index = 1; index <= 20; index += 1)
    await attempt('groq', settled({ latencyMs: index * 10 }), NOW_MS + index);
  await attempt('groq', settled({ status: 'failed_unbilled', error: 'provider_error', latencyMs: 9_999 }));
  await attempt('groq', settled({ status: 'failed_unbilled', error: 'rate_limited' }));
  await attempt('groq', settled({ status: 'failed_unbilled', error: 'invalid_request' }));
  await attempt('groq', settled({ status: 'cancelled', error: 'cancelled' }));
  await attempt('groq', settled({ error: 'malformed_response', latencyMs: 100 }));
  await attempt('groq', settled({ error: 'provider_error' }), NOW_MS - 1_000_000);
  await attempt('openai', settled({ status: 'failed_unbilled', error: 'provider_timeout' }));
  await store.ledger.recordAttempt(attemptStart(request.id, { provider: 'pending', startedAtMs: NOW_MS }));
  const traffic = await store.ledger.traffic({ fromMs: NOW_MS });
  expect(traffic.toSorted((left, right) => (left.provider < right.provider ? -1 : 1))).toEqual([
    { provider: 'groq', requests: 25, failures: 2, latencyMsP50: 100, latencyMsP95: 190 },
    { provider: 'openai', requests: 1, failures: 1 },
  ]);
});
