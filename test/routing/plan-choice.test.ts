import { describe, expect, it } from 'vitest';
import { keyHealthId } from '../../src/core/provider.ts';
import { cleanHealth } from '../../src/resilience/breaker.ts';
import { catalogOf, modelOf, providerOf, requestOf, tableOf } from '../support/catalog.ts';
import { errorOf, HARD, MEDIUM, NOW_MS, picture, plan, providers, refs, refusals, table } from './plan-fixture.ts';

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

  it('says of each of its models where it was found', () => {
    const one = (list: string) => [`strong/${list}`] as const;
    const named = ['opus', 'medium', 'code', 'last', 'known'].map((name) => modelOf(`strong/${name}`));
    const chosen = plan(requestOf(HARD, { provider: 'strong' }), {
      catalog: catalogOf(named, providers),
      table: tableOf({
        tiers: { ...tableOf().tiers, expert: one('opus'), medium: one('medium') },
        tasks: { code: one('code') },
        fallback: one('last'),
      }),
    });
    expect(chosen.candidates.map(({ model, reason }) => [model.ref, reason])).toEqual([
      ['strong/opus', 'the only model of tier expert at strong'],
      ['strong/medium', 'the only model of tier medium at strong'],
      ['strong/code', 'the only model of task code at strong'],
      ['strong/last', 'the only model of fallback at strong'],
      ['strong/known', 'first of the catalogue of strong'],
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
    const seeing = requestOf('', { provider: 'fresh' }, { messages: [picture('data:a')] });
    const refused = plan(seeing, { providers: fresh, catalog: catalogOf(many, fresh) });
    expect([refused.candidates.length, refused.rejected.length]).toEqual([0, 5]);
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
    const keyless = errorOf(requestOf(MEDIUM, { provider: 'keyless' }));
    expect(keyless.message).toContain('has no key');
    expect(keyless.hint).toContain('Set its key');
    const off = errorOf(requestOf(MEDIUM, { provider: 'off' }));
    expect(off.message).toContain('disabled');
    expect(off.hint).toContain('"enabled": false');
    const bare = [...providers, providerOf('bare', { kind: 'openai-compatible' })];
    const empty = errorOf(requestOf(MEDIUM, { provider: 'bare' }), { providers: bare });
    expect(empty.code).toBe('unknown_model');
    expect([unknown, keyless, off, empty].map(({ param }) => param)).toEqual(Array(4).fill('provider'));
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

describe('models that were not served a while ago', () => {
  /** What is said of each of the provider's keys. */
  const unserved = (provider: string, model: string, agoMs = 60_000) =>
    (providers.find(({ id }) => id === provider)?.keys ?? []).map((key) => ({
      ...cleanHealth({ provider, key: keyHealthId(key), model }),
      lastError: { code: 'unknown_model', message: 'no such model', atMs: NOW_MS - agoMs } as const,
    }));

  it('have the one tried again that would be asked first, wherever it is written', () => {
    const health = [...unserved('strong', 'haiku'), ...unserved('cheap', 'other')];
    const chosen = plan(requestOf(MEDIUM, { strategy: 'cost' }), { health });
    expect(refs(chosen)).toEqual(['cheap/other', 'cheap/fast', 'cheap/mystery', 'local/seeing', 'strong/haiku']);
  });

  it('are asked last for a minute, the only one of its tier too, but not one that was named', () => {
    const health = unserved('strong', 'opus', 1_000);
    expect(refs(plan(requestOf(HARD), { health }))).toEqual(['strong/haiku', 'local/seeing', 'strong/opus']);
    const named = requestOf(HARD, { model: 'strong/opus', fallback: true });
    expect(refs(plan(named, { health }))).toEqual(['strong/opus', 'strong/haiku', 'local/seeing']);
  });
});
