import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defaultRouting } from '../../src/catalog/default-routing.ts';
import { DEFAULT_FALLBACK, DEFAULT_TASKS, DEFAULT_TIERS, type DefaultChoice } from '../../src/catalog/default-tiers.ts';
import { fillTiers } from '../../src/catalog/fill-tiers.ts';
import { FACTS_BY_KIND } from '../../src/catalog/find-fact.ts';
import { FACTS_DATE } from '../../src/catalog/model-fact.ts';
import { type ModelRef, parseModelRef } from '../../src/core/model.ts';
import { TIERS } from '../../src/core/request.ts';
import { provider, VENDORS } from './settings.ts';

const GB = 1_000_000_000;
const ollama = provider('ollama');
const pulled = [
  { provider: 'ollama', name: 'qwen3:8b', sizeBytes: 5 * GB },
  { provider: 'ollama', name: 'llama3.2:latest', sizeBytes: 2 * GB },
  { provider: 'ollama', name: 'nomic-embed-text:latest', sizeBytes: GB },
  { provider: 'ollama', name: 'gpt-oss:120b-cloud', sizeBytes: 1 },
  { provider: 'ollama', name: 'gemma3:27b', sizeBytes: 17 * GB },
];
const everyChoice: readonly DefaultChoice[] = [
  ...Object.values(DEFAULT_TIERS).flat(),
  ...Object.values(DEFAULT_TASKS).flat(),
  ...DEFAULT_FALLBACK,
];

describe('the default lists', () => {
  it('name only current models that have a price and a window', async () => {
    const catalog = await loadCatalog({ providers: VENDORS, overrides: [] });
    for (const choice of everyChoice) {
      if (choice === 'local') continue;
      const model = catalog.find(`${choice.kind}/${choice.name}`);
      expect(model?.price, choice.name).toBeDefined();
      expect(model?.contextTokens, choice.name).toBeGreaterThan(100_000);
      const fact = FACTS_BY_KIND[choice.kind].find(({ name }) => name === choice.name);
      expect(fact?.status, choice.name).toBe('current');
    }
  });

  it('offer every tier at least three vendors, so that one can stand in for another', () => {
    for (const choices of Object.values(DEFAULT_TIERS)) {
      const kinds = new Set(
        (choices as readonly DefaultChoice[]).flatMap((choice) => (choice === 'local' ? [] : choice.kind)),
      );
      expect(kinds.size).toBeGreaterThanOrEqual(3);
    }
  });

  it('get better and dearer from tier to tier', async () => {
    const catalog = await loadCatalog({ providers: VENDORS, overrides: [] });
    const bestQuality = TIERS.map((tier) => {
      const choices = DEFAULT_TIERS[tier] as readonly DefaultChoice[];
      return Math.max(
        ...choices.map((choice) =>
          choice === 'local' ? 0 : (catalog.find(`${choice.kind}/${choice.name}`)?.quality ?? 0),
        ),
      );
    });
    expect(bestQuality).toEqual(bestQuality.toSorted((left, right) => left - right));
  });

  it('put only models that see into the vision task', async () => {
    const catalog = await loadCatalog({ providers: VENDORS, overrides: [] });
    for (const choice of DEFAULT_TASKS.vision as readonly DefaultChoice[]) {
      if (choice === 'local') continue;
      expect(catalog.find(`${choice.kind}/${choice.name}`)?.capabilities).toContain('vision');
    }
  });

  it('are the lists that docs/models.md shows', () => {
    const doc = readFileSync('docs/models.md', 'utf8');
    expect(doc).toContain(FACTS_DATE);
    for (const [name, choices] of Object.entries({ ...DEFAULT_TIERS, ...DEFAULT_TASKS, fallback: DEFAULT_FALLBACK })) {
      const shown = (choices as readonly DefaultChoice[]).map((choice) =>
        choice === 'local' ? 'local models' : `\`${choice.kind}/${choice.name}\``,
      );
      expect(doc.split('\n')).toContain(`| ${name} | ${shown.join(', ')} |`);
    }
  });
});

