import { expect, it } from 'vitest';
import type { TargetHealth } from '../../src/core/health.ts';
import { keyHealthId } from '../../src/core/provider.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { attemptStart, inspect, openTestStore, requestStart, settled } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = keyHealthId({ name: 'primary', value: 'secret', weight: 1 });
const target = { provider: 'groq', key, model: 'llama' };
const whole = { provider: 'groq', key: '*', model: '*' };
const counted = (current: TargetHealth | undefined): TargetHealth => ({
  target,
  breaker: { state: 'closed' },
  consecutiveFailures: (current?.consecutiveFailures ?? 0) + 1,
});

it('keeps what a change returns, shows it to every process and forgets a target that is well', async () => {
  const folder = temporaryFolder();
  const [store, other] = [await openTestStore(folder), await openTestStore(folder)];
  const open: TargetHealth = {
    target: whole,
    breaker: { state: 'open', openedAtMs: 1, cooldownMs: 5_000 },
    consecutiveFailures: 5,
    cooldown: { untilMs: 9, reason: 'rate_limited' },
    lastError: { code: 'provider_error', message: 'broke', atMs: 1 },
  };
  expect(await store.health.update(whole, 0, () => open)).toEqual(open);
  expect(await other.health.update(target, 0, counted)).toEqual(counted(undefined));
  expect(store.health.snapshot()).toEqual(expect.arrayContaining([open, counted(undefined)]));
  expect(await other.health.update(whole, 0, () => undefined)).toBeUndefined();
  await expect.poll(() => store.health.snapshot()).toEqual([counted(undefined)]);
  await store.close();
  expect((await openTestStore(folder)).health.snapshot()).toEqual([counted(undefined)]);
});

it('changes of several processes at once are all counted', async () => {
  const folder = temporaryFolder();
  const stores = [await openTestStore(folder), await openTestStore(folder), await openTestStore(folder)];
  await Promise.all(
    stores.flatMap((store) => Array.from({ length: 40 }, () => store.health.update(target, 0, counted))),
  );
  expect(stores[0]?.health.snapshot()[0]?.consecutiveFailures).toBe(120);
});

it("the window counts the target's finished attempts, failures as the breaker counts them, cancels not at all", async () => {
  const store = await openTestStore(temporaryFolder());
  const request = requestStart();
  async function book(more: Parameters<typeof settled>[0], start: Parameters<typeof attemptStart>[1] = {}) {
    const attempt = attemptStart(request.id, { startedAtMs: 100_000, ...start });
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled({ latencyMs: 1_000, ...more }));
  }
  await book({});
  await book({ status: 'failed_unbilled', error: 'provider_error' });
  await book({ status: 'truncated', error: 'stream_truncated' });
  await book({ status: 'failed_unbilled', error: 'rate_limited' });
  await book({ status: 'cancelled', error: 'cancelled' });
  await book({ status: 'failed_unbilled', error: 'provider_timeout' }, { key: 'spare' });
  await book({ status: 'failed_unbilled', error: 'provider_timeout' }, { model: 'groq/other' });
  await book({ status: 'failed_unbilled', error: 'provider_timeout' }, { provider: 'openai', model: 'openai/llama' });
  // Started before the window, failed within it.
  await book({ status: 'failed_unbilled', error: 'provider_timeout', latencyMs: 90_000 }, { startedAtMs: 20_000 });
  await book({ status: 'failed_unbilled', error: 'provider_error' }, { startedAtMs: 50_000 });
  await store.ledger.recordAttempt(attemptStart(request.id, { startedAtMs: 100_000 }));

  const windows: unknown[] = [];
  for (const asked of [target, { ...target, model: 'groq/llama' }, { ...target, model: '*' }, whole]) {
    await store.health.update(asked, 101_000, (_current, window) => void windows.push(window));
  }
  expect(windows).toEqual([
    { total: 5, failures: 3 },
    { total: 5, failures: 3 },
    { total: 6, failures: 4 },
    { total: 7, failures: 5 },
  ]);
});

it('the window counts nothing that ended before the clock was put back, and later than it shows now', async () => {
  const time = { nowMs: 10_000_000 };
  const clock = { ...SYSTEM_CLOCK, nowMs: () => time.nowMs };
  const store = await openTestStore(temporaryFolder(), { clock });
  const fail = async () => {
    const attempt = attemptStart(requestStart().id, { startedAtMs: time.nowMs - 1_000 });
    await store.ledger.recordAttempt(attempt);
    const outcome = settled({ latencyMs: 1_000, status: 'failed_unbilled', error: 'provider_error' });
    await store.ledger.settleAttempt(attempt.id, outcome);
  };
  const windows: unknown[] = [];
  const look = () => store.health.update(target, time.nowMs - 60_000, (_, window) => void windows.push(window));
  await fail();
  await look();
  time.nowMs -= 3_600_000;
  await look();
  await fail();
  await look();
  expect(windows).toEqual([
    { total: 1, failures: 1 },
    { total: 0, failures: 0 },
    { total: 1, failures: 1 },
  ]);
});

it('a row that somebody garbled counts as none, and the next change mends it', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  await store.health.update(target, 0, counted);
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(`${folder}/ledger.db`);
  database.exec("UPDATE health SET state = 'garbled'");
  for (const [index, state] of ['null', '[]', '{"target":5}', '{"target":{},"breaker":{}}'].entries()) {
    database.prepare('INSERT INTO health VALUES (?, ?, ?, ?)').run('groq', `key${index}`, '*', state);
  }
  database.close();
  expect(store.health.snapshot()).toEqual([]);
  await store.health.update(target, 0, counted);
  expect(store.health.snapshot()).toEqual([counted(undefined)]);
  expect(inspect(`${folder}/ledger.db`, 'SELECT provider FROM health')).toContainEqual({ provider: 'groq' });
});
