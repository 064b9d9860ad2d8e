import { describe, expect, it } from 'vitest';
import { faultsOf, load } from './load.ts';

const providers = { openai: { kind: 'openai', apiKey: 'k' } };
const tiers = { simple: ['openai/small'], complex: ['openai/large'] };
const target = async (routing: object) => (await load({ providers, routing })).routing.costTarget;

describe('the cost target', () => {
  it('is off unless it is written', async () => {
    expect((await load({ providers, routing: { tiers } })).routing).not.toHaveProperty('costTarget');
  });

  it('is a share of the requests, or what the average one may cost', async () => {
    expect(await target({ tiers, strongShareMax: 0.3 })).toEqual({ type: 'share', shareMax: 0.3 });
    expect(await target({ strongShareMax: 0 })).toEqual({ type: 'share', shareMax: 0 });
    expect(await target({ tiers, usdPerThousandMax: 2.5 })).toEqual({ type: 'cost', costMax: 2_500_000 });
  });

  it('enters the hash of the configuration, since it decides', async () => {
    const hashOf = async (more: object) => (await load({ providers, routing: { tiers, ...more } })).configHash;
    expect(await hashOf({ strongShareMax: 0.3 })).not.toBe(await hashOf({ strongShareMax: 0.4 }));
  });

  it.each([
    [{ strongShareMax: 30 }, 'routing.strongShareMax: must be at most 1'],
    [{ strongShareMax: -0.1 }, 'routing.strongShareMax: must be at least 0'],
    [{ usdPerThousandMax: 0 }, 'routing.usdPerThousandMax: must be more than 0'],
    [{ strongShare: 0.3 }, 'routing.strongShare: unknown key; did you mean "strongShareMax"?'],
    [
      { strongShareMax: 0.3, usdPerThousandMax: 2 },
      'routing.usdPerThousandMax: cannot be held beside routing.strongShareMax: name one of the two',
    ],
    [
      { tiers: { simple: ['openai/small'], expert: ['openai/small', 'openai/large'] }, strongShareMax: 0.3 },
      'routing.strongShareMax: needs tiers that begin with different models: nobody in routing.tiers is stronger',
    ],
  ])('%j is refused, saying why', async (written, message) => {
    expect(await faultsOf({ providers, routing: { tiers, ...written } })).toEqual([expect.stringContaining(message)]);
  });
});
