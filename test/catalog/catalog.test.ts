import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { FACTS_VERSION } from '../../src/catalog/fact-prices.ts';
import { FACTS_BY_KIND } from '../../src/catalog/find-fact.ts';
import { PRICE_DATA_VERSION } from '../../src/catalog/vendor-prices.ts';
import type { ModelRef } from '../../src/core/model.ts';
import { nanoUsdFromUsd, priceFromUsdPerMTok } from '../../src/core/money.ts';
import { costOf } from '../../src/core/price.ts';
import { provider, VENDORS } from './settings.ts';

const catalog = await loadCatalog({ providers: [...VENDORS, provider('ollama')], overrides: [] });
const usd = priceFromUsdPerMTok;
const tierOf = (fromInputTokens: number, input: number, output: number) => ({
  fromInputTokens,
  inputPerMTok: usd(input),
  outputPerMTok: usd(output),
});

describe('find', () => {
  it('merges the price data with our table', () => {
    expect(catalog.find('openai/gpt-5-mini')).toEqual({
      ref: 'openai/gpt-5-mini',
      provider: 'openai',
      name: 'gpt-5-mini',
      contextTokens: 400_000,
      outputTokensMax: 128_000,
      capabilities: ['tools', 'vision', 'pdf', 'json-schema', 'reasoning'],
      price: {
        tiers: [{ fromInputTokens: 0, inputPerMTok: usd(0.25), outputPerMTok: usd(2), cachedInputPerMTok: usd(0.025) }],
        version: PRICE_DATA_VERSION,
        perWebSearch: nanoUsdFromUsd(0.01),
        modePermille: { batch: 500, flex: 500, priority: 1_800 },
      },
      quality: 0.52,
      tags: [],
    });
  });

  it('gives a dated name the facts and price of its family', () => {
    const family = catalog.find('anthropic/claude-haiku-4-5');
    expect(family?.price?.tiers[0].inputPerMTok).toBe(usd(1));
    for (const name of ['claude-haiku-4-5-20251001', 'claude-haiku-4-5-latest', 'claude-haiku-4-5@20251001']) {
      const ref: ModelRef = `anthropic/${name}`;
      expect(catalog.find(ref)).toEqual({ ...family, ref, name });
    }
    expect(catalog.find('openai/gpt-5-mini-2025-08-07')?.price).toEqual(catalog.find('openai/gpt-5-mini')?.price);
    expect(catalog.find('gemini/gemini-2.5-flash-001')?.price).toEqual(catalog.find('gemini/gemini-2.5-flash')?.price);
  });

  it('keeps the price of a dated version that costs something else', () => {
    expect(catalog.find('openai/gpt-4o-2024-05-13')?.price?.tiers[0].inputPerMTok).toBe(usd(5));
    expect(catalog.find('openai/gpt-4o')?.price?.tiers[0].inputPerMTok).toBe(usd(2.5));
  });

  it('starts a dearer tier at the first token above the limit', () => {
    const price = catalog.find('gemini/gemini-2.5-pro')?.price;
    expect(price?.tiers.map(({ fromInputTokens }) => fromInputTokens)).toEqual([0, 200_001]);
    if (!price) throw new Error('no price');
    const usage = { cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    expect(costOf({ ...usage, inputTokens: 200_000 }, price)).toBe(250_000_000);
    expect(costOf({ ...usage, inputTokens: 200_001 }, price)).toBe(500_002_500);
  });

  it('prices by our own table what is newer than the price data', () => {
    expect(catalog.find('openai/gpt-6.2-sol')?.price).toEqual({
      tiers: [
        { ...tierOf(0, 2, 10), cachedInputPerMTok: usd(0.1), cacheWritePerMTok: usd(2.5) },
        { ...tierOf(272_001, 4, 15), cachedInputPerMTok: usd(0.2), cacheWritePerMTok: usd(5) },
      ],
      version: FACTS_VERSION,
      modePermille: { batch: 500, flex: 500 },
    });
  });

  it('knows a model in capitals, and no vendor by the models of Ollama', () => {
    expect(catalog.find('openai/GPT-5-Mini')).toMatchObject({ outputTokensMax: 128_000, price: { tiers: [{}] } });
    expect(catalog.find('groq/qwen3-vl:8b')?.capabilities).toEqual(['tools']);
  });

  it('leaves an unknown model of a known vendor usable, unpriced, blind and small', () => {
    expect(catalog.find('openai/gpt-99-nova')).toEqual({
      ref: 'openai/gpt-99-nova',
      provider: 'openai',
      name: 'gpt-99-nova',
      contextTokens: 8_192,
      isContextGuessed: true,
      capabilities: ['tools'],
      tags: [],
    });
  });

  it('does not price a newer model like the one its name begins with', () => {
    expect(catalog.find('anthropic/claude-sonnet-5-9')?.price).toBeUndefined();
    expect(catalog.find('anthropic/claude-sonnet-5')?.price?.version).toBe(PRICE_DATA_VERSION);
  });

  it('remembers what it found, of two thousand names at most', () => {
    const first = catalog.find('openai/first');
    expect(catalog.find('openai/first')).toBe(first);
    for (let index = 0; index < 2_000; index += 1) catalog.find(`openai/name-${index}`);
    const again = catalog.find('openai/first');
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('knows nothing of providers that are not configured, nor of names that are none', () => {
    expect(catalog.find('mistral/mistral-large')).toBeUndefined();
    expect(catalog.find('openai' as ModelRef)).toBeUndefined();
    for (const name of ['..', 'a/../b', 'http://x', 'a b', 'a\nb', 'x'.repeat(257), '\u0000']) {
      expect(catalog.find(`openai/${name}`)).toBeUndefined();
    }
  });

  it('fills the windows that the price data lacks for Groq', () => {
    for (const { name } of FACTS_BY_KIND.groq) {
      expect(catalog.find(`groq/${name}`)?.contextTokens, name).toBeGreaterThan(100_000);
    }
  });

  it('prices every class of tokens that a vendor bills apart', () => {
    const [claude, gemini] = ['anthropic/claude-opus-4-6', 'gemini/gemini-2.5-flash'].map(
      (ref) => catalog.find(ref as ModelRef)?.price,
    );
    expect(claude).toMatchObject({
      tiers: [{ cachedInputPerMTok: usd(0.5), cacheWritePerMTok: usd(6.25), cacheWrite1hPerMTok: usd(10) }],
      perWebSearch: nanoUsdFromUsd(0.01),
      modePermille: { batch: 500, us: 1_100 },
    });
    expect(gemini?.tiers[0]).toMatchObject({ audioInputPerMTok: usd(1), cachedAudioInputPerMTok: usd(0.1) });
    expect(catalog.find('anthropic/claude-haiku-5-5')?.price?.tiers[1]?.cacheWrite1hPerMTok).toBe(usd(1));
  });

  it('charges a write to the cache for an hour twice the input, in every table', () => {
    for (const { price, ref } of catalog.list().filter(({ provider }) => provider === 'anthropic')) {
      for (const { inputPerMTok, cacheWrite1hPerMTok } of price?.tiers ?? []) {
        expect(cacheWrite1hPerMTok, ref).toBe(2 * inputPerMTok);
      }
    }
  });

  it('takes the price of the day', async () => {
    const onDay = async (day: string) => {
      const dated = await loadCatalog({ providers: VENDORS, overrides: [], nowMs: () => Date.parse(day) });
      return ['gemini/gemini-4-argon', 'gemini/gemini-3.8-flash'].map(
        (ref) => dated.find(ref as ModelRef)?.price?.tiers[0].outputPerMTok,
      );
    };
    expect(await onDay('2026-11-30T23:59:59Z')).toEqual([usd(10), usd(3.75)]);
    expect(await onDay('2026-12-01T00:00:00Z')).toEqual([usd(20), usd(3.75)]);
    expect(await onDay('2027-01-01T00:00:00Z')).toEqual([usd(20), usd(7.5)]);
  });

  it('changes the price in a process that lives over the day', async () => {
    let now = Date.parse('2026-11-30T12:00:00Z');
    const living = await loadCatalog({ providers: VENDORS, overrides: [], nowMs: () => now });
    const before = living.find('gemini/gemini-4-argon')?.price;
    now += 86_400_000;
    const after = living.find('gemini/gemini-4-argon')?.price;
    expect(before?.tiers[0].inputPerMTok).toBe(usd(2));
    expect(after?.tiers[0].inputPerMTok).toBe(usd(4));
    expect(after?.version).toBe(FACTS_VERSION);
  });
});

describe('local models', () => {
  it('are free on this machine, and say so', () => {
    for (const name of ['llama3.2', 'llama3.2:latest', 'qwen3:8b', 'never-heard-of']) {
      const model = catalog.find(`ollama/${name}`);
      expect(model?.price).toEqual({
        tiers: [{ fromInputTokens: 0, inputPerMTok: 0, outputPerMTok: 0 }],
        version: 'local',
      });
      expect(model?.tags).toEqual(['local']);
    }
  });

  it('are those behind an address of this machine, and their answers fit a JSON schema', async () => {
    const providers = [
      provider('ollama', { baseUrl: 'http://localhost:11434' }),
      provider('openai-compatible', { id: 'far', baseUrl: 'https://far.example/v1' }),
      provider('openai', { baseUrl: 'http://127.0.0.1:9/v1' }),
    ];
    const here = await loadCatalog({
      providers,
      overrides: [
        { ref: 'ollama/mine', tags: ['mine'] },
        { ref: 'ollama/said', tags: ['local', 'mine'] },
      ],
    });
    expect(here.find('ollama/mine')).toMatchObject({ tags: ['mine', 'local'], capabilities: ['json-schema'] });
    expect(here.find('ollama/said')?.tags).toEqual(['local', 'mine']);
    for (const ref of ['far/qwen3-8b', 'openai/gpt-5'] as const) expect(here.find(ref)?.tags).toEqual([]);
  });

  it('have the facts of their family whatever their tag', () => {
    expect(catalog.find('ollama/qwen3:8b')?.capabilities).toEqual(['tools', 'reasoning', 'json-schema']);
    expect(catalog.find('ollama/library/llama3.2-vision:11b')?.capabilities).toContain('vision');
    expect(catalog.find('ollama/gemma3:4b')?.capabilities).toContain('vision');
    expect(catalog.find('ollama/gemma3:1b')?.capabilities).not.toContain('vision');
    expect(catalog.find('ollama/nomic-embed-text:latest')?.capabilities).toEqual(['embedding']);
  });

  it('get a window the machine can hold', () => {
    expect(catalog.find('ollama/llama3.2')?.contextTokens).toBe(32_768);
    expect(catalog.find('ollama/phi4')?.contextTokens).toBe(16_384);
    expect(catalog.find('ollama/gpt-oss:120b-cloud')?.contextTokens).toBe(131_072);
  });

  it('cost an unknown price when they run elsewhere', async () => {
    const elsewhere = await loadCatalog({
      providers: [provider('ollama', { baseUrl: 'http://gpu.example:11434' })],
      overrides: [],
    });
    expect(elsewhere.find('ollama/llama3.2')?.price).toBeUndefined();
    expect(catalog.find('ollama/gpt-oss:120b-cloud')?.price).toBeUndefined();
    expect(catalog.find('ollama/glm-4.6:cloud')?.tags).toEqual([]);
  });

  it('behind an OpenAI-compatible server are priced by the configuration only', async () => {
    const baseUrl = 'http://127.0.0.1:1234/v1';
    const ref = 'lmstudio/qwen3-8b';
    const providers = [provider('openai-compatible', { id: 'lmstudio', baseUrl })];
    const unpriced = await loadCatalog({ providers, overrides: [{ ref }] });
    expect(unpriced.find(ref)).toEqual({
      ref,
      provider: 'lmstudio',
      name: 'qwen3-8b',
      contextTokens: 8_192,
      isContextGuessed: true,
      capabilities: [],
      tags: ['local'],
    });
  });
});

describe('list', () => {
  it('names the current models of configured vendors, always in the same order', async () => {
    const again = await loadCatalog({ providers: [...VENDORS, provider('ollama')], overrides: [] });
    const refs = catalog.list().map(({ ref }) => ref);
    expect(again.list().map(({ ref }) => ref)).toEqual(refs);
    expect(refs).toContain('anthropic/claude-opus-5-5');
    expect(refs).toContain('groq/openai/gpt-oss-120b');
    expect(refs.length).toBeLessThan(40);
    expect(refs.filter((ref) => /audio|tts|image|realtime|whisper|\d{8}|\d{4}-\d\d-\d\d/.test(ref))).toEqual([]);
    expect(new Set(refs).size).toBe(refs.length);
  });

  it('adds what the configuration names and leaves out vendors that are not ready', async () => {
    const partly = await loadCatalog({
      providers: [provider('openai', { status: 'unconfigured', keys: [] }), provider('ollama')],
      overrides: [{ ref: 'ollama/llama3.2:3b' }, { ref: 'openai/gpt-6-luna' }],
    });
    expect(partly.list().map(({ ref }) => ref)).toEqual(['ollama/llama3.2:3b', 'openai/gpt-6-luna']);
  });
});
