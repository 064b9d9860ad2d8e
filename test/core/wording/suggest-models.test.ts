import { describe, expect, it } from 'vitest';
import { suggestModels } from '../../../src/core/wording/suggest-models.ts';

const REFS = [
  'openai/gpt-6-luna',
  'openai/gpt-6-sol',
  'anthropic/claude-haiku-5-5',
  'anthropic/claude-opus-5-5',
  'groq/openai/gpt-oss-120b',
] as const;

describe('suggested models', () => {
  it('hold the text that was asked for', () => {
    expect(suggestModels('haiku', REFS)).toEqual(['anthropic/claude-haiku-5-5']);
    expect(suggestModels('GPT-6', REFS)).toEqual(['openai/gpt-6-sol', 'openai/gpt-6-luna']);
  });

  it('are spelled like it, with or without a provider', () => {
    expect(suggestModels('openai/gpt-6-lunar', REFS)[0]).toBe('openai/gpt-6-luna');
    expect(suggestModels('claude-opus-5.5', REFS)[0]).toBe('anthropic/claude-opus-5-5');
    expect(suggestModels('anthropic/gpt-6-sol', REFS)).toContain('openai/gpt-6-sol');
  });

  it('are at most three, and none for nothing', () => {
    expect(suggestModels('openai', REFS).length).toBe(3);
    expect(suggestModels('', REFS)).toEqual([]);
    expect(suggestModels('zzzzzzzz', REFS)).toEqual([]);
  });
});
