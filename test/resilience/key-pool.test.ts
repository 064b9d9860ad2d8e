import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthSnapshot } from '../../src/core/health.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import { type ApiKey, keyHealthId, type ProviderSettings } from '../../src/core/provider.ts';
import { chooseKey, keysOfAccount } from '../../src/resilience/key-pool.ts';

const MODEL: ModelInfo = {
  ref: 'groq/llama',
  provider: 'groq',
  name: 'llama',
  contextTokens: 8_192,
  capabilities: [],
  tags: [],
};

function settings(keys: readonly ApiKey[]): ProviderSettings {
  return { id: 'groq', kind: 'groq', keys, status: 'configured' };
}

const PRIMARY: ApiKey = { name: 'primary', value: 'a', weight: 0.7 };
const SPARE: ApiKey = { name: 'spare', value: 'b', weight: 0.3 };

function choose(keys: readonly ApiKey[], health: HealthSnapshot, mark: number, excluded: readonly string[] = []) {
  const question = { settings: settings(keys), model: MODEL, health, nowMs: 1_000, excluded };
  return chooseKey(question, { next: () => mark });
}

function resting(key: ApiKey, untilMs: number, model = '*'): HealthSnapshot[number] {
  return {
    target: { provider: 'groq', key: keyHealthId(key), model },
    breaker: { state: 'closed' },
    consecutiveFailures: 0,
    cooldown: { untilMs, reason: 'rate_limited' },
  };
}

describe('the key pool', () => {
  it('shares by weight', () => {
    expect(choose([PRIMARY, SPARE], [], 0.69)).toEqual({ type: 'key', key: PRIMARY });
    expect(choose([PRIMARY, SPARE], [], 0.71)).toEqual({ type: 'key', key: SPARE });
  });

  it('never gives a key to a model it is not for', () => {
    const other: ApiKey = { ...PRIMARY, models: ['another'] };
    expect(choose([other, SPARE], [], 0)).toEqual({ type: 'key', key: SPARE });
    expect(choose([other], [], 0)).toEqual({ type: 'none' });
  });

  it('passes over a resting key, and says which rest ends first when all rest', () => {
    expect(choose([PRIMARY, SPARE], [resting(PRIMARY, 5_000)], 0)).toEqual({ type: 'key', key: SPARE });
    const both = [resting(PRIMARY, 5_000), resting(SPARE, 3_000, 'llama')];
    expect(choose([PRIMARY, SPARE], both, 0)).toEqual({
      type: 'resting',
      rest: { untilMs: 3_000, reason: 'rate_limited' },
    });
  });

  it('passes over a key that was refused the model a moment ago, as long as there is another', () => {
    const refused = (key: ApiKey, atMs: number): HealthSnapshot[number] => ({
      target: { provider: 'groq', key: keyHealthId(key), model: 'llama' },
      breaker: { state: 'closed' },
      consecutiveFailures: 0,
      lastError: { code: 'unknown_model', message: 'no such model', atMs },
    });
    expect(choose([PRIMARY, SPARE], [refused(PRIMARY, 900)], 0)).toEqual({ type: 'key', key: SPARE });
    expect(choose([PRIMARY, SPARE], [refused(PRIMARY, 900), refused(SPARE, 900)], 0)).toEqual({
      type: 'key',
      key: PRIMARY,
    });
    expect(choose([PRIMARY, SPARE], [refused(PRIMARY, 1_000 - 60_000)], 0)).toEqual({ type: 'key', key: PRIMARY });
    // One that gets it, but rests or has failed in this request, says more about the model than the refusal.
    expect(choose([PRIMARY, SPARE], [refused(PRIMARY, 900), resting(SPARE, 5_000)], 0).type).toBe('resting');
    expect(choose([PRIMARY, SPARE], [refused(PRIMARY, 900)], 0, ['spare']).type).toBe('none');
  });

  it('does not rest for another model, nor for a replaced key of the same name', () => {
    expect(choose([PRIMARY], [resting(PRIMARY, 5_000, 'another')], 0).type).toBe('key');
    expect(choose([{ ...PRIMARY, value: 'new' }], [resting(PRIMARY, 5_000)], 0).type).toBe('key');
  });

  it('names the keys that share an account', () => {
    const shared = [
      { ...PRIMARY, account: 'one' },
      { ...SPARE, account: 'one' },
      { name: 'own', value: 'c', weight: 1 },
    ];
    expect(keysOfAccount(settings(shared), shared[0] as ApiKey).map(({ name }) => name)).toEqual(['primary', 'spare']);
    expect(keysOfAccount(settings(shared), shared[2] as ApiKey).map(({ name }) => name)).toEqual(['own']);
  });

  it('only ever draws a key that is eligible, ready and not excluded', () => {
    const key = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.string(),
      weight: fc.double({ min: 0.01, max: 10, noNaN: true }),
      models: fc.option(fc.subarray(['llama', 'other']), { nil: undefined }),
    });
    const keys = fc.uniqueArray(key, { selector: ({ name }) => name, maxLength: 4 });
    fc.assert(
      fc.property(
        keys,
        fc.subarray(['a', 'b', 'c', 'd']),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (drawn, excluded, mark) => {
          const pool = drawn.map((key): ApiKey => {
            const { models, ...rest } = key;
            return models ? { ...rest, models } : rest;
          });
          const choice = choose(pool, [], mark, excluded);
          const eligible = pool.filter(
            ({ name, models }) => !excluded.includes(name) && (!models || models.includes('llama')),
          );
          expect(choice.type).toBe(eligible.length > 0 ? 'key' : 'none');
          if (choice.type === 'key') expect(eligible).toContain(choice.key);
        },
      ),
    );
  });
});
