import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { readBody } from '../../../src/http/request/read-body.ts';
import { talk } from '../../support/raw-http.ts';
import { startInProcess, startServe, TOKEN } from '../../support/serve.ts';
import { until } from '../../support/until.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test.each([10, 1_000_000])(
  'a body of %i bytes that was read is not kept until its request is answered',
  async (size) => {
    let body: WeakRef<Buffer> | undefined;
    const route: Route = {
      method: 'POST',
      path: '/v1/read',
      dialect: 'openai',
      access: 'token',
      async handle(open) {
        body = new WeakRef(await readBody(open));
        const { length } = body.deref() ?? '';
        // A turn of its own: what a `WeakRef` gave stays to the end of the turn.
        await setTimeout(10);
        collectGarbage();
        const listeners = getEventListeners(open.signal, 'abort').length;
        return jsonReply({ length, isKept: body.deref() !== undefined, listeners });
      },
    };
    const { url } = await startInProcess({ upstreams: [], routes: [route] });
    const response = await fetch(`${url}/v1/read`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: 'x'.repeat(size),
    });
    expect(await response.json()).toEqual({ length: size, isKept: false, listeners: 0 });
  },
);

test('a body of which each byte comes as a chunk of its own takes no more room than its bytes', async () => {
  const { url, token } = await startServe({ upstreams: [], env: { NODE_OPTIONS: '--max-old-space-size=96' } });
  const head = `POST /v1/embeddings HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n`;
  const framing = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const { socket, received } = talk(url, head + framing);
  for (let count = 0; count < 100; count += 1) socket.write('1\r\n \r\n'.repeat(10_000));
  socket.write('2\r\n{}\r\n0\r\n\r\n');
  await until(() => received().includes('\r\n\r\n{') || socket.closed);
  expect(received()).toContain('\\"model\\" is required');
  socket.destroy();
});
