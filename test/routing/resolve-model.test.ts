import { describe, expect, it } from 'vitest';
import { resolveModel } from '../../src/routing/resolve-model.ts';
import { catalogOf, modelOf, providerOf, tableOf } from '../support/catalog.ts';
import { thrownBy } from '../support/thrown-by.ts';

const providers = [
  providerOf('off', { status: 'disabled' }),
  providerOf('openai'),
  providerOf('groq', { kind: 'groq' }),
  providerOf('ollama', { kind: 'ollama' }),
  providerOf('router', { kind: 'openai-compatible' }),
  providerOf('proxy', { kind: 'anthropic', baseUrl: 'http://127.0.0.1:8080' }),
];
const catalog = catalogOf(
  [
    modelOf('off/gpt-5-mini'),
    modelOf('openai/gpt-5-mini'),
    modelOf('openai/gpt-5', { quality: 0.9 }),
    modelOf('groq/gpt-5-mini'),
    modelOf('groq/meta-llama/llama-4-scout'),
    modelOf('router/openai/gpt-5'),
    modelOf('proxy/claude'),
  ],
  providers,
);
const table = tableOf({
  tiers: { ...tableOf().tiers, trivial: ['ollama/llama3.2'] },
  aliases: { smart: 'openai/gpt-5', 'openai/old': 'openai/gpt-5-mini' },
});
const scope = { table, catalog, providers };
const refOf = (text: string, provider?: string) => resolveModel(text, { ...scope, ...(provider && { provider }) }).ref;
const errorOf = (text: string, provider?: string) => thrownBy(() => refOf(text, provider));

describe('a model name', () => {
  it('may be provider/model, and the model may hold slashes', () => {
    expect(refOf('openai/gpt-5')).toBe('openai/gpt-5');
    expect(refOf(' groq/meta-llama/llama-4-scout ')).toBe('groq/meta-llama/llama-4-scout');
  });

  it('may be bare: the first usable provider that has it, in the order of the configuration', () => {
    expect(refOf('gpt-5-mini')).toBe('openai/gpt-5-mini');
    expect(refOf('meta-llama/llama-4-scout')).toBe('groq/meta-llama/llama-4-scout');
  });

  it('may be bare and known from the lists alone', () => {
    expect(refOf('llama3.2')).toBe('ollama/llama3.2');
  });

  it('may be an alias, which goes before everything else', () => {
    expect(refOf('smart')).toBe('openai/gpt-5');
    expect(refOf('openai/old')).toBe('openai/gpt-5-mini');
  });

  it('is looked for within a forced provider', () => {
    expect(refOf('gpt-5-mini', 'groq')).toBe('groq/gpt-5-mini');
    expect(refOf('openai/gpt-5', 'router')).toBe('router/openai/gpt-5');
    expect(errorOf('gpt-5', 'groq').code).toBe('unknown_model');
  });

  it('goes before a forced provider when it names another', () => {
    expect(refOf('openai/gpt-5', 'groq')).toBe('openai/gpt-5');
  });

  it('may be anything on a server that runs anything', () => {
    expect(refOf('ollama/some-model:latest')).toBe('ollama/some-model:latest');
    expect(refOf('router/brand-new')).toBe('router/brand-new');
  });
});

describe('an unknown model name', () => {
  it('is refused with near matches', () => {
    const error = errorOf('openai/gpt-5-mimi');
    expect(error.code).toBe('unknown_model');
    expect(error.hint).toContain('openai/gpt-5-mini');
    expect(errorOf('gtp-5').hint).toContain('openai/gpt-5');
  });

  it('at another address than the vendor’s is told how to be known', () => {
    expect(errorOf('proxy/llama').hint).toContain('an entry under "models" in the configuration');
    expect(errorOf('openai/llama').hint).not.toContain('configuration');
  });

  it('may be meant for an alias', () => {
    expect(errorOf('smrt').hint).toBe('Did you mean smart?');
  });

  it('lists at most three of them', () => {
    expect(errorOf('gpt-5-minx').hint?.split(', ').length).toBeLessThanOrEqual(3);
  });

  it('of an unknown provider names the configured ones', () => {
    const error = errorOf('opnai/gpt-5');
    expect(error.code).toBe('unknown_provider');
    expect(error.hint).toContain('openai');
    expect(error.hint).toContain('groq');
    expect(error.hint).not.toContain('off,');
  });

  it('is no property of an object', () => {
    for (const text of ['__proto__', 'constructor', 'toString']) expect(errorOf(text).code).toBe('unknown_model');
  });
});
