import { describe, expect, test } from 'vitest';
import type { RateLimit } from '../../../src/core/quota.ts';
import { failure, model } from '../../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../../support/scripted-provider.ts';
import { eventually } from '../../support/until.ts';
import { DAY, movableClock, NOON_MS, open, spent } from './budget-harness.ts';

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

  test.each([
    ['one that names no length counts as a page', undefined, 500],
    ['a short one as what it names', 200, 200],
    ['a long one as a page too', 4_000, 500],
  ])('of output tokens under a model without a price: %s', async (_what, maxOutputTokens, counted) => {
    const { price: _price, ...unpriced } = model('one/m');
    const askUnder = async (outputTokens: number) => {
      const limit = { name: 'words', scope: { by: 'global' }, window: DAY, outputTokens } as const;
      const { ask } = await open({ models: [unpriced], rateLimits: [limit] });
      return ask('a', { cache: 'off' }, maxOutputTokens === undefined ? {} : { maxOutputTokens });
    };
    await askUnder(counted);
    expect(await failure(askUnder(counted - 1))).toMatchObject({ code: 'rate_limited' });
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

  test('of concurrency count what runs, in whatever minute it began', async () => {
    const { clock, moveTo } = movableClock();
    const { promise: gate, resolve: end } = Promise.withResolvers<void>();
    const provider = createScriptedProvider('one', (_request, call) => [
      ...(call === 1 ? [{ type: 'gate', gate } as const] : []),
      ...answer('fine'),
    ]);
    const window = { type: 'calendar', unit: 'minute', timeZone: 'UTC' } as const;
    const limit = { name: 'narrow', scope: { by: 'global' }, window, concurrency: 1 } as const;
    const { ask } = await open({ provider, rateLimits: [limit], clock });
    const first = ask('a', { cache: 'off' });
    await eventually(() => expect(provider.calls).toHaveLength(1));
    moveTo(NOON_MS + 60_000);
    // It may end any moment.
    expect(await failure(ask('b', { cache: 'off' }))).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
    end();
    await first;
    await ask('c', { cache: 'off' });
  });

  test('count a request of a caller once, and each attempt at a provider', async () => {
    const models = [model('bad/m'), model('good/m')];
    const refusalUnder = async (by: 'tenant' | 'provider', requests: number) => {
      const bad = createScriptedProvider('bad', () => refusal('provider_auth', 'no'));
      const good = createScriptedProvider('good', () => answer('fine'));
      const rateLimits = [{ name: 'few', scope: { by }, window: DAY, requests }];
      const { ask } = await open({ models, providers: [bad, good], rateLimits });
      const asked = [];
      for (const prompt of ['a', 'b', 'c', 'd']) {
        asked.push(
          await ask(prompt, { cache: 'off' }).then(
            () => 'answered',
            ({ code }) => code,
          ),
        );
      }
      return asked;
    };
    const twice = ['answered', 'answered', 'rate_limited', 'rate_limited'];
    expect(await refusalUnder('tenant', 2)).toEqual(twice);
    expect(await refusalUnder('provider', 2)).toEqual(twice);
  });

  test('of a team do not concern who has none', async () => {
    const { ask } = await open({ rateLimits: [{ name: 'teams', scope: { by: 'team' }, window: DAY, requests: 1 }] });
    await ask('a', { cache: 'off' });
    await ask('b', { cache: 'off' });
    const caller = { tenant: 'local', client: 'test', team: 'red' };
    await ask('c', { cache: 'off' }, { caller });
    expect(await failure(ask('d', { cache: 'off' }, { caller }))).toMatchObject({ code: 'rate_limited' });
  });
});
