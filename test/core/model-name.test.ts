import { describe, expect, it } from 'vitest';
import { checkModelName, checkProviderName, isModelName } from '../../src/core/model-name.ts';
import { thrownBy } from '../support/thrown-by.ts';

describe('a name', () => {
  it.each([
    ['two dots', 'openai/../admin'],
    ['an address', 'http://127.0.0.1/model'],
    ['a line break', 'openai/gpt-5\r\nx-header: 1'],
    ['a null character', 'openai/gpt\u00005'],
    ['an invisible character', 'openai/gpt\u200b-5'],
    ['more than 256 bytes', `openai/${'é'.repeat(126)}`],
    ['nothing', '   '],
  ])('with %s is malformed, and not repeated in the message', (_, text) => {
    const error = thrownBy(() => checkModelName(text));
    expect(error.code).toBe('invalid_request');
    expect(error.message).not.toContain('openai/../');
    expect(error.message).not.toContain('\n');
    expect(isModelName(text)).toBe(false);
  });

  it('of exactly 256 bytes is not too long', () => {
    const longest = `ollama/${'a'.repeat(249)}`;
    expect(checkModelName(longest)).toBe(longest);
    expect(thrownBy(() => checkModelName(`${longest}a`)).code).toBe('invalid_request');
  });

  it('of a provider holds no slash', () => {
    expect(checkProviderName('openai')).toBe('openai');
    for (const name of ['openai/gpt-5', 'a..b']) expect(thrownBy(() => checkProviderName(name)).param).toBe('provider');
  });

  it('that a provider is asked for holds no blank', () => {
    expect(isModelName('library/llama3.2:latest')).toBe(true);
    expect(isModelName('llama 3')).toBe(false);
  });
});
