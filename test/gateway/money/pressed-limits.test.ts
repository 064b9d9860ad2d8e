import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { priceFromUsdPerMTok } from '../../../src/core/money.ts';
import type { RateLimit } from '../../../src/core/quota.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { failure, type HarnessOptions, model, openGateway } from '../../support/gateway.ts';
import { answer, createScriptedProvider, type Step } from '../../support/scripted-provider.ts';
import { budget, spent } from './budget-harness.ts';

const MINUTE = { type: 'calendar', unit: 'minute', timeZone: 'UTC' } as const;

/** The wall stands still at noon; spans go on. */
const NOON = { ...SYSTEM_CLOCK, nowMs: () => Date.UTC(2026, 10, 21, 12) };

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function open(options: HarnessOptions) {
  const harness = await openGateway({ clock: NOON, ...options });
  opened.push(harness.close);
  return harness;
}

function priced(usdPerMTok: number) {
  const price = priceFromUsdPerMTok(usdPerMTok);
  return { tiers: [{ fromInputTokens: 0, inputPerMTok: price, outputPerMTok: price }], version: 'test' } as const;
}

describe('a budget that is spent', () => {
  test('weighs each cheaper model once, however many there are', async () => {
    const models = Array.from({ length: 14 }, (_, index) => model(`one/m${index}`, { price: priced(20 - index) }));
    const refs = models.map(({ ref }) => ref);
    const { ask, store } = await open({
      models,
      providers: [createScriptedProvider('one', () => answer('fine', spent(1_000, 1_000)))],
      budgets: [budget(0, { onReached: 'downgrade' })],
      table: { tiers: { trivial: refs, simple: refs, medium: refs, complex: refs, expert: refs.slice(0, 1) } },
    });
    let weighed = 0;
    const { ledger } = store;
    const record = ledger.recordAttempt.bind(ledger);
    ledger.recordAttempt = (attempt) => {
      weighed += 1;
      return record(attempt);
    };
    const error = await failure(ask('hello', { tier: 'expert', cache: 'off' }));
    expect(error.code).toBe('budget_exceeded');
    expect(weighed).toBe(models.length);
  });

  test('by what is under way only, is worth asking again shortly', async () => {
    const gate = Promise.withResolvers<void>();
    const waiting: readonly Step[] = [
      { type: 'sent' },
      { type: 'gate', gate: gate.promise },
      ...answer('x', spent(10, 10)).slice(1),
    ];
    const { ask, store } = await open({
      models: [model('one/m')],
      providers: [createScriptedProvider('one', () => waiting)],
      budgets: [budget(0.0082)],
    });
    const begun = Promise.withResolvers<void>();
    const { ledger } = store;
    const record = ledger.recordAttempt.bind(ledger);
    ledger.recordAttempt = (attempt) => record(attempt).finally(begun.resolve);
    const first = ask('one', { cache: 'off' });
    await begun.promise;
    const error = await failure(ask('two', { cache: 'off' }));
    gate.resolve();
    await first;
    expect(error).toMatchObject({ code: 'budget_exceeded', retryable: true, retryAfterMs: 1_000 });
    expect(error.message).toContain('when what is under way ends');
  });

  test('softly, tells when it is open again, also to one that could cost more than all of it', async () => {
    const { ask } = await open({
      models: [model('one/m')],
      providers: [createScriptedProvider('one', () => answer('fine', spent(1_000, 1_000)))],
      budgets: [budget(0.0001, { mode: 'soft' })],
    });
    await ask('one', { cache: 'off' });
    const error = await failure(ask('two', { cache: 'off' }));
    expect(error).toMatchObject({ code: 'budget_exceeded', retryAfterMs: 12 * 3_600_000 });
  });
});

test('a soft budget cuts no answer, also beside a hard one', async () => {
  const { ask, provider } = await (async () => {
    const scripted = createScriptedProvider('one', () => answer('fine', spent(1_000, 1_000)));
    const harness = await open({
      models: [model('one/m', { outputTokensMax: 90_000 })],
      providers: [scripted],
      budgets: [budget(100), budget(100, { name: 'soft', mode: 'soft' })],
    });
    return { ...harness, provider: scripted };
  })();
  const given = await ask('one', { cache: 'off' });
  expect(given.outputTokensCut).toBeUndefined();
  expect(provider.calls[0]?.request.maxOutputTokens).toBeUndefined();
});

test('a request counts once although its first attempt never left', async () => {
  const limit: RateLimit = { name: 'calm', scope: { by: 'tenant' }, window: MINUTE, requests: 1 };
  const { ask } = await open({
    models: [model('down/m'), model('one/m')],
    providers: [
      createScriptedProvider('down', () => [
        { type: 'error', error: new GatewayError('provider_unavailable', 'connection refused') },
      ]),
      createScriptedProvider('one', () => answer('fine', spent(10, 10))),
    ],
    rateLimits: [limit],
    limits: { queue: { max: 0, waitMs: 0 } },
  });
  await ask('one', { cache: 'off' });
  expect(await failure(ask('two', { cache: 'off' }))).toMatchObject({ code: 'rate_limited', httpStatus: 429 });
});

test('an embedding has no output tokens, also where nobody knows its price', async () => {
  const { price: _price, ...free } = model('one/e', { capabilities: ['embedding'] });
  const provider = createScriptedProvider('one', () => answer('unused'));
  const { gateway } = await open({
    models: [free],
    providers: [
      {
        ...provider,
        embed: async ({ input }) => ({ embeddings: input.map(() => [1]), usage: spent(3, 0), model: 'scripted' }),
      },
    ],
    rateLimits: [{ name: 'short', scope: { by: 'global' }, window: MINUTE, outputTokens: 400 }],
    limits: { queue: { max: 0, waitMs: 0 } },
  });
  const request = { model: 'one/e', input: ['a text'], caller: { tenant: 'local', client: 'test' } } as const;
  const given = await gateway.embed(request, { signal: new AbortController().signal });
  expect(given.embeddings).toEqual([[1]]);
});
