import { describe, expect, it } from 'vitest';
import { faultsOf, load, ref } from './load.ts';

const providers = { openai: { kind: 'openai', apiKey: 'k' } };
const budget = (more: object) => ({ providers, budgets: [{ name: 'daily', limitUsd: 5, ...more }] });
const limit = (more: object) => ({ providers, rateLimits: [{ name: 'calm', requests: 5, ...more }] });
const UTC_DAY = { type: 'calendar', unit: 'day', timeZone: 'UTC' };

describe('a budget', () => {
  it('is hard, for everybody, each day of UTC, and refuses, unless it says otherwise', async () => {
    const { budgets } = await load(budget({}));
    expect(budgets).toEqual([
      {
        name: 'daily',
        scope: { by: 'global' },
        limitNanoUsd: 5_000_000_000,
        window: UTC_DAY,
        mode: 'hard',
        onReached: 'refuse',
        alertAt: [0.8, 0.95],
        unknownPrice: 'refuse',
      },
    ]);
  });

  it.each([
    ['provider', { by: 'provider' }],
    ['provider:openai', { by: 'provider', value: 'openai' }],
    ['model:openai/gpt-6-luna', { by: 'model', value: 'openai/gpt-6-luna' }],
    ['model:cheap', { by: 'model', value: 'openai/gpt-6-luna' }],
    ['key:openai/default', { by: 'key', value: 'openai/default' }],
    ['task:code', { by: 'task', value: 'code' }],
    ['tier:expert', { by: 'tier', value: 'expert' }],
    [`team:${ref('TEAM')}`, { by: 'team', value: 'blue' }],
    ['user', { by: 'user' }],
    ['team:red:blue', { by: 'team', value: 'red:blue' }],
    ['metadata.project', { by: 'metadata', metadataKey: 'project' }],
    ['metadata.project:alpha', { by: 'metadata', metadataKey: 'project', value: 'alpha' }],
  ])('is held for %s', async (scope, expected) => {
    const config = { ...budget({ scope }), routing: { aliases: { cheap: 'openai/gpt-6-luna' } } };
    expect((await load(config, { env: { TEAM: 'blue' } })).budgets[0]?.scope).toEqual(expected);
  });

  it.each([
    ['request', { type: 'request' }],
    ['month', { type: 'calendar', unit: 'month', timeZone: 'UTC' }],
    ['24h', { type: 'rolling', lengthMs: 86_400_000 }],
    [
      { per: 'week', timeZone: 'Europe/Berlin' },
      { type: 'calendar', unit: 'week', timeZone: 'Europe/Berlin' },
    ],
    [{ per: 'day' }, UTC_DAY],
    [{ rolling: '90m' }, { type: 'rolling', lengthMs: 5_400_000 }],
  ])('is counted over %j', async (window, expected) => {
    expect((await load(budget({ window }))).budgets[0]?.window).toEqual(expected);
  });

  it.each([
    [{ limitUsd: -1 }, 'budgets[0].limitUsd: must be at least 0'],
    [{ limitUsd: '5' }, 'budgets[0].limitUsd: must be a number'],
    [{ name: '' }, 'budgets[0].name: must not be empty'],
    [{ name: ' daily' }, 'budgets[0].name: must have no blank at its ends'],
    [{ name: 'da\nily' }, 'budgets[0].name: must have no blank at its ends, and no control character'],
    [{ mode: 'strict' }, 'budgets[0].mode: must be one of hard, soft'],
    [
      { onReached: 'downgrad' },
      'budgets[0].onReached: must be one of refuse, downgrade, ask; did you mean "downgrade"?',
    ],
    [{ limitUSD: 5 }, 'budgets[0].limitUSD: unknown key; did you mean "limitUsd"?'],
    [{ alertAt: [80] }, 'budgets[0].alertAt[0]: must be at most 1'],
    [{ scope: 'providers' }, 'did you mean "provider"?'],
    [{ scope: 'global:x' }, 'budgets[0].scope: "global" is everybody'],
    [{ scope: 'tenant: alice' }, 'budgets[0].scope: what stands after the colon must have no blank at its ends'],
    [{ scope: 'team:' }, 'budgets[0].scope: names nobody after the colon'],
    [{ scope: 'metadata' }, 'budgets[0].scope: must be one of global, provider'],
    [{ scope: 'provider:opnai' }, 'budgets[0].scope: there is no such provider; did you mean "openai"?'],
    [{ scope: 'key:openai/main' }, 'budgets[0].scope: there is no such key; known are openai/default'],
    [{ scope: 'key:default' }, 'budgets[0].scope: there is no such key'],
    [{ scope: 'task:cod' }, 'budgets[0].scope: there is no such task; did you mean "code"?'],
    [{ scope: 'tier:hard' }, 'budgets[0].scope: there is no such tier; known are trivial, simple'],
    [{ scope: 'model:gpt-6-luna' }, 'budgets[0].scope: after the colon must stand a model as provider/model or alias'],
    [{ scope: 'model:opnai/x' }, 'the provider of this model is not declared; did you mean "openai"?'],
    [{ scope: `provider:${ref('NOWHERE')}` }, 'budgets[0].scope: the variable NOWHERE is not set'],
    [{ window: 'monht' }, 'did you mean "month"?'],
    [
      { window: { per: 'day', timeZone: 'Europe/Berlln' } },
      'budgets[0].window.timeZone: "Europe/Berlln" is no time zone',
    ],
    [{ window: { rolling: '1ms' } }, 'budgets[0].window.rolling: must be a time such as "24h"'],
    [{ window: { per: 'request' } }, 'budgets[0].window: must be minute, hour, day, week, month'],
  ])('%j is refused, saying why', async (more, message) => {
    expect(await faultsOf(budget(more))).toEqual([expect.stringContaining(message)]);
  });

  it('has a name of its own', async () => {
    const twin = { name: 'daily', limitUsd: 1 };
    expect(await faultsOf({ providers, budgets: [twin, twin] })).toEqual([
      expect.stringContaining('budgets[1].name: stands twice'),
    ]);
  });

  it('enters the hash of the configuration, since it decides', async () => {
    const hashOf = async (more: object) => (await load(budget(more))).configHash;
    expect(await hashOf({})).not.toBe(await hashOf({ limitUsd: 6 }));
  });
});

describe('a rate limit', () => {
  it('counts what it names, each minute unless it says otherwise', async () => {
    const { rateLimits } = await load(limit({ scope: 'tenant', concurrency: 2 }));
    expect(rateLimits).toEqual([
      { name: 'calm', scope: { by: 'tenant' }, window: { ...UTC_DAY, unit: 'minute' }, requests: 5, concurrency: 2 },
    ]);
  });

  it.each([
    [{ requests: undefined }, 'rateLimits[0]: limits nothing'],
    [{ requests: 0 }, 'rateLimits[0].requests: must be at least 1'],
    [{ window: 'request' }, 'rateLimits[0].window: must be a time'],
    [{ tokens: 5 }, 'rateLimits[0].tokens: unknown key'],
  ])('%j is refused, saying why', async (more, message) => {
    expect(await faultsOf(limit(more))).toEqual([expect.stringContaining(message)]);
  });
});
