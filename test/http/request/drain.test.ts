import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { talk } from '../../support/raw-http.ts';
import { openInProcess, TOKEN } from '../../support/serve.ts';
import { eventually } from '../../support/until.ts';

let service: Awaited<ReturnType<typeof openInProcess>>;
beforeAll(async () => {
  service = await openInProcess({ upstreams: [], settings: { bodyBytesMax: 100_000 } });
});
afterAll(() => service.close());

const LENGTH = 200_000;
const headers = (request: string, more = '') =>
  `${request} HTTP/1.1\r\nHost: ${new URL(service.url).host}\r\nAuthorization: Bearer ${TOKEN}\r\n${more}\r\n`;
const TOO_LARGE = () =>
  headers('POST /v1/chat/completions', `Content-Type: application/json\r\nContent-Length: ${LENGTH}\r\n`);

describe('a body that is refused before it was read', () => {
  it('leaves its connection to the next request when the rest comes soon', async () => {
    const { socket, received } = talk(service.url, TOO_LARGE());
    await eventually(() => expect(received()).toContain('413'));
    socket.write('x'.repeat(LENGTH) + headers('GET /v1/models'));
    await eventually(() => expect(received()).toContain('HTTP/1.1 200'));
    socket.destroy();
  });

  it.each([
    ['large', 'Content-Length: 60000000'],
    ['without a length', 'Transfer-Encoding: chunked'],
  ])('%s has an answer that says that its connection ends, as it may before the rest is there', async (_, length) => {
    const { socket, received, closed } = talk(service.url, headers('POST /v1/nothing', `${length}\r\n`));
    await eventually(() => expect(received()).toContain('HTTP/1.1 404'));
    expect(received()).toMatch(/^connection: close\r$/im);
    socket.write('8\r\nthe rest\r\n');
    await closed;
  });

  it('is taken to its end also where the connection is not kept, or its sender would lose the answer', async () => {
    const { socket, received, closed } = talk(service.url, TOO_LARGE().replace('\r\n', '\r\nConnection: close\r\n'));
    await eventually(() => expect(received()).toContain('limit of this server'));
    for (let sent = 0; sent < LENGTH; sent += 1_000) {
      expect(await new Promise((resolve) => socket.write('x'.repeat(1_000), resolve))).toBeFalsy();
    }
    await closed;
  });

  it('keeps no answer back, not even one that is a head alone', async () => {
    const { socket, received } = talk(service.url, headers('HEAD /v1/models', 'Content-Length: 100\r\n'));
    await eventually(() => expect(received()).toMatch(/^HTTP\/1\.1 \d+ [\s\S]*\r\n\r\n$/));
    socket.destroy();
  });

  it('costs its sender the connection when the rest does not come', async () => {
    const { received, closed } = talk(service.url, TOO_LARGE() + 'x'.repeat(1_000));
    await closed;
    expect(received()).toContain('413');
  });

  it('does so too where it was begun to be read', async () => {
    const chunked = headers(
      'POST /v1/chat/completions',
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
    );
    const { received, closed } = talk(service.url, `${chunked}30d40\r\n${'x'.repeat(150_000)}`);
    await closed;
    expect(received()).toContain('413');
  });
});
