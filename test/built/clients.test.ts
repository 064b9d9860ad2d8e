import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPENAI_COMPATIBLE_WIRE } from '../../src/demo/vendors/openai.ts';
import { type SimulatedVendor, startSimulatedVendor } from '../../src/demo/vendors/simulated-vendor.ts';
import { type AnyClient, MCP_CLIENTS } from '../support/mcp-clients.ts';

const launcher = join(import.meta.dirname, '../../dist/bin/signalbox.cjs');
const USAGE = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };

let vendor: SimulatedVendor;

beforeAll(async () => {
  vendor = await startSimulatedVendor(OPENAI_COMPATIBLE_WIRE, {
    models: ['clever'],
    answer: ({ prompt }) => ({ text: `You asked: ${prompt}`, usage: USAGE }),
  });
});

afterAll(() => vendor.close());

describe.each(MCP_CLIENTS)('the built server with %s', (_, connect) => {
  let client: AnyClient;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-built-'));
    writeFileSync(join(folder, 'mcp.config.json'), configuration(vendor.baseUrl));
    client = await connect({
      command: process.execPath,
      args: [launcher, '--data-dir', join(folder, 'data')],
      env: { HOME: folder, PATH: process.env.PATH ?? '' },
      cwd: folder,
      stderr: 'inherit',
    });
  });

  afterAll(async () => {
    await client?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists the tools', async () => {
    const names = (await client.tools()).map(({ name }) => name);
    expect(names).toEqual(['complete', 'provider_status', 'cost_report', 'route_preview', 'list_models']);
  });

  it('answers, repeats from the cache, and books both', async () => {
    await client.tools();
    const ask = () => client.call('complete', { prompt: 'Where is the key?' });
    const first = await ask();
    expect(first.structuredContent).toMatchObject({ text: 'You asked: Where is the key?', cached: false });
    expect(first.structuredContent).toMatchObject({ model: 'shop/clever', cost_usd: 0.00002 });
    const asked = vendor.requests.length;
    expect((await ask()).structuredContent).toMatchObject({ cached: true, cost_usd: 0 });
    expect(vendor.requests).toHaveLength(asked);
    const report = await client.call('cost_report', { period: 'today' });
    expect(report.structuredContent.totals).toMatchObject({
      requests: 2,
      attempts: 1,
      cache_hits: 1,
      cost_usd: 0.00002,
    });
    expect(readdirSync(join(folder, 'data'))).toEqual(expect.arrayContaining(['ledger.db', 'cache.db']));
  });
});

/** One simulated model at 1 $ in and 2 $ out a million tokens for everything. */
function configuration(baseUrl: string): string {
  const tiers = ['trivial', 'simple', 'medium', 'complex', 'expert'].map((tier) => [tier, ['shop/clever']]);
  return JSON.stringify({
    providers: { shop: { kind: 'openai-compatible', baseUrl } },
    models: { 'shop/clever': { price: { inputPerMTok: 1, outputPerMTok: 2 }, contextTokens: 8_000 } },
    routing: { tiers: Object.fromEntries(tiers) },
    log: { level: 'error' },
  });
}
