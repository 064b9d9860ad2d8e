import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { call, talk } from '../../support/raw-http.ts';
import { TOKEN } from '../../support/serve.ts';
import { eventually } from '../../support/until.ts';
import { askEcho, head, startEcho } from './echo.ts';

describe('slow clients', () => {
  it('lose their connection when headers or body do not come in time', async () => {
    const { url } = await startEcho({ headersMs: 1_000, bodyMs: 2_000 });
    const { host } = new URL(url);
    const silent = talk(url);
    const dripping = talk(url, `POST /echo HTTP/1.1\r\nHost: ${host}\r\n`);
    const drips = setInterval(() => dripping.socket.write('X-A: 1\r\n'), 100);
    const half = talk(url, `${head(url, 'Content-Length: 100')}{`);
    await Promise.all([silent.closed, dripping.closed, half.closed]);
    clearInterval(drips);
    expect(dripping.received()).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(half.received()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('hold no place that a real one needs', async () => {
    const connectionsMax = 20;
    const { url } = await startEcho({ connectionsMax });
    const idle = [];
    for (let count = 0; count < 3 * connectionsMax; count += 1) {
      idle.push(talk(url, 'POST /echo HTTP/1.1\r\n'));
      // Only who says nothing for a tenth of a second gives way.
      await pause(20);
      expect((await askEcho(url)).status).toBe(200);
    }
    expect(idle.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(connectionsMax);
    for (const { socket } of idle) socket.destroy();
  });

  it('hold none either when they were refused and keep the rest of their body', async () => {
    const connectionsMax = 20;
    const { url } = await startEcho({ connectionsMax, requestsMax: connectionsMax });
    const refused = [];
    for (let count = 0; count < 3 * connectionsMax; count += 1) {
      refused.push(talk(url, `${head(url, 'Content-Length: 100').replace(TOKEN, 'no-such-token')}{`));
      await pause(10);
    }
    await pause(150);
    expect((await call(url, { path: '/echo' })).status).toBe(405);
    for (const { socket } of refused) socket.destroy();
  });

  it('hold none of the requests their token may have at once', async () => {
    const alone = { value: TOKEN, caller: { tenant: 'tester' }, concurrency: 1 };
    const { url } = await startEcho({ tokens: [alone], bodyBytesMax: 10 });
    const refused = talk(url, `${head(url, 'Content-Length: 100')}{`);
    while (!refused.received().includes(' 413 ')) await pause(5);
    expect((await askEcho(url)).status).toBe(200);
    refused.socket.destroy();
    await refused.closed;
    // It gave its place back once.
    const half = talk(url, `${head(url, 'Content-Length: 2')}{`);
    await eventually(async () => expect((await askEcho(url)).status).toBe(429));
    half.socket.destroy();
  });

  it('hold none of these either when they were gone before they were let in', async () => {
    const alone = { value: TOKEN, caller: { tenant: 'tester' }, concurrency: 1 };
    const { url, dataDir } = await startEcho({ tokens: [alone] });
    const other = new Database(join(dataDir, 'ledger.db'));
    other.exec('BEGIN IMMEDIATE');
    const gone = talk(url, `${head(url, 'Content-Length: 2')}{}`);
    await pause(100);
    gone.socket.destroy();
    await pause(300);
    other.exec('COMMIT');
    other.close();
    await eventually(async () => expect((await askEcho(url)).status).toBe(200));
  });

  it('are told to come back when every connection has a request', async () => {
    const { url } = await startEcho({ connectionsMax: 4 });
    const busy = [];
    for (let count = 0; count < 4; count += 1) busy.push(talk(url, `${head(url, 'Content-Length: 9')}{`));
    await eventually(async () => {
      const reply = await call(url, { path: '/echo' });
      expect(reply.status).toBe(503);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    });
    for (const { socket } of busy) socket.destroy();
    await eventually(async () => expect((await call(url, { path: '/echo' })).status).toBe(405));
  });
});
