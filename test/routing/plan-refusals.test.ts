import { describe, expect, it } from 'vitest';
import type { TargetHealth } from '../../src/core/health.ts';
import type { DocumentPart, Message } from '../../src/core/message.ts';
import { nanoUsd, nanoUsdFromUsd } from '../../src/core/money.ts';
import { type ApiKey, keyHealthId } from '../../src/core/provider.ts';
import type { ChatRequest } from '../../src/core/request.ts';
import { catalogOf, keyOf, modelOf, requestOf, tableOf } from '../support/catalog.ts';
import {
  KEY_A as a,
  KEY_B as b,
  HARD,
  MEDIUM,
  NOW_MS,
  picture,
  plan,
  providers,
  refs,
  refusals,
  table,
} from './plan-fixture.ts';

describe('what rules a model out', () => {
  const long = (tokens: number) => 'word '.repeat(tokens);

  it('a prompt larger than its window', () => {
    const chosen = plan(requestOf(long(6_000), { tier: 'simple' }));
    expect(refusals(chosen)).toEqual({ 'local/tiny': 'context_too_long' });
    expect(refs(chosen)[0]).toBe('cheap/fast');
  });

  it('not an answer longer than it can write: the window needs room for what it can', () => {
    expect(refs(plan(requestOf(long(80_000), { model: 'best' }, { maxOutputTokens: 150_000 })))).toEqual([
      'strong/opus',
    ]);
  });

  it('a price nobody knows beside a cost limit, and no other tier is taken for that', () => {
    const tiers = { ...tableOf().tiers, medium: ['cheap/mystery'], complex: ['strong/opus'] } as const;
    const chosen = plan(requestOf(MEDIUM, { costMax: nanoUsdFromUsd(1) }), { table: tableOf({ tiers }) });
    expect(refs(chosen)).toEqual([]);
    const reason = 'its price is unknown and a cost limit was given';
    expect(chosen.rejected).toEqual([{ model: 'cheap/mystery', code: 'price_unknown', reason }]);
  });

  it('an answer that does not fit beside the prompt', () => {
    expect(refusals(plan(requestOf('Hi', {}, { maxOutputTokens: 4_090 })))['local/tiny']).toBe('context_too_long');
    expect(refs(plan(requestOf('Hi', {}, { maxOutputTokens: 4_000 })))[0]).toBe('local/tiny');
  });

  it('tools it cannot call', () => {
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];
    expect(refusals(plan(requestOf('Hi', { tier: 'simple' }, { tools })))).toMatchObject({
      'local/tiny': 'capability_missing',
      'local/seeing': 'capability_missing',
    });
    expect(refusals(plan(requestOf('Hi', { tier: 'simple' }, { tools: [] })))).toEqual({});
  });

  it('an https image at Ollama, where only data will do', () => {
    const messages = [picture('https://example.org/a.png')];
    const chosen = plan(requestOf('', {}, { messages }));
    expect(refs(chosen)).toEqual(['strong/haiku', 'strong/opus']);
    expect(chosen.rejected).toEqual([
      { model: 'local/seeing', code: 'capability_missing', reason: expect.stringContaining('Ollama') },
    ]);
  });

  it('an image that a tool showed, as one that the user shows', () => {
    const shown = (url: string): readonly Message[] => {
      const { content } = picture(url);
      const media = content.filter((part) => part.type === 'image');
      return [
        { role: 'user', content: [{ type: 'text', text: 'Look.' }] },
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'camera', argumentsJson: '{}' }] },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'camera', text: '', media }] },
      ];
    };
    const asData = (model: string) => plan(requestOf('', { model }, { messages: shown('data:a') }));
    expect(refusals(asData('local/tiny'))).toEqual({ 'local/tiny': 'capability_missing' });
    expect(refs(asData('local/seeing'))).toEqual(['local/seeing']);
    const asAddress = plan(requestOf('', { model: 'local/seeing' }, { messages: shown('https://example.org/a.png') }));
    expect(asAddress.rejected[0]?.reason).toContain('not as https addresses');
    expect(plan(requestOf('', {}, { messages: shown('data:a') }))).toMatchObject({ task: 'vision' });
  });

  it('that it reads no PDFs, or none by their address', () => {
    const shown = (source: DocumentPart['source']): readonly Message[] => [
      { role: 'user', content: [{ type: 'document', source }] },
    ];
    const data = { type: 'data', mediaType: 'application/pdf', base64: 'JVBERi0xLjc=' } as const;
    expect(refusals(plan(requestOf('', { model: 'strong/opus' }, { messages: shown(data) })))).toEqual({
      'strong/opus': 'capability_missing',
    });
    const catalog = catalogOf([modelOf('cheap/reader', { capabilities: ['pdf'] })], providers);
    const reading = (request: ChatRequest) => plan(request, { catalog });
    expect(refs(reading(requestOf('', { model: 'cheap/reader' }, { messages: shown(data) })))).toEqual([
      'cheap/reader',
    ]);
    // A list of models for images is none for PDFs.
    const tiers = { trivial: ['cheap/reader'], simple: ['cheap/reader'], medium: ['cheap/reader'] } as const;
    const seen = plan(requestOf('Sum it up.', {}, { messages: shown(data) }), {
      catalog,
      table: tableOf({ tiers: { ...table.tiers, ...tiers }, tasks: { vision: ['strong/haiku'] } }),
    });
    expect(refs(seen)).toEqual(['cheap/reader']);
    const byAddress = shown({ type: 'url', url: 'https://example.org/a.pdf' });
    expect(reading(requestOf('', { model: 'cheap/reader' }, { messages: byAddress })).rejected[0]?.reason).toBe(
      'it takes PDFs as data, not as https addresses',
    );
  });

  it('that it only embeds', () => {
    expect(refusals(plan(requestOf('Hi', { model: 'strong/vectors' })))).toEqual({
      'strong/vectors': 'capability_missing',
    });
  });

  it('that no key may be used for it', () => {
    const narrow = providers.map((provider) =>
      provider.id === 'cheap' ? { ...provider, keys: [keyOf('k', ['fast'])] } : provider,
    );
    expect(refusals(plan(requestOf('Hi', { model: 'cheap/other' }), { providers: narrow }))).toEqual({
      'cheap/other': 'forbidden',
    });
  });

  it('that it could cost more than the limit, or that nobody knows what it costs', () => {
    const chosen = plan(requestOf(MEDIUM, { costMax: nanoUsdFromUsd(0.01) }, { maxOutputTokens: 1_000 }));
    expect(refs(chosen)).toEqual(['cheap/fast', 'strong/haiku', 'cheap/other', 'local/seeing']);
    expect(refusals(chosen)).toEqual({ 'cheap/mystery': 'price_unknown' });
    const strict = plan(requestOf(MEDIUM, { costMax: nanoUsd(0) }, { maxOutputTokens: 1_000 }));
    expect(refs(strict)).toEqual(['local/seeing']);
    expect(refusals(strict)).toMatchObject({ 'cheap/fast': 'budget_exceeded', 'cheap/mystery': 'price_unknown' });
  });

  it('a list that names a provider or model that is not there', () => {
    const stray = tableOf({ tiers: { ...table.tiers, medium: ['gone/model', 'keyless/model', 'cheap/fast'] } });
    const chosen = plan(requestOf(MEDIUM), { table: stray });
    expect(refs(chosen)).toEqual(['cheap/fast']);
    expect(refusals(chosen)).toEqual({ 'gone/model': 'unknown_provider', 'keyless/model': 'unknown_provider' });
  });
});

