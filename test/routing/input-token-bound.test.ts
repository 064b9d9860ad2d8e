import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { FACTS_BY_KIND } from '../../src/catalog/find-fact.ts';
import type { JsonObject } from '../../src/core/json/json.ts';
import type { Message } from '../../src/core/message.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import { nanoUsd } from '../../src/core/money.ts';
import { costOf } from '../../src/core/price.ts';
import { TIERS } from '../../src/core/request.ts';
import { NO_USAGE, type Usage } from '../../src/core/usage.ts';
import { measureInput } from '../../src/routing/estimate-input-tokens.ts';
import { estimateCost } from '../../src/routing/expected-cost.ts';
import { inputTokenBound } from '../../src/routing/input-token-bound.ts';
import { providerOf } from '../support/catalog.ts';

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const bytes = (text: string) => Buffer.byteLength(text);
const boundOf = (messages: readonly Message[], tools: readonly JsonObject[] = [], model = 'gpt-5') =>
  inputTokenBound(
    measureInput({ messages, tools: tools.map((inputSchema, at) => ({ name: `tool${at}`, inputSchema })) }).inputBound,
    model,
  );

describe('the bound of the input', () => {
  it('is at least the bytes of every text that is sent, in any script', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), (texts) => {
        const all = texts.reduce((sum, one) => sum + bytes(one), 0);
        const bound = boundOf(texts.map(user));
        expect(bound).toBeGreaterThanOrEqual(all + 7 * texts.length);
        expect(bound).toBeGreaterThanOrEqual(measureInput({ messages: texts.map(user) }).inputTokens);
      }),
    );
  });

  it('counts calls, results, thoughts and the state that vendors want back', () => {
    const state = { kind: 'anthropic', value: 's'.repeat(5_000) } as const;
    const parts: Message[] = [
      { role: 'assistant', content: [{ type: 'reasoning', text: 'hm', vendorState: state }] },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'n', argumentsJson: 'a'.repeat(2_000) }] },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'n', text: 'r'.repeat(3_000) }] },
    ];
    expect(boundOf([user('Hi'), ...parts])).toBeGreaterThanOrEqual(boundOf([user('Hi')]) + 10_000);
  });

  it('leaves room for a schema that is indented, or said twice', () => {
    const schema = { type: 'object', properties: { city: { type: 'string', description: 'x'.repeat(900) } } };
    const wanted = bytes(JSON.stringify(schema, null, 4));
    expect(boundOf([user('Hi')], [schema]) - boundOf([user('Hi')])).toBeGreaterThan(wanted + 804);
  });

  it('is no bound for a PDF, of which the window is one', () => {
    const source = { type: 'data', mediaType: 'application/pdf', base64: 'JVBERi0xLjc=' } as const;
    const reading: Message[] = [{ role: 'user', content: [{ type: 'document', source }] }];
    const windows = Object.values(FACTS_BY_KIND).flatMap((facts) =>
      facts.map(({ capabilities, contextTokens = 0 }) => (capabilities.includes('pdf') ? contextTokens : 0)),
    );
    expect(boundOf(reading, [], 'claude-opus-5-5')).toBeGreaterThan(Math.max(...windows));
    expect(measureInput({ messages: reading }).inputBound.hasImages).toBe(true);
  });

  it('takes the largest that a vendor makes of an image', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } } as const;
    const seeing: Message[] = [{ role: 'user', content: [image, image] }];
    const blind: Message[] = [{ role: 'user', content: [] }];
    const perImage = (model: string) => (boundOf(seeing, [], model) - boundOf(blind, [], model)) / 2;
    expect(perImage('gpt-4o-mini-2024-07-18')).toBeGreaterThanOrEqual(2_833 + 8 * 5_667);
    expect(perImage('gpt-4o')).toBeGreaterThanOrEqual(85 + 8 * 170);
    expect(perImage('claude-opus-4-6')).toBeGreaterThanOrEqual(4_784);
    expect(perImage('gemini-2.5-flash')).toBeGreaterThanOrEqual(12 * 258);
  });
});

