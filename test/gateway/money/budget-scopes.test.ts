import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { chat, failure, model, settingsFor } from '../../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../../support/scripted-provider.ts';
import { budget, DAY, open, spent } from './budget-harness.ts';

describe('scopes', () => {
  test('each has its own: what one team spends is not taken from the other', async () => {
    const { gateway } = await open({ budgets: [budget(0.00301, { scope: { by: 'team' } })] });
    const ask = (team?: string) =>
      gateway.complete(chat('hi', { cache: 'off' }, { caller: { tenant: 't', client: 'c', ...(team && { team }) } }), {
        signal: new AbortController().signal,
      });
    await ask('red');
    expect((await failure(ask('red'))).message).toContain('of red');
    await ask('blue');
    // Nobody's team has no budget.
    await ask();
    await ask();
  });

  test('metadata of one value alone', async () => {
    const scope = { by: 'metadata', metadataKey: 'project', value: 'alpha' } as const;
    const { ask } = await open({ budgets: [budget(0.00301, { scope })] });
    const alpha = { metadata: { project: 'alpha' } };
    await ask('hi', { cache: 'off' }, alpha);
    expect((await failure(ask('hi', { cache: 'off' }, alpha))).code).toBe('budget_exceeded');
    await ask('hi', { cache: 'off' }, { metadata: { project: 'beta' } });
  });

  test('a provider that has spent its own is passed over for the next one', async () => {
    const one = createScriptedProvider('one', () => answer('one', spent(1_000, 1_000)));
    const two = createScriptedProvider('two', () => answer('two', spent(1_000, 1_000)));
    const { ask } = await open({
      models: [model('one/m'), model('two/m')],
      providers: [one, two],
      budgets: [budget(0.00301, { scope: { by: 'provider' } })],
    });
    expect((await ask('a', { cache: 'off' })).model).toBe('one/m');
    expect((await ask('b', { cache: 'off' })).model).toBe('two/m');
    expect(await failure(ask('c', { cache: 'off' }))).toMatchObject({ code: 'budget_exceeded' });
  });

  test.each([
    ['a budget', { budgets: [budget(0.00301, { scope: { by: 'key' } })] }, 'budget_exceeded'],
    ['a limit', { rateLimits: [{ name: 'keys', scope: { by: 'key' }, window: DAY, requests: 1 }] }, 'rate_limited'],
  ] as const)('a key that has used up %s of its own is passed over for the next one', async (_what, limits, code) => {
    const keys = ['1', '2'].map((value) => ({ name: `key ${value}`, value, weight: 1 }));
    const { ask, provider } = await open({ ...limits, settings: [{ ...settingsFor('one'), keys }] });
    await ask('a', { cache: 'off' });
    await ask('b', { cache: 'off' });
    expect(new Set(provider.calls.map(({ context }) => context.apiKey))).toEqual(new Set(['1', '2']));
    expect(await failure(ask('c', { cache: 'off' }))).toMatchObject({ code });
    expect(provider.calls).toHaveLength(2);
  });

  test('all budgets that concern a request must allow it', async () => {
    const { ask, use } = await open({
      budgets: [budget(1), budget(0.00301, { name: 'small', scope: { by: 'tenant' } })],
    });
    await ask('a', { cache: 'off' });
    const error = await failure(ask('b', { cache: 'off' }));
    expect(error.message).toContain('"small" of local');
    expect(error.message).not.toContain('"daily"');
    expect((await use())?.settled).toBe(3_000_000);
  });

  test('where a budget and a limit refuse, it is the budget that is told of: waiting a minute is of no use', async () => {
    const rateLimits = [{ name: 'few', scope: { by: 'tenant' }, window: DAY, requests: 1 }] as const;
    const { ask } = await open({ budgets: [budget(0.00301)], rateLimits });
    await ask('a', { cache: 'off' });
    expect(await failure(ask('b', { cache: 'off' }))).toMatchObject({ code: 'budget_exceeded', httpStatus: 402 });
  });

  test('a request that has a soft one of its own may go beyond it, but not again', async () => {
    const bad = createScriptedProvider('bad', () => answer('not json', spent(1_000, 1_000)));
    const soft = budget(0.000001, { window: { type: 'request' }, mode: 'soft' });
    const { ask } = await open({ models: [model('bad/m')], providers: [bad], budgets: [soft] });
    await ask('hi', { cache: 'off' });
    expect(bad.calls).toHaveLength(1);
    const asked = ask('hi', { cache: 'off' }, { responseFormat: JSON_FORMAT });
    expect((await failure(asked)).attempts).toHaveLength(1);
    expect(bad.calls).toHaveLength(2);
  });

  test('a request has its own over all its attempts', async () => {
    const bad = createScriptedProvider('bad', () => answer('not json', spent(1_000, 1_000)));
    const { ask } = await open({
      models: [model('bad/m')],
      providers: [bad],
      budgets: [budget(0.00305, { window: { type: 'request' } })],
    });
    const error = await failure(ask('hi', { cache: 'off' }, { responseFormat: JSON_FORMAT }));
    // The repair would have cost more than was left.
    expect(error.attempts).toHaveLength(1);
    expect(bad.calls).toHaveLength(1);
    await failure(ask('hi again', { cache: 'off' }, { responseFormat: JSON_FORMAT }));
    expect(bad.calls).toHaveLength(2);
  });

  test('a request whose attempt has no known price holds all that was reserved for it in its own', async () => {
    const usage = { ...spent(1_000, 1_000), modes: ['priority'] as const };
    const bad = createScriptedProvider('bad', () => answer('not json', usage));
    const budgets = [budget(0.01, { window: { type: 'request' } })];
    const { ask } = await open({ models: [model('bad/m')], providers: [bad], budgets });
    await failure(ask('hi', { cache: 'off' }, { responseFormat: JSON_FORMAT }));
    expect(bad.calls).toHaveLength(1);
  });

  test('a request whose attempt was billed more than was reserved for it has that much less of its own', async () => {
    const bad = createScriptedProvider('bad', () => answer('not json', spent(1_000, 10_000)));
    const budgets = [budget(0.02, { window: { type: 'request' } })];
    const { ask } = await open({ models: [model('bad/m')], providers: [bad], budgets });
    await failure(ask('hi', { cache: 'off' }, { responseFormat: JSON_FORMAT }));
    expect(bad.calls).toHaveLength(1);
  });

  test('a request holds in its own what an attempt that broke off may still be billed, and no more', async () => {
    const cut = new GatewayError('stream_truncated', 'cut');
    const cutting = createScriptedProvider('one', () => [{ type: 'sent' }, { type: 'error', error: cut }]);
    const next = createScriptedProvider('two', () => answer('fine', spent(5, 5)));
    const { gateway } = await open({
      models: [model('one/m'), model('two/m')],
      providers: [cutting, next],
      budgets: [budget(0.01, { window: { type: 'request' } })],
    });
    const request = chat('hi', { cache: 'off' });
    const { plan } = await gateway.preview(request);
    const { signal } = new AbortController();
    await gateway.complete(request, { signal, upstream: 'whole' });
    // The first may have become as dear as it could; what that leaves is for the prompt and the words of the second.
    const most = plan.candidates[0]?.costMax ?? 0;
    const input = most - 4_000 * 2_000;
    const left = Math.floor((10_000_000 - most - input) / 2_000);
    expect(next.calls[0]?.request.maxOutputTokens).toBe(left);
  });
});

