import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAUNCHER } from '../support/serve.ts';

/** Stated limit: what an idle server on stdio may hold, in units of 2^20 bytes. */
const IDLE_MEBIBYTES = 120;

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-start-'));
});

afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true });
});

async function kill() {
  if (!child) return;
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  child = undefined;
}

/** How many files of compiled code there are, once there are no more than a moment before. */
function createFileCount() {
  let before = 0;
  return () => {
    const now = existsSync(cacheIn(folder)) ? readdirSync(cacheIn(folder), { recursive: true }).length : 0;
    const isSettled = now === before;
    before = now;
    return isSettled ? now : 0;
  };
}

/** Resolves once it has told its tools. */
async function startServer(): Promise<number> {
  const env = { PATH: process.env.PATH, HOME: folder, OPENAI_API_KEY: 'sk-never-used', TMPDIR: folder };
  const started = spawn(process.execPath, [LAUNCHER, '--data-dir', join(folder, 'data')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env,
  });
  child = started;
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  const ask = async (message: object) => {
    started.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    expect(JSON.parse(String((await lines.next()).value))).toHaveProperty('result');
  };
  const clientInfo = { name: 'test', version: '1.0.0' };
  await ask({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
  started.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  await ask({ id: 2, method: 'tools/list' });
  return started.pid ?? 0;
}

function residentMebibytes(pid: number): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1_024;
}

const cacheIn = (parent: string) => join(parent, 'node-compile-cache');
async function askVersion(parent: string) {
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: parent, TMP: parent, TEMP: parent };
  const asked = spawn(process.execPath, [LAUNCHER, '--version'], { stdio: 'ignore', env });
  expect((await once(asked, 'exit'))[0]).toBe(0);
  return readdirSync(cacheIn(parent));
}

describe('the cache of compiled code', () => {
  it('is filled by the first process of a command alone, and used by those that start later', async () => {
    const filled = await askVersion(folder);
    const [claim = ''] = filled.filter((name) => name.startsWith('signalbox-'));
    expect(filled).toHaveLength(2);

    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(cacheIn(elsewhere), { recursive: true });
    writeFileSync(join(cacheIn(elsewhere), claim), '');
    expect(await askVersion(elsewhere)).toEqual([claim]);
    utimesSync(join(cacheIn(elsewhere), claim), 0, 0);
    expect(await askVersion(elsewhere)).toHaveLength(2);
  });

  it.each(['file', '/proc'])('is done without where nothing can be written: %s', async (parent) => {
    writeFileSync(join(folder, 'file'), '');
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: resolve(folder, parent) };
    const asked = spawn(process.execPath, [LAUNCHER, '--version'], { stdio: 'ignore', env });
    expect((await once(asked, 'exit'))[0]).toBe(0);
  });
});

describe.runIf(process.platform === 'linux')('a server on stdio', () => {
  it('leaves its compiled code to the next one, though it is killed, and that one is small', async () => {
    // Its claim is not one to fill the cache for servers.
    await askVersion(folder);
    await startServer();
    await expect.poll(createFileCount(), { interval: 100 }).toBeGreaterThan(300);
    await kill();
    // Whoever starts within seconds of the first does without.
    for (const name of readdirSync(cacheIn(folder))) {
      if (name.startsWith('signalbox-')) utimesSync(join(cacheIn(folder), name), 0, 0);
    }
    const pid = await startServer();
    expect(residentMebibytes(pid)).toBeLessThanOrEqual(IDLE_MEBIBYTES);
  });
});
