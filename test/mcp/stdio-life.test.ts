import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startClock } from '../support/given-time.ts';
import type { McpEntrySettings } from '../support/mcp-entry.ts';
import { ENTRY, SpawnedServer } from './spawn-server.ts';

/** Stated limits: the time a cancel takes to the gateway, and the time from the client's end to ours. */
const CANCEL_MS = 250;
const EXIT_MS = 2_000;

let folder: string;
let journal: string;
let server: SpawnedServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-mcp-'));
  journal = join(folder, 'journal');
});

afterEach(async () => {
  server?.child.kill('SIGKILL');
  await server?.exited;
  server = undefined;
  rmSync(folder, { recursive: true });
});

function start(settings: McpEntrySettings = {}): SpawnedServer {
  server = new SpawnedServer({ journal, ...settings });
  return server;
}

/** When the server noted an event, in wall-clock milliseconds. */
function notedAt(event: string): number | undefined {
  const line = readJournal().find((text) => text.startsWith(event));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

function readJournal(): readonly string[] {
  try {
    return readFileSync(journal, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}; journal: ${readJournal().join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('cancelling', () => {
  const CANCELLED = { jsonrpc: '2.0', method: 'notifications/cancelled' };

  it.each([
    ['modern', 0],
    ['modern', 'text-id'],
    ['legacy', 0],
    ['legacy', 7],
  ] as const)('in the %s era reaches the gateway for request %j, and nothing is sent afterwards', async (era, id) => {
    const wire = start({ progressIntervalMs: 30 });
    if (era === 'legacy') {
      await wire.openLegacy();
      const params = { name: 'complete', arguments: { prompt: 'slow:5000' }, _meta: { progressToken: 'p' } };
      wire.send({ jsonrpc: '2.0', id, method: 'tools/call', params });
    } else {
      wire.callModern(id, 'complete', { prompt: 'slow:5000' }, { progressToken: 'p' });
    }
    await wire.message(({ method }) => method === 'notifications/progress');
    const elapsedMs = startClock();
    wire.send({ ...CANCELLED, params: { requestId: id, reason: 'the user stopped' } });
    await until(() => notedAt('aborted') !== undefined, 'aborted');
    expect(elapsedMs()).toBeLessThan(CANCEL_MS);

    await until(() => notedAt('booked') !== undefined, 'booked');
    const count = wire.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(wire.messages).toHaveLength(count);
    expect(wire.messages.some((message) => message.id === id)).toBe(false);
  });

  it('an unknown id, or the other kind of the same id, changes nothing', async () => {
    const wire = start();
    wire.callModern(1, 'complete', { prompt: 'slow:250' });
    await until(() => notedAt('start') !== undefined, 'start');
    for (const requestId of [99, '1', null]) wire.send({ ...CANCELLED, params: { requestId } });
    wire.send({ ...CANCELLED, params: {} }, CANCELLED);
    expect((await wire.answer(1)).result.structuredContent.text).toBe('slow answer');
    expect(notedAt('aborted')).toBeUndefined();
  });
});

describe('the end', () => {
  it('of input lets a call of that moment be answered', async () => {
    const wire = start();
    wire.callModern(1, 'complete', { prompt: 'slow:50' });
    wire.child.stdin.end();
    expect((await wire.answer(1)).result.structuredContent.text).toBe('slow answer');
    expect(await wire.exited).toEqual({ code: 0, signal: null });
  });

  it('of input without a last newline still answers the line', async () => {
    const wire = start();
    wire.child.stdin.end('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect((await wire.answer(1)).result).toEqual({});
    expect((await wire.exited).code).toBe(0);
  });

  it('of input aborts long calls, waits until they are booked, closes the books and exits', async () => {
    const wire = start({ bookingMs: 400 });
    wire.callModern(1, 'complete', { prompt: 'slow:60000' });
    await until(() => notedAt('start') !== undefined, 'start');
    const elapsedMs = startClock();
    wire.child.stdin.end();
    expect(await wire.exited).toEqual({ code: 0, signal: null });
    expect(elapsedMs()).toBeLessThan(EXIT_MS);
    expect(readJournal().map((line) => line.split(' ')[0])).toEqual(['start', 'aborted', 'booked', 'closed']);
  });

  it('does not wait for calls that never settle, nor for books that never close', async () => {
    const wire = start({ bookingMs: 60_000, closeHangs: true });
    wire.callModern(1, 'complete', { prompt: 'slow:60000' });
    await until(() => notedAt('start') !== undefined, 'start');
    const elapsedMs = startClock();
    wire.child.stdin.end();
    expect((await wire.exited).code).toBe(0);
    expect(elapsedMs()).toBeLessThan(EXIT_MS);
  });

  it('comes when nobody reads the output any more', async () => {
    const wire = start();
    wire.callModern(1, 'complete', { prompt: 'slow:60000' });
    await until(() => notedAt('start') !== undefined, 'start');
    wire.child.stdout.destroy();
    const elapsedMs = startClock();
    wire.callModern(2, 'complete', { prompt: 'hello' });
    expect((await wire.exited).code).toBe(0);
    expect(elapsedMs()).toBeLessThan(EXIT_MS);
    expect(notedAt('booked')).toBeDefined();
  });

  it('comes with the end of input, though a client left so much unread that its requests wait', async () => {
    const wire = start();
    wire.child.stdout.pause();
    for (let id = 0; id < 90; id += 1) wire.callModern(id, 'complete', { prompt: `big:${400_000 + id}` });
    await until(() => readJournal().filter((line) => line.startsWith('start')).length === 90, 'started');
    // Only what is read is found to be over: this line waits to be done.
    wire.callModern('waits', 'complete', { prompt: 'hello' });
    const elapsedMs = startClock();
    wire.child.stdin.end();
    await new Promise((resolve) => wire.child.once('exit', resolve));
    expect(elapsedMs()).toBeLessThan(EXIT_MS);
  });

  it('comes with SIGTERM, and calls are booked', async () => {
    const wire = start();
    wire.callModern(1, 'complete', { prompt: 'slow:60000' });
    await until(() => notedAt('start') !== undefined, 'start');
    wire.child.kill('SIGTERM');
    expect(await wire.exited).toEqual({ code: 0, signal: null });
    expect(readJournal().map((line) => line.split(' ')[0])).toEqual(['start', 'aborted', 'booked', 'closed']);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('comes with %s, however often it is sent', async (signal) => {
    const wire = start();
    wire.callModern(1, 'complete', { prompt: 'slow:60000' });
    await until(() => notedAt('start') !== undefined, 'start');
    wire.child.kill(signal);
    await until(() => notedAt('aborted') !== undefined, 'aborted');
    wire.child.kill(signal);
    expect(await wire.exited).toEqual({ code: 0, signal: null });
    expect(readJournal().map((line) => line.split(' ')[0])).toEqual(['start', 'aborted', 'booked', 'closed']);
  });

  it('comes when the parent is killed, even though somebody else holds the input open', async () => {
    // The shell is the parent; the writing end of the input is ours and stays open.
    const settings = JSON.stringify({ journal });
    const script = `exec 3<&0; ${JSON.stringify(process.execPath)} ${JSON.stringify(ENTRY)} '${settings}' <&3 & echo "$!" >&2; wait`;
    const shell = spawn('sh', ['-c', script]);
    const pid = await new Promise<number>((resolve) => shell.stderr.once('data', (chunk) => resolve(Number(chunk))));
    try {
      shell.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })}\n`);
      await new Promise((resolve) => shell.stdout.once('data', resolve));
      const elapsedMs = startClock();
      shell.kill('SIGKILL');
      await until(() => notedAt('closed') !== undefined, 'closed');
      await until(() => !isAlive(pid), 'gone');
      expect(elapsedMs()).toBeLessThan(EXIT_MS);
    } finally {
      shell.stdin.destroy();
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

it('a client that reads late gets every answer, also to what waited meanwhile', async () => {
  const wire = start();
  wire.child.stdout.pause();
  for (let id = 0; id < 90; id += 1) wire.callModern(id, 'complete', { prompt: `big:${400_000 + id}` });
  await until(() => readJournal().filter((line) => line.startsWith('start')).length === 90, 'started');
  for (let id = 90; id < 100; id += 1) wire.callModern(id, 'complete', { prompt: `hello ${'x'.repeat(50_000)}` });
  await new Promise((resolve) => wire.child.stdin.write('\n', resolve));
  wire.child.stdout.resume();
  await until(() => wire.messages.length === 100, 'answered');
  expect(new Set(wire.messages.map(({ id }) => id)).size).toBe(100);
});

it('a big answer is written whole before the exit', async () => {
  // Several times what a pipe holds, and little enough for a busy machine within the exit's two seconds.
  const wire = start();
  wire.callModern(1, 'complete', { prompt: 'big:500000' });
  wire.child.stdin.end();
  expect((await wire.answer(1)).result.structuredContent.text).toHaveLength(500_000);
});

// `script` of util-linux lends the terminal; other systems have another one.
it.skipIf(process.platform !== 'linux')(
  'with a terminal as input says on standard error what it waits for',
  async () => {
    const child = spawn('script', ['-qec', `${process.execPath} ${ENTRY}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let shown = '';
    const greeted = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        shown += chunk;
        if (shown.includes('waiting for a client')) resolve();
      });
    });
    await greeted;
    child.stdin.write('\x03');
    await new Promise((resolve) => child.on('exit', resolve));
    expect(shown).toMatch(/signalbox .*MCP server.*standard input/s);
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
