import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TIERS } from '../../src/catalog/default-tiers.ts';
import { TIERS } from '../../src/core/request.ts';
import { faultsOf, load } from './load.ts';
import { messages, providers, table } from './routing-config.ts';

describe('tiers', () => {
  it('hold what is written, in order', async () => {
    const { tiers } = await table({
      tiers: {
        trivial: ['near/a', 'groq/openai/gpt-oss-20b'],
        simple: ['openai/b'],
        medium: ['openai/c'],
        complex: ['openai/d'],
        expert: ['openai/e'],
      },
    });
    expect(tiers.trivial).toEqual(['near/a', 'groq/openai/gpt-oss-20b']);
    expect(tiers.expert).toEqual(['openai/e']);
  });

  it('left out take the next stronger one, else the next weaker one', async () => {
    const { tiers } = await table({ tiers: { simple: ['openai/small'], complex: ['openai/large'], medium: [] } });
    expect(tiers).toEqual({
      trivial: ['openai/small'],
      simple: ['openai/small'],
      medium: ['openai/large'],
      complex: ['openai/large'],
      expert: ['openai/large'],
    });
  });

  it('left out altogether are chosen from what is configured', async () => {
    for (const routing of [{}, { tiers: {} }, { tiers: { simple: [] } }]) {
      const { tiers, fallback, tasks } = await table(routing);
      expect(tiers.trivial[0]).toBe('groq/openai/gpt-oss-20b');
      expect(tiers.expert[0]).toBe('openai/gpt-6.2-sol');
      expect(fallback.length).toBeGreaterThan(1);
      expect(tasks.realtime?.[0]).toBe('groq/openai/gpt-oss-20b');
    }
    expect(DEFAULT_TIERS.trivial[0]).toBe('local');
  });

  it('that are written keep defaults out of tasks and fallback', async () => {
    const { tasks, fallback } = await table({ tiers: { simple: ['near/private'] } });
    expect(tasks).toEqual({});
    expect(fallback).toEqual([]);
  });

  it('by default leave tasks and fallback that are written as they are', async () => {
    const { tasks, fallback } = await table({ tasks: { code: ['near/coder'] }, fallback: [] });
    expect(tasks.code).toEqual(['near/coder']);
    expect(tasks.reasoning?.length).toBeGreaterThan(0);
    expect(fallback).toEqual([]);
  });

  it('are never empty once one has models', async () => {
    const list = fc.option(fc.constantFrom(['openai/a'], ['near/b', 'groq/c']), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ trivial: list, simple: list, medium: list, complex: list, expert: list }),
        async (tiers) => {
          const loaded = await table({ tiers });
          for (const tier of TIERS) expect(loaded.tiers[tier].length).toBeGreaterThan(0);
          for (const tier of TIERS) if (tiers[tier]) expect(loaded.tiers[tier]).toEqual(tiers[tier]);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a model in a list', () => {
  it('belongs to a provider that is declared', async () => {
    expect(await messages({ tiers: { simple: ['opnai/x', 'mistral/x'] }, tasks: { code: ['gro/x'] } })).toEqual([
      'routing.tiers.simple[0]: no provider "opnai" is declared; did you mean "openai"?',
      'routing.tiers.simple[1]: no provider "mistral" is declared; declared are openai, groq, near',
      'routing.tasks.code[0]: no provider "gro" is declared; did you mean "groq"?',
    ]);
  });

  it('may belong to one that is switched off or has no key yet', async () => {
    const config = await load({
      providers: { off: { kind: 'openai', enabled: false }, bare: { kind: 'groq' } },
      routing: { tiers: { simple: ['off/a', 'bare/b'] } },
    });
    expect(config.routing.tiers.simple).toEqual(['off/a', 'bare/b']);
  });

  it('has its provider before the name, and the message says which', async () => {
    expect(await messages({ fallback: ['gpt-6-luna', 'openai/', '/x'] })).toEqual([
      'routing.fallback[0]: "gpt-6-luna" is neither provider/model nor an alias; did you mean "openai/gpt-6-luna"?',
      'routing.fallback[1]: "openai/" is neither provider/model nor an alias',
      'routing.fallback[2]: "/x" is neither provider/model nor an alias',
    ]);
  });

  it.each(['openai/../admin', 'openai/http://x', 'openai/a b', 'openai/a\tb', `openai/${'x'.repeat(257)}`])(
    'may not be called %j',
    async (name) => {
      expect((await messages({ fallback: [name] }))[0]).toContain('the name of the model holds white space');
    },
  );

  it('stands once', async () => {
    expect(
      await messages({
        tiers: { simple: ['openai/a', 'openai/b', 'openai/a', 'fast'] },
        aliases: { fast: 'openai/b' },
      }),
    ).toEqual([
      'routing.tiers.simple[2]: openai/a stands twice in this list',
      'routing.tiers.simple[3]: fast stands twice in this list',
    ]);
  });

  it('is made known to the catalogue', async () => {
    const { models } = await load({
      providers,
      models: { 'near/a': { quality: 0.4 } },
      routing: {
        tiers: { simple: ['near/a', 'openai/b'] },
        tasks: { code: ['near/c'] },
        fallback: ['smart'],
        aliases: { smart: 'groq/d' },
      },
    });
    expect(models).toEqual([
      { ref: 'near/a', quality: 0.4 },
      { ref: 'openai/b' },
      { ref: 'near/c' },
      { ref: 'groq/d' },
    ]);
  });
});

describe('aliases', () => {
  it('are resolved once, also through each other, and may stand in lists', async () => {
    const { aliases, tiers } = await table({
      aliases: { smart: 'best', best: 'openai/gpt-6-astra', quick: 'groq/openai/gpt-oss-20b' },
      tiers: { simple: ['quick'], expert: ['smart', 'quick'] },
    });
    expect(aliases).toEqual({
      smart: 'openai/gpt-6-astra',
      best: 'openai/gpt-6-astra',
      quick: 'groq/openai/gpt-oss-20b',
    });
    expect(tiers.expert).toEqual(['openai/gpt-6-astra', 'groq/openai/gpt-oss-20b']);
  });

  it.each(['auto', 'Auto', 'AUTO'])(
    'may not be called %s, which means something else in every request',
    async (name) => {
      expect(await messages({ aliases: { [name]: 'openai/x' } })).toEqual([
        expect.stringContaining(`routing.aliases.${name}: an alias is a word`),
      ]);
    },
  );

  it('that go round in a circle are refused, with the way they go', async () => {
    expect(await messages({ aliases: { a: 'b', b: 'a', c: 'a', d: 'd' }, tiers: { simple: ['a'] } })).toEqual([
      'routing.aliases.a: this alias goes round in a circle: a → b → a',
      'routing.aliases.b: this alias goes round in a circle: b → a → b',
      'routing.aliases.c: this alias goes round in a circle: c → a → b → a',
      'routing.aliases.d: this alias goes round in a circle: d → d',
    ]);
  });

  it('that lead nowhere are reported once, with a near name', async () => {
    expect(
      await messages({
        aliases: { smart: 'bst', best: 'openai/x', far: 'mars/x', farther: 'far' },
        fallback: ['smart'],
      }),
    ).toEqual([
      'routing.aliases.smart: "bst" is neither provider/model nor an alias; did you mean "best"?',
      'routing.aliases.far: no provider "mars" is declared; declared are openai, groq, near',
    ]);
  });

  it.each(['auto', 'tier:x', 'a/b', '', 'two words'])('may not be called %j', async (alias) => {
    expect((await faultsOf({ providers, routing: { aliases: { [alias]: 'openai/x' } } }))[0]).toContain(
      'an alias is a word of up to 64 characters',
    );
  });
});

describe('models', () => {
  const override = async (model: object) => (await load({ providers, models: { 'near/m': model } })).models[0];
  const fault = async (model: object) => (await faultsOf({ providers, models: { 'near/m': model } })).join('\n');

  it('take a price in dollars per million tokens, to the exact integer', async () => {
    const price = { inputPerMTok: 0.0375, outputPerMTok: 0.15, cachedInputPerMTok: 0, cacheWritePerMTok: 0.05 };
    expect(
      await override({ price, contextTokens: 1000, capabilities: ['tools'], quality: 0, priority: -1, weight: 2 }),
    ).toEqual({
      ref: 'near/m',
      price: {
        tiers: [
          {
            fromInputTokens: 0,
            inputPerMTok: 37_500_000,
            outputPerMTok: 150_000_000,
            cachedInputPerMTok: 0,
            cacheWritePerMTok: 50_000_000,
          },
        ],
        version: 'config',
      },
      contextTokens: 1000,
      capabilities: ['tools'],
      quality: 0,
      priority: -1,
      weight: 2,
    });
  });

  it('take a price for each class of tokens, for long prompts, for requests and for ways of serving', async () => {
    const price = {
      inputPerMTok: 3,
      outputPerMTok: 15,
      cacheWrite1hPerMTok: 6,
      reasoningPerMTok: 20,
      audioInputPerMTok: 40,
      longContext: [{ aboveInputTokens: 200_000, inputPerMTok: 6, outputPerMTok: 22.5 }],
      requestUsd: 0.005,
      webSearchUsd: 0.01,
      modes: { priority: 1.75, us: 1.1, batch: 0.5, scale: 0 },
    };
    expect(await override({ price })).toEqual({
      ref: 'near/m',
      price: {
        tiers: [
          {
            fromInputTokens: 0,
            inputPerMTok: 3_000_000_000,
            outputPerMTok: 15_000_000_000,
            cacheWrite1hPerMTok: 6_000_000_000,
            reasoningPerMTok: 20_000_000_000,
            audioInputPerMTok: 40_000_000_000,
          },
          { fromInputTokens: 200_001, inputPerMTok: 6_000_000_000, outputPerMTok: 22_500_000_000 },
        ],
        version: 'config',
        perRequest: 5_000_000,
        perWebSearch: 10_000_000,
        modePermille: { priority: 1_750, us: 1_100, batch: 500, scale: 0 },
      },
    });
  });

  it.each([
    [
      {
        price: {
          inputPerMTok: 1,
          outputPerMTok: 1,
          longContext: [8, 4].map((aboveInputTokens) => ({ aboveInputTokens, inputPerMTok: 2, outputPerMTok: 2 })),
        },
      },
      'price.longContext: must be in ascending order of "aboveInputTokens"',
    ],
    [{ price: { inputPerMTok: 1, outputPerMTok: 1, modes: { flex: 0.12345 } } }, 'price.modes.flex: must have at most'],
    [
      { price: { inputPerMTok: 1, outputPerMTok: 1, modes: { flexi: 1 } } },
      'price.modes.flexi: unknown key; did you mean "flex"',
    ],
    [{ price: { inputPerMTok: -1, outputPerMTok: 1 } }, 'price.inputPerMTok: must be at least 0'],
    [{ price: { inputPerMTok: 'NaN', outputPerMTok: 1 } }, 'price.inputPerMTok: must be a number'],
    [{ price: { inputPerMTok: 1 } }, 'price.outputPerMTok: is missing'],
    [
      { price: { inputPerMTok: 2_000_000, outputPerMTok: 1 } },
      'price.inputPerMTok: must be 0, or from 0.001 to 10000: dollars per million tokens, not per token or per thousand',
    ],
    [
      { price: { inputPerMTok: 1, outputPerMTok: 0.000_006 } },
      'price.outputPerMTok: must be 0, or from 0.001 to 10000: dollars per million tokens, not per token or per thousand',
    ],
    [{ quality: 1.01 }, 'quality: must be at most 1'],
    [{ quality: -0.1 }, 'quality: must be at least 0'],
    [{ capabilities: ['tool'] }, 'did you mean "tools"?'],
    [{ contextTokens: 0 }, 'contextTokens: must be at least 1'],
    [{ weight: 0 }, 'weight: must be more than 0'],
  ])('refuse %j', async (model, expected) => {
    expect(await fault(model)).toContain(expected);
  });

  it('are named by a provider that is declared', async () => {
    expect(await faultsOf({ providers, models: { 'nera/m': {}, plain: {}, 'near/a b': {} } })).toEqual([
      expect.stringMatching(/models\["nera\/m"\]: no provider "nera" is declared; did you mean "near"\?$/),
      expect.stringMatching(/models\.plain: a model is named as provider\/model$/),
      expect.stringMatching(/models\["near\/a b"\]: a model is named as provider\/model$/),
    ]);
  });
});
