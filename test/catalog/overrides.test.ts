import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { priceFromUsdPerMTok as usd } from '../../src/core/money.ts';
import { provider, VENDORS } from './settings.ts';

const catalog = await loadCatalog({ providers: VENDORS, overrides: [] });

describe('overrides', () => {
  const price = {
    tiers: [{ fromInputTokens: 0, inputPerMTok: usd(7), outputPerMTok: usd(8) }],
    version: 'config',
  } as const;

  it('win field by field', async () => {
    const changed = await loadCatalog({
      providers: VENDORS,
      overrides: [{ ref: 'openai/gpt-5-mini', price, quality: 0.99, priority: 2, weight: 3, tags: ['mine'] }],
    });
    expect(changed.find('openai/gpt-5-mini')).toEqual({
      ...catalog.find('openai/gpt-5-mini'),
      price: { ...price, modePermille: { batch: 500, flex: 500, priority: 1_800 } },
      quality: 0.99,
      priority: 2,
      weight: 3,
      tags: ['mine'],
    });
    expect(changed.find('openai/gpt-5-nano')).toEqual(catalog.find('openai/gpt-5-nano'));
  });

  it('may take capabilities away and set limits', async () => {
    const changed = await loadCatalog({
      providers: VENDORS,
      overrides: [
        { ref: 'openai/gpt-6-luna', capabilities: [], contextTokens: 1_000, outputTokensMax: 100 },
        { ref: 'openai/unknown', contextTokens: 1_000, tags: ['local'] },
      ],
    });
    expect(changed.find('openai/gpt-6-luna')).toMatchObject({
      capabilities: [],
      contextTokens: 1_000,
      outputTokensMax: 100,
      isOutputMaxConfigured: true,
    });
    expect(changed.find('openai/unknown')).not.toHaveProperty('isContextGuessed');
  });

  it('say what a way of serving costs, beside what is known of the vendor', async () => {
    const said = { ...price, modePermille: { flex: 700 } };
    const far = provider('openai-compatible', { id: 'far', baseUrl: 'https://far.example/v1' });
    const changed = await loadCatalog({
      providers: [...VENDORS, far],
      overrides: [
        { ref: 'openai/gpt-5', price: said },
        { ref: 'far/gpt-5', price: said },
      ],
    });
    expect(changed.find('openai/gpt-5')?.price?.modePermille).toEqual({ batch: 500, flex: 700, priority: 2_000 });
    expect(changed.find('far/gpt-5')?.price?.modePermille).toEqual({ flex: 700 });
  });
});
