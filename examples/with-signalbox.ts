import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { OPENAI_WIRE } from '../src/demo/vendors/openai.ts';
import { startSimulatedVendor } from '../src/demo/vendors/simulated-vendor.ts';

/** Calls a tool of the server; resolves with its `structuredContent`. */
export type Call = (tool: string, args: object, options?: { signal: AbortSignal }) => Promise<Record<string, unknown>>;

const LAUNCHER = join(import.meta.dirname, '../bin/signalbox.cjs');
const USAGE = { inputTokens: 12, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 30, reasoningTokens: 0 };

/**
 * Runs a story against a real Signalbox on stdio, in a folder of its own. The provider behind it is
 * simulated, so that the story needs no key; with your own configuration only that part changes.
 */
export async function withSignalbox(story: (call: Call) => Promise<void>): Promise<void> {
  const vendor = await startSimulatedVendor(OPENAI_WIRE, {
    models: ['gpt-6-luna', 'gpt-6-sol'],
    answer: ({ prompt, jsonSchema }) => ({
      text: jsonSchema ? '{"city":"Paris","country":"France"}' : `An answer to: ${prompt}`,
      usage: USAGE,
      pace: { firstMs: 20, frameMs: prompt.includes('long') ? 200 : 2 },
    }),
  });
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-example-'));
  const configPath = join(folder, 'mcp.config.json');
  const openai = { kind: 'openai', apiKey: 'simulated', baseUrl: vendor.baseUrl };
  writeFileSync(configPath, JSON.stringify({ providers: { openai }, dataDir: join(folder, 'data') }));
  const client = new Client({ name: 'example', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  try {
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [LAUNCHER, '--config', configPath] }),
    );
    await story(async (tool, args, options) => {
      const result = await client.callTool({ name: tool, arguments: { ...args } }, options);
      return result.structuredContent as Record<string, unknown>;
    });
  } finally {
    await client.close();
    await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