describe('a resting model', () => {
  const resting = (key: ApiKey | '*', model: string, restMs: number, provider = 'strong'): TargetHealth => ({
    target: { provider, key: key === '*' ? '*' : keyHealthId(key), model },
    breaker: { state: 'closed' },
    consecutiveFailures: 0,
    cooldown: { untilMs: NOW_MS + restMs, reason: 'rate_limited' },
  });

  it('is rejected only when all its keys rest, with the soonest end', () => {
    const one = plan(requestOf(HARD), { health: [resting(a, 'opus', 9_000)] });
    expect(refs(one)[0]).toBe('strong/opus');
    const reason = 'resting for 4 s after rate_limited';
    for (const [restMs, otherMs] of [
      [9_000, 4_000],
      [4_000, 9_000],
    ] as const) {
      const both = plan(requestOf(HARD), { health: [resting(a, 'opus', restMs), resting(b, '*', otherMs)] });
      expect(refs(both)).toEqual(['strong/haiku', 'local/seeing']);
      expect(both.rejected).toEqual([{ model: 'strong/opus', code: 'rate_limited', reason, retryAfterMs: 4_000 }]);
    }
  });

  it('counts only keys that may be used for it', () => {
    const narrow = providers.map((provider) =>
      provider.id === 'strong' ? { ...provider, keys: [a, keyOf('b', ['haiku'])] } : provider,
    );
    const chosen = plan(requestOf(HARD), { providers: narrow, health: [resting(a, 'opus', 9_000)] });
    expect(refusals(chosen)).toEqual({ 'strong/opus': 'rate_limited' });
  });

  it('rests with its whole provider, and is well again afterwards', () => {
    const health = [resting('*', '*', 5_000)];
    expect(refs(plan(requestOf(HARD), { health }))).toEqual(['local/seeing']);
    expect(refs(plan(requestOf(HARD), { health, nowMs: NOW_MS + 5_000 }))[0]).toBe('strong/opus');
  });

  it('is said to lack something lasting first', () => {
    const health = [resting('*', '*', 5_000, 'local')];
    expect(
      refusals(plan(requestOf('', { model: 'local/tiny' }, { messages: [picture('data:a')] }), { health })),
    ).toEqual({
      'local/tiny': 'capability_missing',
    });
  });
});

describe('a guessed tier whose models could never take the request', () => {
  const bare = tableOf({ tiers: { ...table.tiers, simple: ['local/tiny'], medium: ['cheap/fast'] } });

  it('gives way to the nearest tier that can', () => {
    const chosen = plan(requestOf('', {}, { messages: [picture('data:abc')] }), { table: bare });
    expect(refs(chosen)).toEqual(['strong/haiku', 'strong/opus']);
    expect(chosen.candidates[0]?.reason).toContain('tier complex, since no model of tier');
    expect(refusals(chosen)).toEqual({ 'cheap/fast': 'capability_missing' });
  });

  it('does not when the caller asked for the tier', () => {
    const chosen = plan(requestOf('', { tier: 'simple' }, { messages: [picture('data:abc')] }), { table: bare });
    expect(refs(chosen)).toEqual([]);
  });

  it('does not when a model only rests or costs too much', () => {
    const tiered = tableOf({ tiers: { ...table.tiers, medium: ['cheap/fast'] } });
    expect(refs(plan(requestOf(MEDIUM, { costMax: nanoUsd(1) }), { table: tiered }))).toEqual([]);
    const health: readonly TargetHealth[] = [
      {
        target: { provider: 'cheap', key: '*', model: '*' },
        breaker: { state: 'open', openedAtMs: NOW_MS, cooldownMs: 5_000 },
        consecutiveFailures: 5,
      },
    ];
    const chosen = plan(requestOf(MEDIUM), { table: tiered, health });
    expect(refs(chosen)).toEqual([]);
    expect(chosen.rejected[0]?.retryAfterMs).toBe(5_000);
  });
});