describe('the largest cost of a candidate', async () => {
  const kinds = ['openai', 'anthropic', 'gemini', 'groq'] as const;
  const catalog = await loadCatalog({ providers: kinds.map((kind) => providerOf(kind, { kind })), overrides: [] });
  const models = kinds
    .flatMap((kind) => FACTS_BY_KIND[kind].flatMap(({ name }) => catalog.find(`${kind}/${name}`) ?? []))
    .filter(({ price }) => price !== undefined);

  const split = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 12, maxLength: 12 });
  const prompt = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 10_000 }));

  /** Whatever a vendor may report for it: every split of at most so many tokens into classes. */
  function usageOf(most: { readonly input: number; readonly output: number }, shares: readonly number[]): Usage {
    const share = (whole: number, at: number) => Math.floor((whole * (shares[at] ?? 0)) / 1_000);
    const input = most.input - share(most.input, 0);
    const cachedInputTokens = share(input, 1);
    const cacheWriteTokens = share(input - cachedInputTokens, 2);
    const outputTokens = most.output - share(most.output, 3);
    const reasoningTokens = share(outputTokens, 4);
    const audioOutputTokens = share(outputTokens - reasoningTokens, 5);
    return {
      ...NO_USAGE,
      inputTokens: input - cachedInputTokens - cacheWriteTokens,
      cachedInputTokens,
      cacheWriteTokens,
      outputTokens,
      reasoningTokens,
      audioOutputTokens,
      imageOutputTokens: share(outputTokens - reasoningTokens - audioOutputTokens, 6),
      source: 'reported',
    };
  }

  it('holds for every model of the catalogue, any prompt, and any usage a vendor may report for it', () => {
    expect(models.length).toBeGreaterThan(40);
    const asked = fc.record(
      { maxOutputTokens: fc.integer({ min: 1, max: 200_000 }), costMax: fc.integer({ min: 1, max: 2e9 }).map(nanoUsd) },
      { requiredKeys: [] },
    );
    const tiers = fc.constantFrom(...TIERS);
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        prompt,
        asked,
        tiers,
        split,
        (model, [words, times], wanted, tier, shares) => {
          const text = words.repeat(times);
          const size = measureInput({ messages: [user(text)] });
          const { costMax, costExpected, outputTokensCap } = estimateCost(model, {
            ...size,
            ...wanted,
            tier,
          });
          if (costMax === undefined || costExpected === undefined || !model.price) throw new Error('it has a price');
          const output =
            outputTokensCap ?? Math.min(wanted.maxOutputTokens ?? Number.POSITIVE_INFINITY, writable(model));
          const input = Math.min(bytes(text) + 7, model.contextTokens);
          expect(costOf(usageOf({ input, output }, shares), model.price)).toBeLessThanOrEqual(costMax);
          expect(costExpected).toBeLessThanOrEqual(costMax);
          if (wanted.costMax !== undefined && outputTokensCap !== undefined) {
            expect(costMax).toBeLessThanOrEqual(wanted.costMax);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  function writable({ outputTokensMax, contextTokens }: ModelInfo): number {
    return Math.min(outputTokensMax ?? contextTokens, contextTokens);
  }

  it('is dearer only by what can happen: a write for an hour counts when the request asks for one', () => {
    const model = catalog.find('anthropic/claude-opus-4-6');
    if (!model) throw new Error('no such model');
    const costMax = (cacheBreakpoint?: '5m' | '1h') => {
      const part = { type: 'text', text: 'x'.repeat(10_000), ...(cacheBreakpoint && { cacheBreakpoint }) } as const;
      const size = measureInput({ messages: [{ role: 'user', content: [part] }] });
      return estimateCost(model, { ...size, tier: 'simple', maxOutputTokens: 1 }).costMax ?? 0;
    };
    expect(costMax('5m')).toBe(costMax());
    expect(costMax('1h') / costMax()).toBeCloseTo(10 / 6.25, 2);
  });

  it('does not believe a window that is only guessed', () => {
    const known = catalog.find('openai/gpt-5');
    if (!known) throw new Error('no such model');
    const guessed: ModelInfo = { ...known, contextTokens: 8_192, isContextGuessed: true };
    const size = measureInput({ messages: [user('word '.repeat(4_001))] });
    const ask = { ...size, tier: 'simple', maxOutputTokens: 10 } as const;
    expect(estimateCost(guessed, ask).costBound?.inputTokensMax).toBeGreaterThan(20_000);
    const { isContextGuessed: _guess, ...certain } = guessed;
    expect(estimateCost(certain, ask).costBound?.inputTokensMax).toBe(8_192);
  });
});
