import { describe, expect, it } from 'vitest';
import type { Capability, ModelInfo, ProviderKind } from '../../src/core/model.ts';
import { unsupportedParameters } from '../../src/core/parameter-support.ts';
import type { ChatParameters } from '../../src/core/parameters.ts';

type Asked = Parameters<typeof unsupportedParameters>[2];

function lacks(kind: ProviderKind, name: string, parameters: Asked, capabilities: Capability[] = []) {
  const model: ModelInfo = {
    ref: `${kind}/${name}`,
    provider: kind,
    name,
    contextTokens: 8_192,
    capabilities,
    tags: [],
  };
  return unsupportedParameters(kind, model, parameters);
}

const sampling = { temperature: 0.2, topP: 0.5, presencePenalty: 1, frequencyPenalty: 1, stop: ['x'] };

describe('what a model cannot honour', () => {
  it('is nothing when nothing is asked, or only what the vendor does anyway', () => {
    const defaults: ChatParameters = {
      temperature: 1,
      topP: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      choices: 1,
      stop: [],
      logitBias: {},
      verbosity: 'medium',
      reasoningEffort: 'none',
      thinking: { type: 'adaptive' },
    };
    for (const kind of ['openai', 'anthropic', 'gemini', 'groq', 'ollama', 'openai-compatible'] as const) {
      expect(lacks(kind, 'some-model', {})).toEqual([]);
      expect(lacks(kind, 'some-model', defaults)).toEqual([]);
    }
  });

  it('is a verbosity with others than the later models of OpenAI, where a server does not decide', () => {
    const has = ['gpt-5', 'gpt-5-mini-2025-08-07', 'gpt-5.1-chat-latest', 'gpt-5.3-codex', 'gpt-6-sol', 'gpt-10'];
    const lacking = ['gpt-4.1', 'o3', 'gpt-5-chat-latest', 'gpt-5-codex', 'gpt-5.1-codex-max', 'gpt-5.2-codex'];
    for (const name of has) expect(lacks('openai', name, { verbosity: 'low' })).toEqual([]);
    for (const name of lacking) expect(lacks('openai', name, { verbosity: 'low' })).toEqual(['verbosity']);
    expect(lacks('openai-compatible', 'some-model', { verbosity: 'high' })).toEqual([]);
    for (const kind of ['anthropic', 'gemini', 'groq', 'ollama'] as const)
      expect(lacks(kind, 'some-model', { verbosity: 'high' })).toEqual(['verbosity']);
  });

  it('is sampling with an OpenAI model that reasons, unless it is told not to and can', () => {
    const reasoning: Capability[] = ['reasoning'];
    expect(lacks('openai', 'gpt-4.1', sampling)).toEqual([]);
    expect(lacks('openai', 'gpt-5', sampling, reasoning)).toEqual(Object.keys(sampling).toSorted(byName));
    const pair = { temperature: 0.2, topP: 0.5 };
    for (const off of [{ reasoningEffort: 'none' }, { thinking: { type: 'off' } }] as const) {
      expect(lacks('openai', 'gpt-5.4', { ...pair, ...off }, reasoning)).toEqual([]);
      expect(lacks('openai', 'gpt-6-sol', { ...pair, ...off }, reasoning)).toEqual([]);
      for (const name of ['gpt-5-mini', 'gpt-6.2-sol']) {
        expect(lacks('openai', name, { ...pair, ...off }, reasoning)).toEqual(
          expect.arrayContaining(['temperature', 'topP']),
        );
      }
    }
    // The effort that is named is what is sent, and without a word a model may reason.
    for (const on of [
      { reasoningEffort: 'low', thinking: { type: 'off' } },
      { thinking: { type: 'adaptive' } },
      {},
    ] as const) {
      expect(lacks('openai', 'gpt-5.4', { ...pair, ...on }, reasoning)).toEqual(['temperature', 'topP']);
    }
    expect(lacks('openai', 'o3', { parallelToolCalls: false }, reasoning)).toEqual(['parallelToolCalls']);
  });

  it('is reasoning beside tools with those of OpenAI that take tools only without it', () => {
    const budget = { type: 'enabled', budgetTokens: 2_000 } as const;
    const asked = { reasoningEffort: 'low', thinking: budget, tools: [{}] } as const;
    expect(lacks('openai', 'gpt-6-sol', asked, ['reasoning'])).toEqual(['reasoningEffort', 'thinking']);
    expect(lacks('openai', 'gpt-5.5', asked, ['reasoning'])).toEqual([]);
    expect(lacks('groq', 'openai/gpt-oss-20b', asked, ['reasoning'])).toEqual([]);
    expect(lacks('openai', 'gpt-6-sol', { ...asked, tools: [] }, ['reasoning'])).toEqual([]);
    const modest = { reasoningEffort: 'none', thinking: { type: 'adaptive' }, tools: [{}] } as const;
    expect(lacks('openai', 'gpt-6-sol', modest, ['reasoning'])).toEqual([]);
  });

  it('is effort and a budget with a model that does not reason', () => {
    const asked: ChatParameters = { reasoningEffort: 'low', thinking: { type: 'enabled', budgetTokens: 2_000 } };
    for (const kind of ['openai', 'anthropic', 'gemini', 'groq', 'ollama'] as const) {
      expect(lacks(kind, 'some-model', asked)).toEqual(['reasoningEffort', 'thinking']);
      expect(lacks(kind, 'some-model', asked, ['reasoning'])).toEqual([]);
    }
    expect(lacks('openai-compatible', 'some-model', asked)).toEqual(['thinking']);
  });

  it('is no effort at all with a model that always thinks', () => {
    const none = { reasoningEffort: 'none' } as const;
    for (const [kind, name, able] of [
      ['openai', 'gpt-6.2-sol', false],
      ['openai', 'gpt-6-astra', false],
      ['openai', 'gpt-6-sol', true],
      ['openai', 'gpt-5.1', true],
      ['openai', 'gpt-5-mini', false],
      ['openai', 'o3', false],
      ['groq', 'openai/gpt-oss-120b', false],
      ['groq', 'qwen/qwen3.8-27b', true],
      ['anthropic', 'claude-fable-5-1', false],
      ['anthropic', 'claude-opus-5-5', false],
      ['anthropic', 'claude-sonnet-5-5', true],
      ['gemini', 'gemini-2.5-pro', false],
      ['gemini', 'gemini-3.8-flash', false],
      ['gemini', 'gemini-2.5-flash-lite', true],
      ['ollama', 'gpt-oss:20b', false],
      ['ollama', 'qwen3:8b', true],
    ] as const) {
      expect([name, lacks(kind, name, none, ['reasoning'])]).toEqual([name, able ? [] : ['reasoningEffort']]);
    }
  });
});

function byName(one: string, other: string): number {
  const order = ['temperature', 'topP', 'stop', 'presencePenalty', 'frequencyPenalty'];
  return order.indexOf(one) - order.indexOf(other);
}
