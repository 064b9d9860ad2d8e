import { expect, it, onTestFinished } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { HealthTarget, TargetHealth } from '../../src/core/health.ts';
import { type ApiKey, keyHealthId, type Provider, type ProviderSettings } from '../../src/core/provider.ts';
import { openBreaker } from '../../src/resilience/breaker.ts';
import { recoverProviders } from '../../src/resilience/recover-providers.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { openTestStore, recordingLogger } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEY: ApiKey = { name: 'main', value: 'key-of-vendor', weight: 1 };
const SETTINGS: ProviderSettings = { id: 'vendor', kind: 'openai', keys: [KEY], status: 'configured' };
const WHOLE: HealthTarget = { provider: 'vendor', key: '*', model: '*' };
const MODEL: HealthTarget = { provider: 'vendor', key: keyHealthId(KEY), model: 'small' };

/** A provider whose free model list answers, or fails, as `list` says; nothing else of it may be called. */
async function start(list: (signal: AbortSignal) => Promise<void>, settings: ProviderSettings = SETTINGS) {
  const clock = createFakeClock();
  const store = await openTestStore(temporaryFolder(), { clock });
  const asked: number[] = [];
  const provider: Provider = {
    id: 'vendor',
    kind: 'openai',
    complete: () => Promise.reject(new Error('recovery made a paid call')),
    async listModels({ signal }) {
      asked.push(clock.monotonicMs());
      await list(signal);
      return [];
    },
  };
  const ending = new AbortController();
  const running = recoverProviders(
    {
      health: store.health,
      providers: () => ({ settings: [settings], load: async () => provider }),
      clock,
      random: { next: () => 0.5 },
      logger: recordingLogger(),
    },
    ending.signal,
  );
  onTestFinished(async () => {
    ending.abort();
    await running;
  });
  const put = (health: Omit<TargetHealth, 'consecutiveFailures'>) =>
    store.health.update(health.target, clock.nowMs(), () => ({ consecutiveFailures: 5, ...health }));
  const rowOf = ({ key, model }: HealthTarget) =>
    store.health.snapshot().find(({ target }) => target.key === key && target.model === model);
  return { clock, store, asked, put, rowOf, ending, running };
}

const out = (clock: { nowMs(): number }) => ({
  target: WHOLE,
  breaker: openBreaker(clock.nowMs(), 60_000),
  lastError: { code: 'provider_unavailable', message: 'refused', atMs: clock.nowMs() } as const,
});

it('a provider that is out is asked every 30 s, and is back when its list answers', async () => {
  let up = false;
  const { clock, asked, put, rowOf } = await start(async () => {
    if (!up) throw new GatewayError('provider_unavailable', 'still down');
  });
  await put(out(clock));
  await clock.advance(95_000);
  expect(asked).toEqual([30_000, 60_000, 90_000]);
  expect(rowOf(WHOLE)?.breaker.state).toBe('open');
  up = true;
  await clock.advance(30_000);
  // The row is gone with its commit, for which no clock of a test can wait.
  await expect.poll(() => rowOf(WHOLE)).toBeUndefined();
  await clock.advance(300_000);
  expect(asked).toHaveLength(4);
});

it('a provider that is well is never asked', async () => {
  const { clock, asked, put } = await start(async () => {});
  await put({ target: MODEL, breaker: openBreaker(clock.nowMs(), 60_000) });
  await clock.advance(300_000);
  expect(asked).toEqual([]);
});

it('with the provider, its models that could not be reached are tried by their next request', async () => {
  const { clock, put, rowOf } = await start(async () => {});
  await put(out(clock));
  const cooldownMs = 600_000;
  const broken = { ...MODEL, model: 'broken' };
  const lastError = { message: 'x', atMs: clock.nowMs() };
  await put({
    target: MODEL,
    breaker: openBreaker(clock.nowMs(), cooldownMs),
    lastError: { ...lastError, code: 'provider_unavailable' },
  });
  await put({
    target: broken,
    breaker: openBreaker(clock.nowMs(), cooldownMs),
    lastError: { ...lastError, code: 'provider_error' },
  });
  await clock.advance(31_000);
  while (rowOf(WHOLE)) await new Promise((resolve) => setImmediate(resolve));
  // In the same moment: who finds the provider back is not sent away for the rest of its model.
  expect(restMs(rowOf(MODEL) as TargetHealth, clock.nowMs())).toBeLessThanOrEqual(0);
  // Whose answers were bad stays out for its time: a list says nothing about these.
  expect(restMs(rowOf(broken) as TargetHealth, clock.nowMs())).toBeGreaterThan(500_000);
});

function restMs({ breaker }: TargetHealth, nowMs: number): number {
  return breaker.state === 'open' ? breaker.openedAtMs + breaker.cooldownMs - nowMs : 0;
}

it('a failure that came after the list was asked for counts more than the list', async () => {
  const hold = Promise.withResolvers<void>();
  const { clock, put, rowOf } = await start(() => hold.promise);
  await put(out(clock));
  await clock.advance(30_000);
  await clock.advance(100);
  await put(out(clock));
  hold.resolve();
  await clock.advance(10);
  expect(rowOf(WHOLE)?.breaker.state).toBe('open');
});

it('a key that was refused is not used to ask, and a provider with no other is left alone', async () => {
  const { clock, asked, put } = await start(async () => {});
  await put(out(clock));
  await put({
    target: { ...MODEL, model: '*' },
    breaker: { state: 'closed' },
    cooldown: { untilMs: clock.nowMs() + 600_000, reason: 'provider_auth' },
  });
  await clock.advance(300_000);
  expect(asked).toEqual([]);
  await clock.advance(330_000);
  expect(asked).toHaveLength(1);
});

it('a list that does not come is waited for five seconds, and asked for again', async () => {
  const { clock, asked, put } = await start(
    (signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  await put(out(clock));
  await clock.advance(100_000);
  expect(asked).toEqual([30_000, 65_000, 100_000]);
});

it('a provider that is disabled or has no key is not asked', async () => {
  const { clock, asked, put } = await start(async () => {}, { ...SETTINGS, status: 'disabled' });
  await put(out(clock));
  await clock.advance(100_000);
  expect(asked).toEqual([]);
});

it('recovery ends with the service', async () => {
  const { clock, ending, running } = await start(async () => {});
  ending.abort();
  await running;
  expect(clock.sleepers()).toBe(0);
});
