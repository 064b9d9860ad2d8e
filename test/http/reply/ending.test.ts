import { expect, it } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { talk } from '../../support/raw-http.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';

/** More than the buffers of two sockets hold. */
const CHARACTERS = 20_000_000;

const LARGE: Route = {
  method: 'GET',
  path: '/large',
  dialect: 'openai',
  access: 'token',
  handle: async () => jsonReply({ text: 'x'.repeat(CHARACTERS) }),
};

it('a server that ends lets a whole answer be read to its last byte', async () => {
  const { url, http } = await startInProcess({ upstreams: [], routes: [LARGE] });
  const request = `GET /large HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
  const { socket, received, closed } = talk(url, request);
  while (received() === '') await new Promise((resolve) => setTimeout(resolve, 5));
  socket.pause();
  const ended = http.close(10_000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.resume();
  await Promise.all([ended, closed]);
  expect(received().endsWith('x"}')).toBe(true);
});
