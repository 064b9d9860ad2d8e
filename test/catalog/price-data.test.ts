import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { FACTS_BY_KIND } from '../../src/catalog/find-fact.ts';
import { PRICE_DATA_VERSION } from '../../src/catalog/vendor-prices.ts';
import { provider, VENDORS } from './settings.ts';

const catalog = await loadCatalog({ providers: [...VENDORS, provider('ollama')], overrides: [] });

describe('the data', () => {
  it('is stamped with the version that is installed', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(PRICE_DATA_VERSION).toBe(`genai-prices@${dependencies['@pydantic/genai-prices']}`);
  });

  it('gives every current model a window, and every hosted one a price unless it is free of charge', () => {
    for (const kind of ['openai', 'anthropic', 'gemini', 'groq'] as const) {
      for (const fact of FACTS_BY_KIND[kind]) {
        if (fact.status !== 'current') continue;
        const model = catalog.find(`${kind}/${fact.name}`);
        expect(model?.contextTokens, fact.name).toBeGreaterThanOrEqual(2_048);
        if (!fact.name.startsWith('gemma')) expect(model?.price, fact.name).toBeDefined();
      }
    }
  });

  it('keeps every price a sane, rising list of whole numbers', () => {
    for (const model of catalog.list()) {
      const tiers = model.price?.tiers ?? [];
      tiers.forEach((tier, index) => {
        expect(tier.fromInputTokens).toBeGreaterThanOrEqual(
          index === 0 ? 0 : (tiers[index - 1]?.fromInputTokens ?? 0) + 1,
        );
        for (const amount of Object.values(tier)) expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
      });
    }
  });

  it('has no model twice, and only qualities from 0 to 1', () => {
    for (const facts of Object.values(FACTS_BY_KIND)) {
      expect(new Set(facts.map(({ name }) => name)).size).toBe(facts.length);
      for (const { quality = 0 } of facts) expect(quality >= 0 && quality <= 1).toBe(true);
    }
  });

  it('never invents a price of 0 for a hosted model', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('openai', 'anthropic', 'gemini', 'groq'),
        fc.stringMatching(/^[a-z0-9.-]{1,24}$/),
        (vendor, name) => {
          const input = catalog.find(`${vendor}/${name}`)?.price?.tiers[0].inputPerMTok;
          expect(input === undefined || input > 0).toBe(true);
        },
      ),
    );
  });

  it('is not loaded when no provider is priced by it', () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { loadCatalog } = await import('${join(import.meta.dirname, '../../src/catalog/catalog.ts')}');
      const settings = (kind) => ({ id: kind, kind, keys: [], status: 'configured' });
      await loadCatalog({ providers: [settings('ollama')], overrides: [] });
      const before = loaded.some((url) => url.includes('genai-prices'));
      await loadCatalog({ providers: [settings('openai')], overrides: [] });
      console.log(before, loaded.some((url) => url.includes('genai-prices')));`;
    const output = execFileSync('node', ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(output.trim()).toBe('false true');
  });
});
