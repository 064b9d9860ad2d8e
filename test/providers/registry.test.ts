import { describe, expect, it } from 'vitest';
import type { ProviderSettings } from '../../src/core/provider.ts';
import { createProviderDirectory } from '../../src/providers/registry.ts';
import { transportOf } from '../support/transport.ts';
import { failureOf } from './answers.ts';

const settings = (id: string, more: Partial<ProviderSettings> = {}): ProviderSettings => ({
  id,
  kind: 'openai',
  keys: [],
  status: 'configured',
  ...more,
});

describe('the directory of providers', () => {
  it('builds each once, under its configured name', async () => {
    const directory = createProviderDirectory([settings('one'), settings('two', { kind: 'groq' })], async () =>
      transportOf(),
    );
    const [first, second] = await Promise.all([directory.load('one'), directory.load('one')]);
    expect(first).toBe(second);
    expect(first).toMatchObject({ id: 'one', kind: 'openai' });
    expect(await directory.load('two')).toMatchObject({ id: 'two', kind: 'groq' });
  });

  it('leaves out the methods a vendor does not have', async () => {
    const directory = createProviderDirectory([settings('one'), settings('two', { kind: 'groq' })], async () =>
      transportOf(),
    );
    expect((await directory.load('one')).embed).toBeDefined();
    expect(await directory.load('two')).not.toHaveProperty('embed');
  });

  it('refuses what is not configured, and says what is', async () => {
    const all = [
      settings('one'),
      settings('two', { status: 'disabled' }),
      settings('three', { status: 'unconfigured' }),
    ];
    const directory = createProviderDirectory(all, async () => transportOf());
    expect(await failureOf(directory.load('four'))).toMatchObject({
      code: 'unknown_provider',
      message: expect.stringMatching(/there are: one\./),
    });
    expect(await failureOf(directory.load('two'))).toMatchObject({
      code: 'unknown_provider',
      message: expect.stringMatching(/disabled/),
    });
    expect(await failureOf(directory.load('three'))).toMatchObject({
      code: 'unknown_provider',
      message: expect.stringMatching(/unconfigured/),
    });
  });

  it('tries again after a failed build', async () => {
    const directory = createProviderDirectory([settings('local', { kind: 'openai-compatible' })], async () =>
      transportOf(),
    );
    expect((await failureOf(directory.load('local'))).code).toBe('config_invalid');
    expect((await failureOf(directory.load('local'))).code).toBe('config_invalid');
  });
});
