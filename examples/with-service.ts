import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ANTHROPIC_WIRE } from '../src/demo/vendors/anthropic.ts';
import { OPENAI_WIRE } from '../src/demo/vendors/openai.ts';
import { startSimulatedVendor } from '../src/demo/vendors/simulated-vendor.ts';
import type { VendorWire } from '../src/demo/vendors/vendor-wire.ts';

/** Where the service is, without a path, and the token it asks for. */
export type Service = { readonly url: string; readonly token: string };

const LAUNCHER = join(import.meta.dirname, '../bin/signalbox.cjs');
const TOKEN = 'example-7Hq2WmZ9tK4xB1vL';
const USAGE = { inputTokens: 12, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 30, reasoningTokens: 0 };

/**
 * Runs a story against a real `signalbox serve` on a free port. The two providers behind it are
 * simulated, so that the story needs no key; with your own configuration only that part changes.
 */
export async function withService(story: (service: Service) => Promise<void>): Promise<void> {
  const openai = await startVendor(OPENAI_WIRE, ['gpt-6-luna']);
  const anthropic = await startVendor(ANTHROPIC_WIRE, ['claude-haiku-5-5']);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-example-'));
  const configPath = join(folder, 'mcp.config.json');
  const config = {
    providers: {
      openai: { kind: 'openai', apiKey: 'simulated', baseUrl: openai.baseUrl },
      anthropic: { kind: 'anthropic', apiKey: 'simulated', baseUrl: anthropic.baseUrl },
    },
    dataDir: join(folder, 'data'),
  };
  writeFileSync(configPath, JSON.stringify(config));
  const child = spawn(process.execPath, [LAUNCHER, 'serve', '--port', '0', '--config', configPath], {
    env: { ...process.env, SIGNALBOX_TOKEN: TOKEN },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  try {
    await story({ url: await addressIn(child.stderr), token: TOKEN });
  } finally {
    child.kill('SIGTERM');
    await exited;
    await Promise.all([openai.close(), anthropic.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function startVendor(wire: VendorWire, models: readonly string[]) {
  return startSimulatedVendor(wire, {
    models,
    answer: ({ prompt }) => ({ text: `An answer to: ${prompt}`, usage: USAGE, pace: { firstMs: 20, frameMs: 2 } }),
  });
}

/** Reads on after it was found, so that the service never waits for a full pipe. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const said: string[] = [];
  createInterface({ input: output })
    .on('line', (line) => {
      said.push(line);
      const url = /listens on (http:\/\/\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    })
    .once('close', () => reject(new Error(`The service ended: ${said.join('\n')}`)));
  return promise;
}
