import { describe, expect, test } from 'vitest';
import { failure } from '../../support/gateway.ts';
import { movableClock, NOON_MS, open } from './budget-harness.ts';

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