describe('default routing', () => {
  it('puts the models of this machine first for easy work, and last for hard work', () => {
    const { tiers } = defaultRouting({ providers: [...VENDORS, ollama], pulled, overrides: [] });
    expect(tiers.trivial.slice(0, 3)).toEqual(['ollama/llama3.2:latest', 'ollama/qwen3:8b', 'groq/openai/gpt-oss-20b']);
    expect(tiers.simple.slice(0, 2)).toEqual(['ollama/gemma3:27b', 'ollama/qwen3:8b']);
    expect(tiers.expert[0]).toBe('anthropic/claude-opus-5-5');
    expect(tiers.expert.slice(-2)).toEqual(['ollama/gemma3:27b', 'ollama/qwen3:8b']);
  });

  it('takes neither embedding models nor Ollama’s hosted ones for local', () => {
    const { tiers, tasks } = defaultRouting({ providers: [ollama], pulled, overrides: [] });
    const used = [...Object.values(tiers).flat(), ...Object.values(tasks).flat()];
    expect(used.some((ref) => /embed|cloud/.test(ref))).toBe(false);
    expect(tasks.vision).toEqual(['ollama/gemma3:27b']);
    expect(tasks.local).toEqual(['ollama/gemma3:27b', 'ollama/qwen3:8b']);
  });

  it('takes a model of this machine for what the configuration says it can', () => {
    const { tiers, tasks } = defaultRouting({
      providers: [ollama],
      pulled: ['house-vl', 'vectors', 'embedded-c', 'never-heard-of'].map((name) => ({ provider: 'ollama', name })),
      overrides: [
        { ref: 'ollama/house-vl', capabilities: ['vision'] },
        { ref: 'ollama/vectors', capabilities: ['embedding'] },
        { ref: 'ollama/embedded-c', capabilities: [] },
      ],
    });
    expect(tiers.trivial).toEqual(['ollama/embedded-c', 'ollama/house-vl']);
    expect(tiers.simple).toEqual(['ollama/never-heard-of', 'ollama/house-vl']);
    expect(tasks.vision).toEqual(['ollama/house-vl']);
  });

  it('takes no model of an Ollama that it has not pulled', () => {
    const near = provider('ollama', { baseUrl: 'http://localhost:11434' });
    const { fallback } = defaultRouting({ providers: [near], pulled, overrides: [{ ref: 'ollama/not-here' }] });
    expect(fallback).toEqual(['ollama/gemma3:27b', 'ollama/qwen3:8b']);
    expect(defaultRouting({ providers: [near], pulled: [], overrides: [{ ref: 'ollama/not-here' }] }).fallback).toEqual(
      [],
    );
  });

  it('fills every tier from a single vendor', () => {
    for (const vendor of VENDORS) {
      const { tiers } = defaultRouting({ providers: [vendor], pulled: [], overrides: [] });
      for (const tier of TIERS) expect(tiers[tier].length, `${vendor.id} ${tier}`).toBeGreaterThan(0);
    }
  });

  it('leaves a task out that nobody can do', () => {
    const { tasks } = defaultRouting({ providers: [...VENDORS], pulled: [], overrides: [] });
    expect(Object.keys(tasks)).not.toContain('local');
    expect(tasks.realtime?.[0]).toBe('groq/openai/gpt-oss-20b');
  });

  it('uses the names the providers have, all providers of a kind, and only keys that serve the model', () => {
    const restricted = { name: 'a', value: 'x', weight: 1, models: ['gpt-6-luna'] };
    const { tiers } = defaultRouting({
      providers: [provider('openai', { id: 'work' }), provider('openai', { id: 'home', keys: [restricted] })],
      pulled: [],
      overrides: [],
    });
    expect(tiers.trivial).toEqual(['work/gpt-6-luna', 'home/gpt-6-luna']);
    expect(tiers.expert).toEqual(['work/gpt-6.2-sol', 'work/gpt-6-astra']);
  });

  it('knows models of compatible servers from the configuration: local ones as local, others last', () => {
    const near = provider('openai-compatible', { id: 'lmstudio', baseUrl: 'http://localhost:1234/v1' });
    const far = provider('openai-compatible', { id: 'together', baseUrl: 'https://api.together.example/v1' });
    const { tiers, fallback } = defaultRouting({
      providers: [near, far, provider('groq')],
      pulled: [],
      overrides: [{ ref: 'lmstudio/qwen3-8b' }, { ref: 'together/kimi' }, { ref: 'lmstudio/nomic-embed' }],
    });
    expect(tiers.trivial).toEqual(['lmstudio/qwen3-8b', 'groq/openai/gpt-oss-20b', 'together/kimi']);
    expect(fallback).toEqual(['groq/openai/gpt-oss-120b', 'lmstudio/qwen3-8b', 'together/kimi']);
  });

  it('puts local models of compatible servers in order by their quality, and tells those that see', () => {
    const near = provider('openai-compatible', { id: 'embedded-lab', baseUrl: 'http://localhost:1234/v1' });
    const { tiers, tasks } = defaultRouting({
      providers: [near],
      pulled: [],
      overrides: [
        { ref: 'embedded-lab/good', quality: 0.5, capabilities: ['vision'] },
        { ref: 'embedded-lab/better', quality: 0.6, capabilities: ['vision', 'tools'] },
        { ref: 'embedded-lab/best', quality: 0.7 },
        { ref: 'embedded-lab/unknown' },
        { ref: 'embedded-lab/vectors', capabilities: ['embedding'] },
      ],
    });
    expect(tiers.trivial).toEqual(['embedded-lab/unknown', 'embedded-lab/good']);
    expect(tiers.expert).toEqual(['embedded-lab/best', 'embedded-lab/better']);
    expect(tasks.vision).toEqual(['embedded-lab/better', 'embedded-lab/good']);
  });

  it('ignores providers that cannot be called', () => {
    const { tiers } = defaultRouting({
      providers: [provider('openai', { status: 'unconfigured', keys: [] }), provider('groq', { status: 'disabled' })],
      pulled: [],
      overrides: [],
    });
    expect(Object.values(tiers).flat()).toEqual([]);
  });

  it('never names a model twice in a list, nor one of a provider that is not there', () => {
    fc.assert(
      fc.property(fc.subarray([...VENDORS, ollama]), fc.subarray(pulled), (providers, models) => {
        const { tiers, tasks, fallback } = defaultRouting({ providers, pulled: models, overrides: [] });
        for (const list of [...Object.values(tiers), ...Object.values(tasks), fallback]) {
          expect(new Set(list).size).toBe(list.length);
          for (const ref of list) expect(providers.map(({ id }) => id)).toContain(parseModelRef(ref)?.provider);
        }
      }),
    );
  });
});

describe('filling tiers', () => {
  it('takes the next stronger tier, else the next weaker one', () => {
    const only: ModelRef = 'a/medium';
    const best: ModelRef = 'a/expert';
    expect(fillTiers({ medium: [only], expert: [best] })).toEqual({
      trivial: [only],
      simple: [only],
      medium: [only],
      complex: [best],
      expert: [best],
    });
    expect(fillTiers({ trivial: [only] }).expert).toEqual([only]);
    expect(fillTiers({}).medium).toEqual([]);
  });

  it('leaves none empty once one has models, and changes none that has', () => {
    const list = fc.array(fc.constantFrom<ModelRef>('a/1', 'b/2'), { maxLength: 2 });
    fc.assert(
      fc.property(fc.record({ trivial: list, simple: list, medium: list, complex: list, expert: list }), (tiers) => {
        const filled = fillTiers(tiers);
        const some = TIERS.some((tier) => tiers[tier].length > 0);
        for (const tier of TIERS) {
          expect(filled[tier].length > 0).toBe(some);
          if (tiers[tier].length > 0) expect(filled[tier]).toEqual(tiers[tier]);
        }
      }),
    );
  });
});
