import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { TargetHealth } from '../../src/core/health.ts';
import type { Message } from '../../src/core/message.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import { nanoUsd, nanoUsdFromUsd } from '../../src/core/money.ts';
import { costOf } from '../../src/core/price.ts';
import { type ApiKey, keyHealthId } from '../../src/core/provider.ts';
import type { ChatRequest } from '../../src/core/request.ts';
import type { RoutePlan } from '../../src/core/route-plan.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { OUTPUT_TOKENS_EXPECTED } from '../../src/routing/expected-cost.ts';
import { type PlanInput, planRoute } from '../../src/routing/plan.ts';
import { catalogOf, keyOf, modelOf, providerOf, requestOf, tableOf } from '../support/catalog.ts';

const NOW_MS = 1_000_000;
const a = keyOf('a');
const b = keyOf('b', ['opus', 'haiku']);
const providers = [
  providerOf('local', { kind: 'ollama' }),
  providerOf('cheap', { kind: 'groq' }),
  providerOf('strong', { kind: 'anthropic', keys: [a, b] }),
  providerOf('keyless', { status: 'unconfigured', keys: [] }),
  providerOf('off', { status: 'disabled' }),
];
const models: readonly ModelInfo[] = [
  modelOf('local/tiny', { contextTokens: 4_096, capabilities: [], usd: [0, 0], quality: 0.2, priority: 3 }),
  modelOf('local/seeing', { capabilities: ['vision'], usd: [0, 0], quality: 0.4 }),
  modelOf('cheap/fast', { capabilities: ['tools'], usd: [0.1, 0.4], quality: 0.5, priority: 2 }),
  modelOf('cheap/other', { capabilities: ['tools'], usd: [0.05, 0.2], quality: 0.45, priority: 2 }),
  modelOf('cheap/mystery', { capabilities: ['tools'] }),
  modelOf('strong/opus', {
    capabilities: ['tools', 'vision'],
    contextTokens: 200_000,
    outputTokensMax: 8_000,
    usd: [5, 25],
    quality: 0.95,
    priority: 1,
  }),
  modelOf('strong/haiku', { capabilities: ['tools', 'vision'], contextTokens: 200_000, usd: [1, 5], quality: 0.7 }),
  modelOf('strong/vectors', { capabilities: ['embedding'], usd: [0.02, 0] }),
];
const catalog = catalogOf(models, providers);
const table = tableOf({
  tiers: {
    trivial: ['local/tiny'],
    simple: ['local/tiny', 'cheap/fast'],
    medium: ['cheap/fast', 'strong/haiku', 'cheap/mystery', 'cheap/other'],
    complex: ['strong/haiku', 'strong/opus'],
    expert: ['strong/opus'],
  },
  tasks: { vision: ['strong/haiku', 'strong/opus'], code: ['strong/opus'] },
  fallback: ['strong/haiku', 'local/seeing'],
  aliases: { best: 'strong/opus' },
});

const HARD = 'I need expert advice on optimizing database queries for a high-traffic application';
const MEDIUM = 'Can you explain how photosynthesis works?';
const picture = (url: string): Message => ({
  role: 'user',
  content: [
    { type: 'text', text: 'What is this?' },
    {
      type: 'image',
      source: url.startsWith('data:') ? { type: 'data', mediaType: 'image/png', base64: url } : { type: 'url', url },
    },
  ],
});

