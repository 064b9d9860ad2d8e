import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { type Budget, NO_QUOTA_USE } from '../../../src/core/quota.ts';
import { forecastOf, reportBudgets } from '../../../src/gateway/money/budget-report.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { model, openGateway } from '../../support/gateway.ts';
import { answer, createScriptedProvider, USAGE } from '../../support/scripted-provider.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** Noon in Berlin, and so the middle of its day. */
const NOON_MS = Date.UTC(2026, 10, 21, 11);
const BERLIN_DAY = { type: 'calendar', unit: 'day', timeZone: 'Europe/Berlin' } as const;
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;

const budget = (name: string, more: Partial<Budget>): Budget => ({
  name,
  scope: { by: 'global' },
  limitNanoUsd: nanoUsd(100_000_000_000),
  window: BERLIN_DAY,
  mode: 'hard',
  onReached: 'refuse',
  alertAt: [],
  unknownPrice: 'refuse',
  ...more,
});

/** Each answer costs 3,000 nano-dollars, or more. */
async function gatewayAt(clock: Clock, budgets: readonly Budget[], outputTokens = 1) {
  const provider = createScriptedProvider('p', () => answer('ok', { ...USAGE, inputTokens: 1, outputTokens }));
  open = await openGateway({ providers: [provider], models: [model('p/priced')], budgets, clock });
  return open;
}

it('a budget says what is spent, of what, when it resets and where it leads', async () => {
  const time = { nowMs: NOON_MS - 86_400_000 };
  const clock: Clock = { ...SYSTEM_CLOCK, nowMs: () => time.nowMs };
  const { ask, gateway } = await gatewayAt(clock, [
    budget('daily', { limitNanoUsd: nanoUsd(12_000_000) }),
    budget('always', { window: { type: 'rolling', lengthMs: 7 * 86_400_000 } }),
    budget('each', { window: { type: 'request' } }),
  ]);
  for (let index = 0; index < 4; index += 1) await ask(`yesterday ${index}`);
  time.nowMs = NOON_MS;
  await ask('today 1');
  await ask('today 2');
  const { budgets } = await gateway.costReport(ALL);
  expect(budgets).toMatchObject([
    {
      name: 'daily',
      settledNanoUsd: 6_000,
      reservedNanoUsd: 0,
      unknownNanoUsd: 0,
      share: 0.0005,
      resetsAtMs: Date.UTC(2026, 10, 21, 23),
      // The half that passed cost 6,000; the other goes on half at that pace, half at yesterday's.
      forecastNanoUsd: 6_000 + 0.5 * (6_000 + 0.5 * 12_000),
    },
    { name: 'always', settledNanoUsd: 18_000 },
  ]);
  expect(budgets[1]).not.toHaveProperty('resetsAtMs');
  expect(budgets[1]).not.toHaveProperty('forecastNanoUsd');
});

it('a forecast beyond the sums of money that are exact ends where they do', async () => {
  const clock: Clock = { ...SYSTEM_CLOCK, nowMs: () => NOON_MS - 10 * 3_600_000 };
  const { ask, gateway } = await gatewayAt(clock, [budget('daily', {})], 1e12);
  await ask('for two million dollars');
  const [daily] = (await gateway.costReport(ALL)).budgets;
  expect(daily).toMatchObject({ settledNanoUsd: 2e15 + 1_000, forecastNanoUsd: Number.MAX_SAFE_INTEGER });
});

it('of a budget that each has for itself, callers see their own, and the owner of the books all', async () => {
  const { ask, gateway } = await gatewayAt(SYSTEM_CLOCK, [
    budget('teams', { scope: { by: 'team' } }),
    budget('red', { scope: { by: 'team', value: 'red' } }),
    budget('projects', { scope: { by: 'metadata', metadataKey: 'project' } }),
    budget('keys', { scope: { by: 'key' } }),
  ]);
  const red = { tenant: 'a', client: 'x', team: 'red' };
  await ask('one', {}, { caller: red, metadata: { project: 'alpha' } });
  await ask('two', {}, { caller: { tenant: 'b', client: 'x', team: 'blue' } });
  const namesFor = async (viewer?: { tenant: string; client: string; team?: string }) =>
    (await gateway.costReport({ ...ALL, ...(viewer && { viewer }) })).budgets
      .map(({ name, key, settledNanoUsd }) => `${name}:${key ?? ''} ${settledNanoUsd}`)
      .sort();
  expect(await namesFor()).toEqual([
    'keys:p/main 6000',
    'projects:alpha 3000',
    'red: 3000',
    'teams:blue 3000',
    'teams:red 3000',
  ]);
  expect(await namesFor(red)).toEqual(['keys:p/main 6000', 'red: 3000', 'teams:red 3000']);
  expect(await namesFor({ tenant: 'c', client: 'x' })).toEqual(['keys:p/main 6000']);
});

