import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure } from 'mitata';
import { createApp } from '../src/app.ts';
import { loadCatalog } from '../src/catalog/catalog.ts';
import { loadConfig } from '../src/config/load-config.ts';
import type { ChatRequest } from '../src/core/request.ts';
import { OPENAI_COMPATIBLE_WIRE } from '../src/demo/vendors/openai.ts';
import { startSimulatedVendor } from '../src/demo/vendors/simulated-vendor.ts';
import { planRoute } from '../src/routing/plan.ts';

/** Of one operation, over many. */
export type OperationSample = { readonly medianMicroseconds: number; readonly p99Microseconds: number };

const MODELS = ['small', 'middle', 'large', 'huge'];
const SENTENCE = 'The committee compared the two proposals, and asked why the second one needs a larger budget. ';
const PROMPTS = {
  'a short question': 'Can you explain how photosynthesis works?',
  '2,000 characters': SENTENCE.repeat(22).slice(0, 2_000),
  '100,000 characters': SENTENCE.repeat(1_100).slice(0, 100_000),
};

/** What the server does inside, without a client: the routing decision and a `complete` from the cache. */
export async function sampleInside(): Promise<Record<string, OperationSample>> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const vendor = await startSimulatedVendor(OPENAI_COMPATIBLE_WIRE, {
    models: MODELS,
    answer: () => ({ text: 'From light, water and air, plants make sugar.', usage: usage(12, 9) }),
  });
  const config = await loadConfig({
    configPath: writeConfig(folder, vendor.baseUrl),
    env: {},
    cwd: folder,
    homeDir: folder,
  });
  const app = await createApp(config);
  try {
    const samples: Record<string, OperationSample> = {};
    const catalog = await loadCatalog({ providers: config.providers, overrides: config.models });
    for (const [name, prompt] of Object.entries(PROMPTS)) {
      const input = { table: config.routing, catalog, providers: config.providers, health: [], nowMs: 0 };
      let asked = 0;
      samples[`routing decision, ${name}`] = await sample(() => {
        asked += 1;
        // A text that comes again would not be read again.
        return planRoute({ ...input, request: chatRequest(`${asked}. ${prompt}`) });
      });
    }
    const request = chatRequest(PROMPTS['a short question']);
    const { signal } = new AbortController();
    await app.gateway.complete(request, { signal });
    samples['complete from the cache'] = await sample(async () => {
      const { cache } = await app.gateway.complete(request, { signal });
      if (cache !== 'hit') throw new Error('the answer did not come from the cache');
    });
    return samples;
  } finally {
    await app.close();
    await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sample(work: () => unknown): Promise<OperationSample> {
  const { p50, p99 } = await measure(work);
  return { medianMicroseconds: p50 / 1000, p99Microseconds: p99 / 1000 };
}

/** A table as people write it: five tiers, two models each, and a fallback. */
function writeConfig(folder: string, baseUrl: string): string {
  const [small, middle, large, huge] = MODELS.map((model) => `local/${model}`);
  const path = join(folder, 'mcp.config.json');
  const tiers = {
    trivial: [small, middle],
    simple: [small, middle],
    medium: [middle, large],
    complex: [large, huge],
    expert: [huge, large],
  };
  const config = {
    dataDir: join(folder, 'data'),
    providers: { local: { kind: 'openai-compatible', baseUrl } },
    models: Object.fromEntries(
      MODELS.map((model) => [
        `local/${model}`,
        { price: { inputPerMTok: 1, outputPerMTok: 2 }, contextTokens: 128_000, capabilities: ['tools'] },
      ]),
    ),
    routing: { strategy: 'complexity', tiers, fallback: [large] },
    log: { level: 'error' },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function chatRequest(prompt: string): ChatRequest {
  return {
    messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
    routing: { cache: 'use' },
    caller: { tenant: 'local', client: 'bench' },
  };
}

function usage(inputTokens: number, outputTokens: number) {
  return { inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
}
