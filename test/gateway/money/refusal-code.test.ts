import { describe, expect, test } from 'vitest';
import type { QuotaWindow } from '../../../src/core/quota.ts';
import { failure, model } from '../../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../../support/scripted-provider.ts';
import { budget, DAY, movableClock, open, spent } from './budget-harness.ts';

const MINUTE = { type: 'calendar', unit: 'minute', timeZone: 'UTC' } as const;
const one = () => createScriptedProvider('one', () => answer('one', spent(1_000, 1_000)));
const dear = (window: QuotaWindow) => budget(0.00301, { scope: { by: 'provider', value: 'one' }, window });

describe('where every model is kept by something else, the request ends with what ends first', () => {
  test.each([
    ['a limit before a budget', DAY, MINUTE, { code: 'rate_limited', httpStatus: 429, retryAfterMs: 60_000 }],
    ['a budget before a limit', MINUTE, DAY, { code: 'budget_exceeded', httpStatus: 402, retryAfterMs: 60_000 }],
  ] as const)('%s', async (_name, ofBudget, ofLimit, expected) => {
    const { ask } = await open({
      models: [model('one/m'), model('two/m')],
      providers: [one(), createScriptedProvider('two', () => answer('two', spent(10, 10)))],
      budgets: [dear(ofBudget)],
      rateLimits: [{ name: 'few', scope: { by: 'provider', value: 'two' }, window: ofLimit, requests: 1 }],
      limits: { queue: { max: 0, waitMs: 0 } },
      clock: movableClock().clock,
    });
    expect((await ask('a', { cache: 'off' })).model).toBe('one/m');
    expect((await ask('b', { cache: 'off' })).model).toBe('two/m');
    const error = await failure(ask('c', { cache: 'off' }));
    expect(error).toMatchObject({ ...expected, retryable: true });
    expect(error.message).toMatch(/one\/m: budget "daily".*two\/m: rate limit "few"/);
  });

  test('a rest before a budget', async () => {
    const resting = refusal('rate_limited', 'slow down', { retryAfterMs: 7_000, status: 429 });
    const { ask } = await open({
      models: [model('one/m'), model('two/m')],
      providers: [one(), createScriptedProvider('two', () => resting)],
      budgets: [dear(DAY)],
      clock: movableClock().clock,
    });
    expect((await ask('a', { cache: 'off' })).model).toBe('one/m');
    await failure(ask('b', { cache: 'off' }));
    const error = await failure(ask('c', { cache: 'off' }));
    expect(error).toMatchObject({ code: 'all_cooling', httpStatus: 503, retryAfterMs: 7_000 });
    expect(error.message).toMatch(/two\/m: resting.*one\/m: budget "daily"/);
  });
});
