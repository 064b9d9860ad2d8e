import { describe, expect, test } from 'vitest';
import type { RateLimit } from '../../../src/core/quota.ts';
import { failure } from '../../support/gateway.ts';
import { answer, createScriptedProvider } from '../../support/scripted-provider.ts';
import { movableClock, NOON_MS, open, spent } from './budget-harness.ts';

describe('rate limits', () => {
  test('of requests: 429 with when to come back', async () => {
    const { clock, moveTo } = movableClock();
    const limit = {
      name: 'calm',
      scope: { by: 'tenant' },
      window: { type: 'calendar', unit: 'minute', timeZone: 'UTC' },
      requests: 2,
    } as const;
    const { ask } = await open({ rateLimits: [limit], clock });
    await ask('a', { cache: 'off' });
    await ask('b', { cache: 'off' });
    const error = await failure(ask('c', { cache: 'off' }));
    expect(error).toMatchObject({ code: 'rate_limited', httpStatus: 429, retryAfterMs: 60_000 });
    expect(error.message).toContain('rate limit "calm" of requests of local has 2 of 2 used');
    moveTo(NOON_MS + 60_000);
    await ask('d', { cache: 'off' });
  });

  test('of tokens count what is sent and what is made, each by itself', async () => {
    const limit = {
      scope: { by: 'global' },
      window: { type: 'rolling', lengthMs: 60_000 },
    } as const;
    const provider = createScriptedProvider('one', () => answer('fine', spent(1_000, 200)));
    const refusalUnder = async (more: Pick<RateLimit, 'inputTokens' | 'outputTokens'>) => {
      const { ask } = await open({ provider, rateLimits: [{ name: 'words', ...limit, ...more }] });
      await ask('a', { cache: 'off' }, { maxOutputTokens: 200 });
      return failure(ask('word '.repeat(100), { cache: 'off' }, { maxOutputTokens: 200 }));
    };
    const sent = await refusalUnder({ inputTokens: 1_050 });
    expect(sent).toMatchObject({ code: 'rate_limited', httpStatus: 429 });
    expect(sent.message).toContain('of input tokens has 1,000 of 1,050 used');
    const made = await refusalUnder({ outputTokens: 399 });
    expect(made.message).toContain('of output tokens has 200 of 399 used');
  });

  test('of a rolling window give back what has grown old, and say when', async () => {
    const { clock, moveTo } = movableClock();
    const limit = {
      name: 'roll',
      scope: { by: 'global' },
      window: { type: 'rolling', lengthMs: 60_000 },
      requests: 2,
    } as const;
    const { ask } = await open({ rateLimits: [limit], clock });
    await ask('a', { cache: 'off' });
    moveTo(NOON_MS + 30_000);
    await ask('b', { cache: 'off' });
    const error = await failure(ask('c', { cache: 'off' }));
    const waitMs = error.retryAfterMs ?? 0;
    expect(waitMs).toBeGreaterThanOrEqual(30_000);
    expect(waitMs).toBeLessThanOrEqual(31_000);
    moveTo(NOON_MS + 30_000 + waitMs);
    await ask('d', { cache: 'off' });
    await failure(ask('e', { cache: 'off' }));
  });
});
