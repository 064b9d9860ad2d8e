/**
 * Many requests over HTTP through the real service, in three dialects, whole and streamed, every tenth
 * cancelled, on a provider that fails now and then; and then nothing may be left: no socket, no timer,
 * no pending row, no growing heap. `npm run soak:http -- 100000`
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Agent, request } from 'undici';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { requestsAsked } from './requests-asked.ts';
import type { Holdings } from './soak-probe.ts';

const REQUESTS = requestsAsked(20_000);
const CONCURRENCY = 32;
const HEAP_GROWTH_MAX_BYTES = 5_000_000;
/** After so many the caches are as full as they get. */
const WARM_UP = Math.min(20_000, Math.floor(REQUESTS / 4));
const TOKEN = 'soak-token-6Yt2Wq9LmZ4x';
/** Longer than idle connections to a provider are kept. */
const IDLE_MS = 9_000;

/** The ways in, and what stands at the end of a whole stream. */
const DIALECTS = [
  {
    path: '/v1/chat/completions',
    body: (content: string) => ({ messages: [{ role: 'user', content }] }),
    end: '[DONE]',
  },
  {
    path: '/v1/messages',
    body: (content: string) => ({ messages: [{ role: 'user', content }], max_tokens: 200 }),
    end: 'event: message_stop',
  },
  { path: '/v1/responses', body: (input: string) => ({ input }), end: 'event: response.completed' },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-soak-http-'));
const configPath = join(folder, 'mcp.config.json');
const vendor = spawn(process.execPath, [join(import.meta.dirname, 'soak-vendor.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let service: ChildProcess | undefined;
try {
  const [address] = await once(vendor.stdout, 'data');
  writeConfig(String(address).trim());
  await soak();
} finally {
  service?.kill('SIGKILL');
  vendor.kill();
  rmSync(folder, { recursive: true, force: true });
}

function writeConfig(baseUrl: string): void {
  const providers = { openai: { kind: 'openai', apiKey: 'simulated', baseUrl } };
  const dataDir = join(folder, 'data');
  const server = { tokens: [TOKEN] };
  writeFileSync(configPath, JSON.stringify({ dataDir, providers, server, log: { level: 'error' } }));
}

async function soak(): Promise<void> {
  const { url, stderr } = await start();
  const agent = new Agent({ connections: CONCURRENCY });
  const atStart = await holdings();
  const startedMs = performance.now();
  const outcomes: Record<string, number> = {};
  await run({ url, agent, from: 0, count: WARM_UP, outcomes });
  await delay(IDLE_MS);
  const warm = await holdings();
  await run({ url, agent, from: WARM_UP, count: REQUESTS - WARM_UP, outcomes });
  const seconds = (performance.now() - startedMs - IDLE_MS) / 1_000;
  await agent.destroy();
  await delay(IDLE_MS);
  const atEnd = await holdings();
  service?.kill('SIGTERM');
  const [exitCode] = service ? await once(service, 'exit') : [1];
  const rows = await countRows();

  say(`${REQUESTS} requests in ${seconds.toFixed(0)} s: ${JSON.stringify(outcomes)}`);
  say(`heap: ${megabytes(atStart)} at the start, ${megabytes(warm)} after ${WARM_UP}, ${megabytes(atEnd)} at the end`);
  say(`held: ${JSON.stringify(atStart.resources)} at the start, ${JSON.stringify(atEnd.resources)} at the end`);
  say(`rows: ${JSON.stringify(rows)}; exit code ${exitCode}`);
  const complaints = stderr()
    .split('\n')
    .filter((line) => /warning|"level":"?(error|50|60)/i.test(line));
  if (complaints.length > 0) say(`said: ${complaints.slice(0, 5).join('\n')}`);
  assert.equal(rows.open, 0, 'rows were left open');
  assert.equal(atEnd.resources.TCPSocketWrap ?? 0, 0, 'sockets were left');
  assert.ok((atEnd.resources.Timeout ?? 0) <= (atStart.resources.Timeout ?? 0), 'timers were left');
  assert.ok(atEnd.heapBytes - warm.heapBytes < HEAP_GROWTH_MAX_BYTES, 'the heap has grown');
  assert.equal(complaints.length, 0, 'it complained');
  assert.equal(exitCode, 0);
}

async function start(): Promise<{ readonly url: string; readonly stderr: () => string }> {
  const probe = pathToFileURL(join(import.meta.dirname, 'soak-probe.ts')).href;
  const launcher = join(import.meta.dirname, '../bin/signalbox.cjs');
  const child = spawn(process.execPath, ['--import', probe, launcher, 'serve', '--port', '0', '--config', configPath], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, OLLAMA_HOST: '127.0.0.1:9' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  service = child;
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-1_000_000);
      const found = /listens on (http:\/\/\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`serve ended before it listened: ${said}`)));
  });
  return { url, stderr: () => said };
}

async function holdings(): Promise<Holdings> {
  service?.send('report');
  const [held] = service ? await once(service, 'message') : [];
  return held as Holdings;
}

type Run = {
  readonly url: string;
  readonly agent: Agent;
  readonly from: number;
  readonly count: number;
  readonly outcomes: Record<string, number>;
};

/** Unique prompts, every tenth a repeat; every tenth request is left within 30 ms. */
async function run({ url, agent, from, count, outcomes }: Run): Promise<void> {
  let next = from;
  async function worker(): Promise<void> {
    while (next < from + count) {
      const index = next;
      next += 1;
      const outcome = await ask(url, agent, index);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      // An open breaker answers at once: without a pause it would answer all that is left.
      if (outcome === 'refused 503') await delay(250);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function ask(url: string, agent: Agent, index: number): Promise<string> {
  const dialect = DIALECTS[index % DIALECTS.length] ?? DIALECTS[0];
  const stream = Math.floor(index / DIALECTS.length) % 2 === 1;
  const prompt = `soak ${index % 10 === 7 ? index - 6 : index}`;
  const leave = new AbortController();
  const timer = index % 10 === 3 ? setTimeout(() => leave.abort(), (index / 10) % 30) : undefined;
  try {
    const { statusCode, body } = await request(url + dialect.path, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', stream, ...dialect.body(prompt) }),
      dispatcher: agent,
      signal: leave.signal,
    });
    const text = await body.text();
    if (statusCode !== 200) return `refused ${statusCode}`;
    if (!stream) return 'answered';
    return text.includes(dialect.end) ? 'streamed' : 'stream ended with an error';
  } catch (error) {
    return leave.signal.aborted ? 'cancelled' : `failed: ${(error as { code?: string }).code ?? 'unknown'}`;
  } finally {
    clearTimeout(timer);
  }
}

/** The books of the whole run, read when the service has ended. */
async function countRows(): Promise<Readonly<Record<string, number>> & { readonly open: number }> {
  const app = await createApp(await loadConfig({ configPath, env: {}, cwd: folder, homeDir: folder }));
  const log = await app.gateway.requestLog({ limit: 2 * REQUESTS });
  await app.close();
  const counts: Record<string, number> = {};
  for (const { status = 'open' } of log) counts[status] = (counts[status] ?? 0) + 1;
  const open = log.filter(
    ({ status, attempts }) => !status || attempts.some((attempt) => attempt.status === 'pending'),
  );
  return { ...counts, requests: log.length, open: open.length };
}

function megabytes({ heapBytes, residentBytes }: Holdings): string {
  return `${(heapBytes / 1e6).toFixed(1)} MB (${(residentBytes / 1e6).toFixed(0)} resident)`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
