import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { listening, serve } from '../support/local-server.ts';
import { contextOf, fetchOf, transportOf } from '../support/transport.ts';
import { failureOf } from './answers.ts';

describe('a kept-alive connection that went stale', () => {
  it('is told once the request was sent', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests === 1) response.end('first');
      else request.socket.resetAndDestroy();
    });
    const transport = transportOf();
    await (await fetchOf(transport)(url)).text();
    const onSent = vi.fn();
    const error = await failureOf(fetchOf(transport, contextOf({ onSent }))(url, { method: 'POST', body: '{}' }));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'at-once' });
    expect(onSent).toHaveBeenCalledTimes(1);
    expect(requests).toBe(2);
  });

  it('gives way to a new one', async () => {
    const connections: Socket[] = [];
    const server = createServer((_request, response) => void response.end('x'));
    server.on('connection', (socket) => connections.push(socket));
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const transport = transportOf();
    await (await fetchOf(transport)(url)).text();
    connections[0]?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await (await fetchOf(transport)(url)).text()).toBe('x');
    expect(connections).toHaveLength(2);
  });

  it('leaves to a new one what it was reset before', async () => {
    const connections: Socket[] = [];
    const server = createServer((_request, response) => void response.end('x'));
    server.on('connection', (socket) => connections.push(socket));
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const transport = transportOf();
    await (await fetchOf(transport)(url)).text();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const onSent = vi.fn();
    // The reset is there when the request is, and is read after it.
    connections[0]?.resetAndDestroy();
    const response = await fetchOf(transport, contextOf({ onSent }))(url, { method: 'POST', body: '{}' });
    expect(await response.text()).toBe('x');
    expect([connections.length, onSent.mock.calls.length]).toEqual([2, 1]);
  });

  it('takes the idle ones beside it with it', async () => {
    const used = new Set<Socket>();
    let release: () => void = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const url = await serve(async (request, response) => {
      if (used.has(request.socket)) {
        request.socket.resetAndDestroy();
        return;
      }
      used.add(request.socket);
      if (used.size === 2) release();
      await both;
      response.end('x');
    });
    const transport = transportOf();
    const ask = async () => (await fetchOf(transport)(url)).text();
    await Promise.all([ask(), ask()]);
    // The pool takes a connection back one turn after its answer ended.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await failureOf(ask())).code).toBe('provider_unavailable');
    // Whoever asks beside the repetition may get the connection that is opened in the place of the stale one.
    expect(await Promise.all([ask(), ask()])).toEqual(['x', 'x']);
    expect(used.size).toBe(4);
  });

  it('is not followed by another kept one where a new one is asked for', async () => {
    const sockets: Socket[] = [];
    const url = await serve((request, response) => {
      sockets.push(request.socket);
      response.end('x');
    });
    const transport = transportOf();
    const ask = async (needsNewConnection: boolean) => {
      await (await fetchOf(transport, contextOf({ needsNewConnection }))(url)).text();
      // The pool takes a connection back one turn after its answer ended.
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    for (const isNew of [false, false, true, true, false]) await ask(isNew);
    const [first, second, third, fourth, fifth] = sockets;
    expect([second === first, third === first, fourth === third, fifth === fourth]).toEqual([true, false, false, true]);
  });
});