function plan(request: ChatRequest, input: Partial<PlanInput> = {}): RoutePlan {
  return planRoute({ request, table, catalog, providers, health: [], nowMs: NOW_MS, ...input });
}
const refs = ({ candidates }: RoutePlan) => candidates.map(({ model }) => model.ref);
const refusals = ({ rejected }: RoutePlan) => Object.fromEntries(rejected.map(({ model, code }) => [model, code]));
function errorOf(request: ChatRequest, input: Partial<PlanInput> = {}): GatewayError {
  try {
    plan(request, input);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('the request was planned');
}

describe('precedence', () => {
  it('complexity chooses the tier, with its evidence, and the fallback follows', () => {
    const chosen = plan(requestOf(HARD));
    expect(chosen).toMatchObject({ tier: 'expert', strategy: 'complexity', configHash: 'test' });
    expect(refs(chosen)).toEqual(['strong/opus', 'strong/haiku', 'local/seeing']);
    expect(chosen.evidence.length).toBeGreaterThan(1);
    expect(chosen.candidates.map(({ reason }) => reason)).toEqual([
      'the only model of tier expert',
      'first of fallback',
      'second of fallback',
    ]);
  });

  it('a task with a list goes before complexity', () => {
    const chosen = plan(requestOf(MEDIUM, { task: 'code' }));
    expect(chosen.task).toBe('code');
    expect(chosen.tier).toBeUndefined();
    expect(chosen.evidence).toEqual([]);
    expect(refs(chosen)[0]).toBe('strong/opus');
  });

  it('a task without a list leaves it to complexity', () => {
    expect(plan(requestOf(MEDIUM, { task: 'summarize' }))).toMatchObject({ tier: 'medium', task: 'summarize' });
  });

  it('a tier goes before a task', () => {
    const chosen = plan(requestOf(HARD, { tier: 'simple', task: 'code' }));
    expect(chosen.tier).toBe('simple');
    expect(refs(chosen).slice(0, 2)).toEqual(['local/tiny', 'cheap/fast']);
  });

  it('a provider goes before a tier, a model before a provider', () => {
    expect(refs(plan(requestOf(MEDIUM, { provider: 'strong', tier: 'trivial' })))[0]).toMatch(/^strong\//);
    expect(refs(plan(requestOf(MEDIUM, { model: 'cheap/other', provider: 'strong' })))).toEqual(['cheap/other']);
  });

  it('auto is the same as no model', () => {
    for (const model of ['auto', 'AUTO', ' auto ']) {
      expect(plan(requestOf(MEDIUM, { model }))).toEqual(plan(requestOf(MEDIUM)));
    }
  });

  it('an image makes the request a vision task', () => {
    const chosen = plan(requestOf('', {}, { messages: [picture('data:abc')] }));
    expect(chosen).toMatchObject({ task: 'vision' });
    expect(refs(chosen)).toEqual(['strong/haiku', 'strong/opus', 'local/seeing']);
  });

  it('an image with a tier keeps the tier', () => {
    const chosen = plan(requestOf('', { tier: 'medium' }, { messages: [picture('data:abc')] }));
    expect(chosen.tier).toBe('medium');
    expect(refs(chosen)).toEqual(['strong/haiku', 'local/seeing']);
    expect(refusals(chosen)['cheap/fast']).toBe('capability_missing');
  });
});

describe('a forced model', () => {
  it('stands alone, by name or alias', () => {
    const chosen = plan(requestOf(MEDIUM, { model: 'best' }));
    expect(refs(chosen)).toEqual(['strong/opus']);
    expect(chosen.tier).toBeUndefined();
    expect(chosen.reason).toBe('The caller named strong/opus.');
    expect(chosen.candidates[0]?.reason).toBe('named by the caller');
  });

  it('is followed by the tier and the fallback when the caller allows it', () => {
    const chosen = plan(requestOf(HARD, { model: 'cheap/fast', fallback: true }));
    expect(refs(chosen)).toEqual(['cheap/fast', 'strong/opus', 'strong/haiku', 'local/seeing']);
  });

  it('that cannot serve leaves a plan without candidates and the reason', () => {
    const chosen = plan(requestOf('', { model: 'local/tiny' }, { messages: [picture('data:abc')] }));
    expect(refs(chosen)).toEqual([]);
    expect(refusals(chosen)).toEqual({ 'local/tiny': 'capability_missing' });
    expect(chosen.reason).toContain('cannot take the request');
  });

  it('that nobody knows is an error with near matches', () => {
    const error = errorOf(requestOf(MEDIUM, { model: 'strong/opsu' }));
    expect(error.code).toBe('unknown_model');
    expect(error.hint).toContain('strong/opus');
  });

  it('of a provider without a key is rejected, naming the provider', () => {
    const chosen = plan(requestOf(MEDIUM, { model: 'keyless/any' }));
    expect(refusals(chosen)).toEqual({ 'keyless/any': 'unknown_provider' });
    expect(chosen.rejected[0]?.reason).toContain('keyless');
  });
});

describe('a forced provider', () => {
  it('gives its models nearest to the tier first, then its catalogue, and nothing else', () => {
    const chosen = plan(requestOf(HARD, { provider: 'cheap' }));
    expect(refs(chosen)).toEqual(['cheap/fast', 'cheap/mystery', 'cheap/other']);
    expect(refs(plan(requestOf('Hi', { provider: 'strong' })))).toEqual(['strong/haiku', 'strong/opus']);
    expect(refs(plan(requestOf(HARD, { provider: 'strong' })))).toEqual(['strong/opus', 'strong/haiku']);
  });

  it('ranks its models by the strategy', () => {
    expect(refs(plan(requestOf(MEDIUM, { provider: 'cheap', strategy: 'cost' })))).toEqual([
      'cheap/other',
      'cheap/fast',
      'cheap/mystery',
    ]);
  });

  it('without a listed model falls to its catalogue by closeness, a few at most', () => {
    const many = [...Array(20).keys()].map((index) => modelOf(`fresh/m${index}`, { quality: index / 20 }));
    const fresh = [...providers, providerOf('fresh')];
    const chosen = plan(requestOf(HARD, { provider: 'fresh' }), {
      providers: fresh,
      catalog: catalogOf([...many, modelOf('fresh/embed', { capabilities: ['embedding'], quality: 1 })], fresh),
    });
    expect(refs(chosen)).toEqual(['fresh/m19', 'fresh/m18', 'fresh/m17', 'fresh/m16', 'fresh/m15']);
  });

  it('may be left when the caller allows it', () => {
    expect(refs(plan(requestOf(HARD, { provider: 'local', fallback: true })))).toEqual([
      'local/tiny',
      'local/seeing',
      'strong/opus',
      'strong/haiku',
    ]);
  });

  it('that is unknown, without key, switched off or without models is an error', () => {
    const unknown = errorOf(requestOf(MEDIUM, { provider: 'storng' }));
    expect(unknown.code).toBe('unknown_provider');
    expect(unknown.hint).toContain('Did you mean strong?');
    expect(errorOf(requestOf(MEDIUM, { provider: 'keyless' })).message).toContain('has no key');
    expect(errorOf(requestOf(MEDIUM, { provider: 'off' })).message).toContain('disabled');
    const bare = [...providers, providerOf('bare', { kind: 'openai-compatible' })];
    expect(errorOf(requestOf(MEDIUM, { provider: 'bare' }), { providers: bare }).code).toBe('unknown_model');
    expect(errorOf(requestOf(MEDIUM, { provider: 'a..b' })).code).toBe('invalid_request');
  });
});

describe('the strategies', () => {
  const ranked = (strategy: 'complexity' | 'cost' | 'quality' | 'priority') =>
    refs(plan(requestOf(MEDIUM, { strategy }))).slice(0, 4);

  it('keep the order written, or rank by cost, quality or priority, the unknown last', () => {
    expect(ranked('complexity')).toEqual(['cheap/fast', 'strong/haiku', 'cheap/mystery', 'cheap/other']);
    expect(ranked('cost')).toEqual(['cheap/other', 'cheap/fast', 'strong/haiku', 'cheap/mystery']);
    expect(ranked('quality')).toEqual(['strong/haiku', 'cheap/fast', 'cheap/other', 'cheap/mystery']);
    expect(ranked('priority')).toEqual(['cheap/fast', 'cheap/other', 'strong/haiku', 'cheap/mystery']);
  });

  it('leave the fallback where it is written, after the chosen list', () => {
    const chosen = plan(requestOf(HARD, { strategy: 'cost' }));
    expect(refs(chosen)).toEqual(['strong/opus', 'strong/haiku', 'local/seeing']);
  });

  it('come from the configuration unless the request says otherwise', () => {
    const byCost = { ...table, strategy: 'cost' } as const;
    expect(plan(requestOf(MEDIUM), { table: byCost }).strategy).toBe('cost');
    expect(plan(requestOf(MEDIUM, { strategy: 'quality' }), { table: byCost }).strategy).toBe('quality');
    expect(plan(requestOf(MEDIUM), { table: byCost }).strategy).toBe('cost');
  });
});

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
    expect(refusals(chosen)).toEqual({ 'cheap/mystery': 'price_unknown' });
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
    const both = plan(requestOf(HARD), { health: [resting(a, 'opus', 9_000), resting(b, '*', 4_000)] });
    expect(refs(both)).toEqual(['strong/haiku', 'local/seeing']);
    expect(both.rejected).toEqual([
      { model: 'strong/opus', code: 'rate_limited', reason: 'resting for 4 s after rate_limited', retryAfterMs: 4_000 },
    ]);
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

describe('the costs of a candidate', () => {
  it('are expected by the tier and bounded by the requested output', () => {
    const chosen = plan(requestOf(MEDIUM, { model: 'cheap/fast' }, { maxOutputTokens: 2_000 }));
    const inputTokens = chosen.inputTokensEstimated;
    const price = models.find(({ ref }) => ref === 'cheap/fast')?.price;
    if (!price) throw new Error('cheap/fast has a price');
    const cost = (outputTokens: number) => costOf({ ...NO_USAGE, inputTokens, outputTokens }, price);
    expect(chosen.candidates[0]).toMatchObject({
      costExpected: cost(OUTPUT_TOKENS_EXPECTED.medium),
      costMax: cost(2_000),
    });
  });

  it('are bounded by what the model can write, or by what its window leaves', () => {
    const most = (model: string) => plan(requestOf('Hi', { model })).candidates[0]?.costMax ?? 0;
    expect(most('strong/opus')).toBeCloseTo(8_000 * 25_000, -6);
    expect(most('strong/haiku')).toBeGreaterThan(199_000 * 5_000);
    expect(most('strong/haiku')).toBeLessThan(200_000 * 5_000);
  });

  it('are absent when the price is unknown', () => {
    const [candidate] = plan(requestOf('Hi', { model: 'cheap/mystery' })).candidates;
    expect(candidate).toBeDefined();
    expect(candidate).not.toHaveProperty('costExpected');
    expect(candidate).not.toHaveProperty('costMax');
  });
});

describe('the reason', () => {
  it.each([
    [
      requestOf(MEDIUM),
      'Complexity puts the request in tier medium (task "explain", the word "how"); cheap/fast is the first in the order written.',
    ],
    [
      requestOf('Hi'),
      'Complexity puts the request in tier trivial (small talk); local/tiny is the first in the order written.',
    ],
    [
      requestOf('What are your hours?'),
      'Complexity puts the request in tier simple (nothing hard in it); local/tiny is the first in the order written.',
    ],
    [
      requestOf(MEDIUM, { strategy: 'cost' }),
      'Complexity puts the request in tier medium (task "explain", the word "how"); cheap/other has the lowest expected cost.',
    ],
    [
      requestOf(MEDIUM, { tier: 'expert' }),
      'The caller asked for tier expert; strong/opus is the first in the order written.',
    ],
    [
      requestOf(MEDIUM, { task: 'code' }),
      'The caller asked for task code; strong/opus is the first in the order written.',
    ],
    [
      requestOf(MEDIUM, { provider: 'cheap' }),
      'The caller named provider cheap, whose models are taken nearest to tier medium; cheap/fast is the first in the order written.',
    ],
    [
      requestOf('Hi', { costMax: nanoUsd(1), model: 'cheap/fast' }),
      'The caller named cheap/fast, but it cannot take the request now.',
    ],
  ])('is one sentence', (request, sentence) => {
    expect(plan(request).reason).toBe(sentence);
  });
});
