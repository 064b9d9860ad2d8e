/**
 * Many requests with faults and cancels through the whole gateway, and then nothing may be left:
 * no socket, no timer, no pending row, no growing heap. `npm run soak -- 20000`
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type App, createApp } from '../src/app.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { requestsAsked } from './requests-asked.ts';

const REQUESTS = requestsAsked(20_000);
const CONCURRENCY = 32;
const HEAP_GROWTH_MAX_BYTES = 5_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const vendor = spawn(process.execPath, [join(import.meta.dirname, 'soak-vendor.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [address] = await once(vendor.stdout, 'data');
const folder = mkdtempSync(join(tmpdir(), 'signalbox-soak-'));
try {
  await soak(await openApp(String(address).trim()));
} finally {
  vendor.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function openApp(baseUrl: string): Promise<App> {
  const configPath = join(folder, 'mcp.config.json');
  const openai = { kind: 'openai', apiKey: 'simulated', baseUrl };
  writeFileSync(
    configPath,
    JSON.stringify({ dataDir: join(folder, 'data'), providers: { openai }, log: { level: 'error' } }),
  );
  return createApp(await loadConfig({ configPath, env: {}, cwd: folder, homeDir: folder }));
}

async function soak(app: App): Promise<void> {
  await run(app, 0, Math.min(2_000, REQUESTS / 2));
  const resourcesBefore = resources();
  const heapBefore = await heapBytes();
  const outcomes = await run(app, REQUESTS, REQUESTS);
  const heapGrowth = (await heapBytes()) - heapBefore;
  const log = await app.gateway.requestLog({ limit: 2 * REQUESTS + 4_000 });
  const open = log.filter(
    ({ status, attempts }) => !status || attempts.some((attempt) => attempt.status === 'pending'),
  );
  process.stdout.write(`${REQUESTS} requests: ${JSON.stringify(outcomes)}\n`);
  process.stdout.write(
    `heap ${(heapGrowth / 1e6).toFixed(2)} MB larger after than before; rows left open: ${open.length}\n`,
  );
  await app.close();
  await delay(50);
  process.stdout.write(
    `resources before ${JSON.stringify(resourcesBefore)}, after closing ${JSON.stringify(resources())}\n`,
  );
  assert.equal(open.length, 0);
  assert.ok(heapGrowth < HEAP_GROWTH_MAX_BYTES, 'the heap has grown');
  assert.equal(resources().TCPSocketWrap ?? 0, 0);
  assert.equal(resources().Timeout ?? 0, 0);
}

/** Unique prompts, every tenth a repeat; every tenth call is cancelled within 30 ms. */
async function run(app: App, from: number, count: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  let next = from;
  async function worker(): Promise<void> {
    while (next < from + count) {
      const index = next;
      next += 1;
      const leave = new AbortController();
      const timer = index % 10 === 3 ? setTimeout(() => leave.abort(), index % 30) : undefined;
      const prompt = `soak ${index % 10 === 7 ? index - 1 : index}`;
      const outcome = await app.gateway
        .complete(
          {
            messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
            routing: { cache: 'use' },
            caller: { tenant: 'local', client: 'soak' },
          },
          { signal: leave.signal },
        )
        .then(({ cache }) => (cache === 'miss' ? 'answered' : 'cached'))
        .catch(async (error: { code?: string }) => {
          // An open breaker answers in microseconds: without a pause it would answer all that is left.
          if (error.code === 'all_cooling') await delay(250);
          return error.code ?? 'unknown';
        });
      clearTimeout(timer);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return outcomes;
}

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await delay(50);
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