const JSON_FORMAT = {
  type: 'json-schema',
  schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
  name: 'x',
} as const;
const FREE = {
  tiers: [{ fromInputTokens: 0, inputPerMTok: 0 as never, outputPerMTok: 0 as never }],
  version: 'test',
} as const;

test.each([
  ['hard', 0.00305],
  ['soft', 0.000001],
] as const)(
  'a %s budget of each request leaves a model that costs nothing alone, like any other budget',
  async (mode, limitUsd) => {
    const paid = createScriptedProvider('paid', () => answer('not json', spent(1_000, 1_000)));
    const free = createScriptedProvider('free', () => answer('{"a": 1}', spent(1_000, 1_000)));
    const { ask } = await open({
      models: [model('paid/m'), model('free/m', { price: FREE })],
      providers: [paid, free],
      budgets: [budget(limitUsd, { window: { type: 'request' }, mode })],
    });
    const { model: answered } = await ask('hi', { cache: 'off' }, { responseFormat: JSON_FORMAT });
    expect(answered).toBe('free/m');
    expect(paid.calls).toHaveLength(1);
  },
);

test('of several budgets of each request the tightest holds, in whatever order they stand', async () => {
  const wide = budget(0.02, { name: 'wide', window: { type: 'request' } });
  const tight = budget(0.005, { name: 'tight', window: { type: 'request' } });
  for (const budgets of [
    [wide, tight],
    [tight, wide],
  ]) {
    const longest = createScriptedProvider('one', ({ maxOutputTokens = 10_000 }) =>
      answer('long', spent(5, maxOutputTokens)),
    );
    const { ask } = await open({ provider: longest, budgets });
    const { costNanoUsd } = await ask('hi', { cache: 'off' });
    expect(costNanoUsd).toBeLessThanOrEqual(5_000_000);
  }
});

describe('a preview', () => {
  test('says whom budgets refuse, and shows the cost as they cut it', async () => {
    const { ask, gateway } = await open({
      models: [model('one/m'), model('one/n')],
      budgets: [budget(0.00301, { scope: { by: 'model', value: 'one/m' } }), budget(0.006, { name: 'all' })],
    });
    const before = await gateway.preview(chat('one', { cache: 'off' }));
    expect(before.plan.candidates[0]?.costMax).toBe(3_010_000);
    await ask('one', { cache: 'off' });
    const { plan } = await gateway.preview(chat('two', { cache: 'off' }));
    expect(plan.candidates.map(({ model: { ref } }) => ref)).toEqual(['one/n']);
    expect(plan.candidates[0]?.costMax).toBe(3_000_000);
    expect(plan.rejected[0]).toMatchObject({ model: 'one/m', code: 'budget_exceeded' });
    expect((await ask('two', { cache: 'off' })).model).toBe('one/n');
  });

  test('weighs each model for itself: what one would take of a budget of the request is not taken from the next', async () => {
    const { gateway } = await open({
      models: [model('one/m'), model('one/n')],
      budgets: [budget(0.005, { window: { type: 'request' } })],
    });
    const { plan } = await gateway.preview(chat('one', { cache: 'off' }));
    expect(plan.candidates.map(({ model: { ref } }) => ref)).toEqual(['one/m', 'one/n']);
  });
});

test.each(['provider', 'model', 'key'] as const)('requests of a %s are counted each time it is asked', async (by) => {
  const provider = createScriptedProvider('one', (_request, call) =>
    call === 1 ? refusal('provider_error', 'boom') : answer('fine', spent(1, 1)),
  );
  const limit = { name: 'few', scope: { by }, window: { type: 'rolling', lengthMs: 60_000 }, requests: 2 } as const;
  const { ask } = await open({ provider, rateLimits: [limit], limits: { queue: { max: 0, waitMs: 0 } } });
  await ask('tried twice', { cache: 'off' });
  expect(provider.calls).toHaveLength(2);
  expect((await failure(ask('one too many', { cache: 'off' }))).code).toBe('rate_limited');
});
