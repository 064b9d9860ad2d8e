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
});
