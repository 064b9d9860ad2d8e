import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { readBody } from '../../../src/http/request/read-body.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';

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
