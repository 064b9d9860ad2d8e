import { describe, expect, it } from 'vitest';
import { load } from './load.ts';
import { providers } from './routing-config.ts';

describe('the hash of the configuration', () => {
  const hash = async (config: object) => (await load(config)).configHash;
  const base = { providers, routing: { tiers: { simple: ['openai/a', 'near/b'] } } };

  it('is the same for the same decisions, whatever the order of keys and the secrets', async () => {
    const expected = await hash(base);
    expect(expected).toMatch(/^[0-9a-f]{16}$/);
    expect(await hash({ routing: base.routing, providers })).toBe(expected);
    const otherSecrets = { ...providers, openai: { apiKey: 'other', kind: 'openai' } };
    expect(await hash({ ...base, providers: otherSecrets })).toBe(expected);
    expect(await hash({ ...base, cache: { ttl: '1d' }, log: { level: 'debug' } })).toBe(expected);
    expect((await load(base)).routing.configHash).toBe(expected);
  });

  it('differs when a decision may differ', async () => {
    const changes = [
      { ...base, routing: { tiers: { simple: ['near/b', 'openai/a'] } } },
      { ...base, routing: { ...base.routing, strategy: 'cost' } },
      { ...base, models: { 'near/b': { quality: 0.3 } } },
      { ...base, limits: { attemptsMax: 2 } },
      { ...base, providers: { ...providers, openai: { kind: 'openai' } } },
      { ...base, providers: { ...providers, groq: { kind: 'groq', apiKey: 'k', baseUrl: 'https://x.example' } } },
    ];
    const hashes = await Promise.all([base, ...changes].map(hash));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
