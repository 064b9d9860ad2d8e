import { describe, expect, it } from 'vitest';
import { catalogOf, modelOf, providerOf, requestOf, tableOf } from '../support/catalog.ts';
import { MEDIUM, plan, providers, refs } from './plan-fixture.ts';

describe('a parameter that a model cannot honour', () => {
  it('rules the model out, and the next one that can is taken', () => {
    const chosen = plan(requestOf(MEDIUM, { tier: 'expert' }, { seed: 7 }));
    expect(refs(chosen)).not.toContain('strong/opus');
    expect(chosen.rejected).toContainEqual({
      model: 'strong/opus',
      code: 'capability_missing',
      reason: 'it takes no seed',
      parameter: 'seed',
    });
  });

  it('is one of several that the reason names as requests spell them', () => {
    const [rejection] = plan(requestOf('Hi', { model: 'best' }, { topK: 4, presencePenalty: 1 })).rejected;
    expect(rejection?.reason).toBe('it takes no top_k, no presence_penalty');
  });

  it('may be one value of it: of a model that always reasons the reason says so', () => {
    const thinking = modelOf('cheap/openai/gpt-oss-120b', { capabilities: ['reasoning'] });
    const own = { catalog: catalogOf([thinking], providers) };
    const asked = (reasoningEffort: 'none' | 'low') =>
      plan(requestOf('Hi', { model: thinking.ref }, { reasoningEffort }), own);
    expect(asked('low').candidates).toHaveLength(1);
    expect(asked('none').rejected[0]?.reason).toBe('it takes no reasoning_effort "none" (it always reasons)');
  });

  it('is left out where the caller allows it, and the reason says so', () => {
    const request = requestOf('Hi', { model: 'best' }, { seed: 7, topP: 0.5, unsupportedParameters: 'drop' });
    expect(plan(request).candidates).toMatchObject([
      {
        model: { ref: 'strong/opus' },
        droppedParameters: ['topP', 'seed'],
        reason: 'named by the caller, without top_p, seed',
      },
    ]);
  });

  it('may be so beside tools only, which the plan knows before anybody is asked', () => {
    const sol = modelOf('best/gpt-6-sol', { capabilities: ['tools', 'reasoning'] });
    const vendors = [providerOf('best', { kind: 'openai' })];
    const own = { catalog: catalogOf([sol], vendors), providers: vendors };
    const tools = [{ name: 'get_time', inputSchema: { type: 'object' } }] as const;
    const asked = (more: object) => plan(requestOf('Hi', { model: sol.ref }, { reasoningEffort: 'low', ...more }), own);
    expect(asked({}).candidates).toHaveLength(1);
    expect(asked({ tools }).rejected[0]?.reason).toBe('it takes no reasoning_effort');
    const dropped = asked({ tools, unsupportedParameters: 'drop' }).candidates[0]?.droppedParameters;
    expect(dropped).toEqual(['reasoningEffort']);
  });

  it('leaves a guessed tier for one whose models take it', () => {
    const tiers = { ...tableOf().tiers, trivial: ['strong/opus'], simple: ['cheap/fast'] } as const;
    const chosen = plan(requestOf('Hi', {}, { seed: 7 }), { table: tableOf({ tiers }) });
    expect(refs(chosen)).toEqual(['cheap/fast']);
  });

  it('that is set to what the vendor does anyway is honoured', () => {
    const [candidate] = plan(requestOf('Hi', { model: 'best' }, { temperature: 1, choices: 1 })).candidates;
    expect(candidate?.droppedParameters).toBeUndefined();
  });
});

describe('a tool that has to be called', () => {
  const tools = [{ name: 'get_time', inputSchema: { type: 'object' } }] as const;

  it.each([
    ['anthropic', 'claude-opus-5-5', false],
    ['anthropic', 'claude-sonnet-5-5', false],
    ['anthropic', 'claude-fable-5-1', false],
    ['anthropic', 'claude-fable-5', true],
    ['anthropic', 'claude-opus-5', true],
    ['anthropic', 'claude-haiku-5-5', true],
    ['ollama', 'qwen3:8b', false],
    ['groq', 'qwen/qwen3.8-27b', true],
  ] as const)('rules out what cannot be made to: %s/%s', (kind, name, isAble) => {
    const model = modelOf(`vendor/${name}`, { capabilities: ['tools'] });
    const vendors = [providerOf('vendor', { kind })];
    const own = { catalog: catalogOf([model], vendors), providers: vendors };
    const asked = (toolChoice: 'required' | 'auto' | { readonly name: string }) =>
      plan(requestOf('Hi', { model: model.ref }, { tools, toolChoice }), own);
    expect(asked('auto').candidates).toHaveLength(1);
    for (const choice of ['required', { name: 'get_time' }] as const) {
      const { candidates, rejected } = asked(choice);
      expect(candidates).toHaveLength(isAble ? 1 : 0);
      const refusal = { reason: 'it cannot be made to call a tool; use the tool choice auto', field: 'toolChoice' };
      expect(rejected).toMatchObject(isAble ? [] : [refusal]);
    }
  });
});
