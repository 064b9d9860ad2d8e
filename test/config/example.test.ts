import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { renderConfigSchema } from '../../src/config/schema/json-schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { load } from './load.ts';

const root = join(import.meta.dirname, '../..');
const KEYS = { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: 'b', GEMINI_API_KEY: 'c', GROQ_API_KEY: 'd' };
const loadExample = (env: Record<string, string> = {}) => loadConfig({ cwd: root, env, homeDir: temporaryFolder() });
const schema = () => z.fromJSONSchema(JSON.parse(renderConfigSchema()));

describe('the example at the root', () => {
  it('works on a machine without a single key, with one line for each', async () => {
    const { source, providers, warnings } = await loadExample();
    expect(source).toBe(join(root, 'mcp.config.json'));
    expect(Object.fromEntries(providers.map(({ id, status }) => [id, status]))).toEqual({
      openai: 'unconfigured',
      anthropic: 'unconfigured',
      gemini: 'unconfigured',
      groq: 'unconfigured',
      ollama: 'configured',
      lmstudio: 'disabled',
    });
    expect(warnings.map((warning) => /the variable (\w+) is not set\.$/.exec(warning)?.[1])).toEqual(Object.keys(KEYS));
  });

  it('has no warning when all keys are set', async () => {
    const { providers, warnings } = await loadExample(KEYS);
    expect(warnings).toEqual([]);
    expect(providers.filter(({ status }) => status === 'configured')).toHaveLength(5);
  });

  it('names models that the catalogue knows, with price and window', async () => {
    const { providers, models, routing } = await loadExample(KEYS);
    const catalog = await loadCatalog({ providers, overrides: models });
    const named = [routing.tiers, routing.tasks].flatMap((lists) => Object.values(lists).flat());
    for (const ref of [...named, ...routing.fallback, ...Object.values(routing.aliases)]) {
      const model = catalog.find(ref);
      expect(model?.price, ref).toBeDefined();
      expect(model?.contextTokens, ref).toBeGreaterThan(8_192);
    }
  });
});

describe('the JSON Schema', () => {
  it('accepts the example, and what it accepts loads', async () => {
    const example: unknown = parse(readFileSync(join(root, 'mcp.config.json'), 'utf8'));
    expect(schema().safeParse(example).error).toBeUndefined();
    for (const config of [{}, { providers: {} }, { routing: { tiers: {} } }, { cache: { maxBytes: 1024 } }]) {
      expect(schema().safeParse(config).success).toBe(true);
      expect((await load(config)).source).toMatch(/mcp\.config\.json$/);
    }
  });

  it('refuses what loading refuses for its shape', () => {
    for (const config of [
      { provider: {} },
      { providers: { a: {} } },
      { providers: { a: { kind: 'x' } } },
      { models: { 'a/b': { quality: 2 } } },
      { routing: { tiers: { hard: [] } } },
      { limits: { attemptsMax: 0 } },
    ]) {
      expect(schema().safeParse(config).success, JSON.stringify(config)).toBe(false);
    }
  });

  it('explains every key of the top levels that needs it', () => {
    const { properties } = JSON.parse(renderConfigSchema());
    expect(properties.routing.properties.tiers.description).toContain('provider/model');
    expect(properties.providers.additionalProperties.properties.apiKey.description).toContain('NAME');
    expect(properties.experiments.description).toContain('not available yet');
  });
});
