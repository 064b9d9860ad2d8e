import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createWorkplace } from '../e2e/workplace.ts';
import { call } from '../support/raw-http.ts';
import { TOKEN } from '../support/serve.ts';
import { launcher } from './run-signalbox.ts';

/** A file on a disk without room. */
const FULL = '/dev/full';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function openPlace() {
  const place = createWorkplace([], { server: { tokens: [TOKEN] } });
  onTestFinished(() => place.remove());
  return place;
}

/** The program with its standard error on a full disk. */
function start(place: ReturnType<typeof openPlace>, ...args: readonly string[]) {
  const child = spawn(process.execPath, [launcher, ...args, '--config', place.configPath], {
    env: { PATH: process.env.PATH, HOME: place.folder, OLLAMA_HOST: '127.0.0.1:9' },
    stdio: ['ignore', 'pipe', openSync(FULL, 'w')],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited };
}

it.runIf(existsSync(FULL))('a service whose log finds no room starts, answers and ends as ever', async () => {
  const [place, port] = [openPlace(), await freePort()];
  // With books that are there already the first it has to say is where it listens.
  await start(place, 'status').exited;
  const { child, exited } = start(place, 'serve', '--port', String(port));
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    expect(child.exitCode).toBeNull();
    const answered = await call(url, { path: '/healthz' }).catch(() => undefined);
    if (answered?.status === 200) break;
    await pause(20);
  }
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

it.runIf(existsSync(FULL))('a command whose remarks find no room ends as it would have', async () => {
  const { exited } = start(openPlace(), 'serve', '--port', 'none');
  expect(await exited).toEqual([2, null]);
});
