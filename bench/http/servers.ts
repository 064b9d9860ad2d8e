import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A server under measurement, alone on its core. */
export type MeasuredServer = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly pid: number;
  stop(): Promise<void>;
};

/** The measured server has the first core, load and upstream share the second. */
const SERVER_CORE = '0';
export const LOAD_CORE = '1';

const repository = join(import.meta.dirname, '../..');
const TOKEN = 'bench-token-0123456789abcdef0123456789';
const PORTKEY = '@portkey-ai/gateway@1.15.2';
const START_MS_MAX = 60_000;

export async function startUpstream(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = pinned(LOAD_CORE, [join(repository, 'bench/http/upstream.ts')]);
  const port = await firstLine(child, 'stdout', /^(\d+)$/);
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(child) };
}

export async function startPassThrough(upstream: string): Promise<MeasuredServer> {
  const child = pinned(SERVER_CORE, [join(repository, 'bench/http/pass-through.ts'), upstream]);
  const port = await firstLine(child, 'stdout', /^(\d+)$/);
  return measured(child, `http://127.0.0.1:${port}`, {}, 'gpt-5-mini');
}

/** The built server with routing, books and auth, on a data folder of its own. */
export async function startSignalbox(upstream: string, folder: string): Promise<MeasuredServer> {
  const models = ['gpt-5-nano', 'gpt-5-mini', 'gpt-5.1'].map((name) => `openai/${name}`);
  const tiers = Object.fromEntries(['trivial', 'simple', 'medium', 'complex', 'expert'].map((tier) => [tier, models]));
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'mcp.config.json');
  const config = {
    dataDir: join(folder, 'data'),
    providers: { openai: { kind: 'openai', apiKey: 'sk-bench', baseUrl: `${upstream}/v1` } },
    routing: { tiers },
    server: { tokens: [{ name: 'bench', value: TOKEN }] },
    log: { level: 'warn' },
  };
  writeFileSync(configFile, JSON.stringify(config));
  const binary = join(repository, 'dist/bin/signalbox.cjs');
  const child = pinned(SERVER_CORE, [binary, 'serve', '--port', '0', '--config', configFile]);
  const url = await firstLine(child, 'stderr', /(http:\/\/127\.0\.0\.1:\d+)/);
  return measured(child, url, { authorization: `Bearer ${TOKEN}` }, 'auto');
}

/** Installed beside the repository, once a folder; undefined when the registry does not bring it. */
export async function startPortkey(upstream: string, folder: string): Promise<MeasuredServer | undefined> {
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(entry)) {
      const install = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', PORTKEY];
      execFileSync('npm', install, { stdio: 'ignore', timeout: 120_000 });
    }
  } catch {
    return undefined;
  }
  const port = 18_787;
  const child = pinned(SERVER_CORE, [entry, '--headless', `--port=${port}`]);
  const url = `http://127.0.0.1:${port}`;
  const headers = {
    authorization: 'Bearer key',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstream}/v1`,
  };
  await untilAnswers(url);
  return measured(child, url, headers, 'gpt-5-mini');
}

/** Processor time of the process so far, user and system, in microseconds. */
export function processorMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const TICK_MICROSECONDS = 10_000;
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

export function residentMegabytes(pid: number): number {
  const [, kibibytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kibibytes) * 1024) / 1e6;
}

function pinned(core: string, args: readonly string[]): ChildProcess {
  return spawn('taskset', ['-c', core, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function measured(child: ChildProcess, url: string, headers: Record<string, string>, model: string): MeasuredServer {
  // taskset replaces itself, so this is the server's own.
  return { url, headers, model, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function firstLine(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  const input = child[stream];
  if (!input) throw new Error('a pipe was expected');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS_MAX);
  const seen: string[] = [];
  for await (const line of createInterface({ input })) {
    seen.push(line);
    const found = pattern.exec(line)?.[1];
    if (found === undefined) continue;
    clearTimeout(timer);
    input.resume();
    return found;
  }
  throw new Error(`the server ended before it listened: ${seen.join('\n')}`);
}

async function untilAnswers(url: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += 100) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await delay(100);
  }
  throw new Error(`${url} never answered`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await exited;
  clearTimeout(timer);
}