it('every attempt with a price is booked with what it was expected to cost, also without any budget', async () => {
  const { ask, gateway } = await gatewayAt(SYSTEM_CLOCK, []);
  await ask('one');
  await ask('two');
  const { prediction, budgets } = await gateway.costReport(ALL);
  expect(prediction).toMatchObject({ attempts: 2, medianError: expect.any(Number), aboveMax: 0 });
  expect(budgets).toEqual([]);
});

it('a forecast of even spending is right at every moment of the window', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), fc.double({ min: 0, max: 1, noNaN: true }), (each, passed) => {
      expect(forecastOf({ usedNow: each * passed, usedBefore: each, passed })).toBeCloseTo(each, 0);
    }),
  );
});

it('a forecast never is below what is spent, begins with the window before and ends with what was spent', () => {
  const amount = fc.integer({ min: 0, max: 1e12 });
  fc.assert(
    fc.property(amount, amount, fc.double({ min: 0, max: 1, noNaN: true }), (usedNow, usedBefore, passed) => {
      const forecast = forecastOf({ usedNow, usedBefore, passed });
      if (forecast !== undefined) expect(forecast).toBeGreaterThanOrEqual(usedNow);
      if (usedBefore > 0) expect(forecastOf({ usedNow: 0, usedBefore, passed: 0 })).toBe(usedBefore);
      expect(forecastOf({ usedNow, usedBefore, passed: 1 })).toBe(usedNow);
    }),
  );
  expect(forecastOf({ usedNow: 5, usedBefore: 0, passed: 0.04 })).toBeUndefined();
  expect(forecastOf({ usedNow: 5, usedBefore: 0, passed: 0.5 })).toBe(10);
});

it('the calendar is asked once for a budget, for however many users it counts', async () => {
  // A getter, whatever its type says.
  const formats: { readonly format: object } = Intl.DateTimeFormat.prototype;
  const asked = vi.spyOn(formats, 'format', 'get');
  const askedFor = async (users: number, timeZone: string) => {
    const ledger = {
      quotaKeys: async () => Array.from({ length: users }, (_, index) => `user ${index}`),
      quotaUse: async (claims: readonly object[]) => claims.map(() => NO_QUOTA_USE),
    };
    const window = { ...BERLIN_DAY, timeZone };
    asked.mockClear();
    const uses = await reportBudgets({
      budgets: [budget('users', { scope: { by: 'user' }, window })],
      ledger,
      nowMs: NOON_MS,
    });
    expect(uses).toHaveLength(users);
    return asked.mock.calls.length;
  };
  expect(await askedFor(1_000, 'Europe/Oslo')).toBe(await askedFor(1, 'Europe/Rome'));
  asked.mockRestore();
});

it('a budget of each user whose day became a month lists who used it in the month so far', async () => {
  const time = { nowMs: NOON_MS };
  const clock: Clock = { ...SYSTEM_CLOCK, nowMs: () => time.nowMs };
  const each = budget('each', { scope: { by: 'tenant' }, limitNanoUsd: nanoUsd(100_000_000) });
  const { ask, dataDir } = await gatewayAt(clock, [each]);
  await ask('in the middle of the month');
  time.nowMs += 86_400_000;
  const month = { ...each, window: { ...BERLIN_DAY, unit: 'month' as const } };
  const next = await openGateway({ providers: [], models: [], budgets: [month], clock, dataDir });
  const { budgets } = await next.gateway.costReport(ALL);
  expect(budgets).toMatchObject([{ key: 'local', settledNanoUsd: 3_000 }]);
  await next.close();
});
