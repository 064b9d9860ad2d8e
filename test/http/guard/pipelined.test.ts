import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { call, talk } from '../../support/raw-http.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';
import { head } from './echo.ts';

describe('an answer that is due', () => {
  it('is not lost to a request sent after it, which is refused and whose rest does not come', async () => {
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const slow: Route = {
      method: 'POST',
      path: '/echo',
      dialect: 'openai',
      access: 'token',
      handle: async () => {
        await told;
        return jsonReply({ said: 'late' });
      },
    };
    const { url } = await startInProcess({ upstreams: [], routes: [slow], settings: { connectionsMax: 4 } });
    const refused = head(url, 'Content-Length: 100').replace(TOKEN, 'no-such-token');
    const client = talk(url, `${head(url, 'Content-Length: 2')}{}${refused}{`);
    await pause(150);
    const others = [1, 2, 3].map(() => talk(url, `${head(url, 'Content-Length: 9')}{`));
    await pause(50);
    await call(url, { path: '/echo' });
    tell();
    await client.closed;
    expect(client.received()).toMatch(/late[\s\S]*HTTP\/1\.1 401 /);
    for (const { socket } of others) socket.destroy();
  });

  it.each(['CONNECT there:443 HTTP/1.1\r\nHost: there:443\r\n\r\n', 'NO HTTP\r\n\r\n'])(
    'is not mixed with the refusal of what follows: %j',
    async (following) => {
      const begun: Route = {
        method: 'POST',
        path: '/echo',
        dialect: 'openai',
        access: 'token',
        async handle({ outgoing, incoming, signal }) {
          if (incoming.headers['x-first'] === 'yes') outgoing.writeHead(200).write('begun');
          await once(signal, 'abort');
          return 'sent';
        },
      };
      const { url } = await startInProcess({ upstreams: [], routes: [begun] });
      const client = talk(url, `${head(url, 'X-First: yes', 'Content-Length: 2')}{}`);
      while (!client.received().includes('begun')) await pause(5);
      client.socket.write(`${head(url, 'Content-Length: 2')}{}${following}`);
      await client.closed;
      expect(client.received()).toMatch(/begun\s*$/);
    },
  );
});

describe('requests that were sent one behind the other', () => {
  it.each(['', 'CONNECT there:443 HTTP/1.1\r\nHost: there:443\r\n\r\n'])(
    'all end with their connection: %j',
    async (following) => {
      const ended = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
      let arrived = 0;
      const endless: Route = {
        method: 'POST',
        path: '/echo',
        dialect: 'openai',
        access: 'token',
        async handle({ signal }) {
          const { resolve } = ended[arrived++] ?? {};
          await once(signal, 'abort');
          resolve?.();
          return 'sent';
        },
      };
      const { url } = await startInProcess({ upstreams: [], routes: [endless] });
      const client = talk(url, `${head(url, 'Content-Length: 2')}{}`.repeat(3));
      while (arrived < 3) await pause(5);
      if (following === '') client.socket.destroy();
      else client.socket.write(following);
      await Promise.all(ended.map(({ promise }) => promise));
      await client.closed;
      expect(arrived).toBe(3);
    },
  );

  it.each([
    [32, 32],
    [33, 0],
    [1_000, 0],
  ])('are answered up to a number; who sends more is cut off: %i', async (sent, answered) => {
    const { url } = await startInProcess({ upstreams: [] });
    const requests = 'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'.repeat(sent - 1);
    const client = talk(url, `${requests}GET /healthz HTTP/1.0\r\n\r\n`);
    await client.closed;
    expect(client.received().split('{"status":"ok"}')).toHaveLength(answered + 1);
    expect((await call(url, { path: '/healthz' })).status).toBe(200);
  });
});
