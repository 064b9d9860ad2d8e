import { describe, expect, it } from 'vitest';
import { faultsOf, load } from './load.ts';
import { messages, providers, table } from './routing-config.ts';

describe('verify', () => {
  const tiers = { simple: ['openai/small'], expert: ['openai/large'] };
  const verify = async (written: object, more: object = {}) =>
    (await table({ tiers, verify: written, ...more })).verify;

  it('is off unless it is written', async () => {
    expect(await table({ tiers })).not.toHaveProperty('verify');
  });

  it('checks all tiers but trivial, with no peer, unless it says otherwise', async () => {
    const expected = { tasks: 'all', tiers: ['simple', 'medium', 'complex', 'expert'], peer: false };
    expect(await verify({ tasks: 'all' })).toEqual(expected);
    const all = { tasks: ['code', 'code'], tiers: ['complex'], first: 'simple', peer: true, threshold: 0.4 };
    expect(await verify(all)).toEqual({ ...all, tasks: ['code'] });
  });

  it('names a peer like any model, and the catalogue knows of it', async () => {
    const { routing, models } = await load({
      providers,
      routing: { tiers, verify: { tasks: 'all', peer: 'near/judge' } },
    });
    expect(routing.verify?.peer).toBe('near/judge');
    expect(models.map(({ ref }) => ref)).toContain('near/judge');
    expect(await verify({ tasks: 'all', peer: 'twin' }, { aliases: { twin: 'groq/twin' } })).toMatchObject({
      peer: 'groq/twin',
    });
  });

  it.each([
    [{}, 'routing.verify.tasks: must be "all" or a list of tasks, which are general, reasoning, code'],
    [{ tasks: 'code' }, 'routing.verify.tasks: must be "all" or a list of tasks'],
    [{ tasks: [] }, 'routing.verify.tasks: must have at least 1 entry'],
    [{ tasks: ['cde'] }, 'routing.verify.tasks[0]: must be one of general, reasoning, code'],
    [{ tasks: 'all', tiers: ['simpel'] }, 'routing.verify.tiers[0]: must be one of trivial, simple'],
    [{ tasks: 'all', first: 'low' }, 'routing.verify.first: must be one of trivial, simple'],
    [{ tasks: 'all', peer: 1 }, 'routing.verify.peer: must be true, false, or a model as provider/model or alias'],
    [{ tasks: 'all', peer: 'opnai/x' }, 'routing.verify.peer: no provider "opnai" is declared; did you mean "openai"?'],
    [{ tasks: 'all', threshold: 2 }, 'routing.verify.threshold: must be at most 1'],
    [{ tasks: 'all', treshold: 0.5 }, 'routing.verify.treshold: unknown key; did you mean "threshold"?'],
    [
      { tasks: 'all', tiers: ['simple'], first: 'complex' },
      'routing.verify.first: is above every tier of routing.verify.tiers',
    ],
  ])('%j is refused, saying why', async (written, message) => {
    expect(await messages({ tiers, verify: written })).toEqual([expect.stringContaining(message)]);
  });

  it('needs as many attempts as it may take', async () => {
    const faults = (limits: object, peer: boolean) =>
      faultsOf({ providers, limits, routing: { tiers, verify: { tasks: 'all', peer } } });
    expect(await faults({ attemptsMax: 2 }, true)).toEqual([
      expect.stringContaining('routing.verify: limits.attemptsMax must be at least 3: the answer, its peer'),
    ]);
    expect(await faults({ attemptsMax: 1 }, false)).toEqual([
      expect.stringContaining('limits.attemptsMax must be at least 2: the answer and a stronger one'),
    ]);
    await load({ providers, limits: { attemptsMax: 2 }, routing: { tiers, verify: { tasks: 'all' } } });
  });
});
