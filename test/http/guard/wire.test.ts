import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { call, say, talk } from '../../support/raw-http.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';
import { eventually } from '../../support/until.ts';
import { askEcho, head, startEcho } from './echo.ts';

/** As Linux writes them in its list of connections (proc(5), `/proc/net/tcp`). */
const ESTABLISHED = '01';
const KEEPALIVE_TIMER = /^02:/;

/** What the system waits for on our end of the one connection to the server. */
function timerAt(url: string): string | undefined {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  const connections = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return connections.find(([, local, , state]) => local === `0100007F:${port}` && state === ESTABLISHED)?.[5];
}

describe('bytes that two readers could take for different requests', () => {
  it.each([
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{}'],
    ['a list of lengths', ['Content-Length: 2, 2'], '{}'],
    ['a negative length', ['Content-Length: -1'], ''],
    ['a length in hexadecimal', ['Content-Length: 0x2'], '{}'],
    ['a chunk size that is none', ['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a negative chunk size', ['Transfer-Encoding: chunked'], '-2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk larger than it says', ['Transfer-Encoding: chunked'], '1\r\n{}\r\n0\r\n\r\n'],
    ['chunks ended by a bare line feed', ['Transfer-Encoding: chunked'], '2\n{}\n0\n\n'],
    ['another transfer encoding', ['Transfer-Encoding: gzip'], '{}'],
    ['chunks that are encoded once more', ['Transfer-Encoding: chunked, gzip'], '2\r\n{}\r\n0\r\n\r\n'],
    ['chunks of what is encoded', ['Transfer-Encoding: gzip, chunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ['a space before the colon', ['Content-Length : 2'], '{}'],
    ['a folded header', ['X-Folded: a', ' b', 'Content-Length: 2'], '{}'],
    ['a bare carriage return in a value', ['X-Broken: a\rb', 'Content-Length: 2'], '{}'],
    ['NUL in a value', ['X-Broken: a\0b', 'Content-Length: 2'], '{}'],
  ])('are refused with 400, and the connection ends: %s', async (_what, lines, body) => {
    const { url } = await startEcho();
    const smuggled = head(url, 'Content-Length: 2');
    const received = await say(url, `${head(url, ...lines)}${body}${smuggled}{}`);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(received).toMatch(/Connection: close/i);
    expect(JSON.parse(received.slice(received.indexOf('{')))).toMatchObject({ error: { code: 'invalid_request' } });
  });

  it('are answered one by one where they are two requests', async () => {
    const { url } = await startEcho();
    const request = `${head(url, 'Content-Length: 2')}{}`;
    const { socket, received, closed } = talk(url, request + request);
    await eventually(() => expect(received().match(/HTTP\/1\.1 200 /g)).toHaveLength(2));
    socket.destroy();
    await closed;
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no Host', 'GET /echo HTTP/1.1\r\n\r\n'],
    ['a method that is none', 'G@T / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('are refused with 400: %s', async (_what, bytes) => {
    const { url } = await startEcho();
    expect(await say(url, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ['dots', '/x/../echo'],
    ['one dot', '/./echo'],
    ['encoded dots', '/x/%2e%2E/echo'],
    ['dots, one of them encoded', '/x/.%2e/echo?a=b'],
    ['dots at the end', '/echo/..'],
    ['dots before a query', '/echo/..?a=b'],
    ['dots between backslashes', '/x\\..\\echo'],
  ])('are refused where the path would be another one after its steps were taken: %s', async (_what, path) => {
    const { url } = await startEcho();
    const request = head(url, 'Content-Length: 2').replace('/echo', path);
    const received = await say(url, `${request}{}`);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('"invalid_request"');
  });

  it.each(['/v1/models/gpt-4.1', '/v1/models/vendor/..model', '/v1/models/.hidden', '/x?at=/../y'])(
    'are no others where dots belong to a name: %s',
    async (path) => {
      const { url } = await startEcho();
      const request = head(url, 'Content-Length: 0', 'Connection: close').replace('POST /echo', `GET ${path}`);
      expect(await say(url, request)).toMatch(/^HTTP\/1\.1 404 /);
    },
  );

  it.each([
    ['HTTP/2.0', 505],
    ['HTTP/0.9', 505],
  ])('are refused where they claim to be %s', async (version, status) => {
    const { url } = await startEcho();
    const received = await say(url, `${head(url, 'Content-Length: 2').replace('HTTP/1.1', version)}{}`);
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(received).toContain('"error"');
  });

  it('are refused where chunks come under HTTP/1.0, which has none', async () => {
    const { url } = await startEcho();
    const lines = ['Connection: keep-alive', 'Transfer-Encoding: chunked'];
    const smuggled = head(url, 'Content-Length: 2');
    const request = `${head(url, ...lines).replace('HTTP/1.1', 'HTTP/1.0')}2\r\n{}\r\n0\r\n\r\n${smuggled}{}`;
    const received = await say(url, request);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  });

  it('are refused when the request names a second host', async () => {
    const { url } = await startEcho();
    const { host } = new URL(url);
    const others = 'X-Ab: 1\r\nX-Ab: 2\r\n';
    for (const before of ['', others]) {
      const head = `GET /echo HTTP/1.1\r\n${before}Host: ${host}\r\n`;
      expect(await say(url, `${head}Host: evil.example.com\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    }
    const absolute = await say(url, `GET http://evil.example.com/echo HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(absolute).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ['another port', (host: string) => `http://${host}1/echo`],
    ['a user', (host: string) => `http://evil@${host}/echo`],
    ['another scheme', (host: string) => `ftp://${host}/echo`],
    ['a step back', (host: string) => `http://${host}/v1/../echo`],
  ])('are refused when their whole URL has %s', async (_what, target) => {
    const { url } = await startEcho();
    const request = head(url, 'Content-Length: 2').replace('/echo', target(new URL(url).host));
    expect(await say(url, `${request}{}`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

it('a request may name the whole URL, as to a proxy, when its host is that of its Host header', async () => {
  const { url } = await startEcho();
  const { host } = new URL(url);
  const ask = (request: string) => say(url, request.replace('\r\n', '\r\nConnection: close\r\n'));
  const echo = head(url, 'Content-Length: 2').replace('/echo', `http://${host}/echo?x=1`);
  expect(await ask(`${echo}{}`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await ask(head(url).replace('POST /echo', `GET HTTP://${host}?x=/echo`))).toMatch(/^HTTP\/1\.1 404 /);
  const renamed = head(url).replace(`Host: ${host}`, 'Host: evil.example.com');
  expect(await ask(renamed.replace('POST /echo', 'GET http://evil.example.com/echo'))).toMatch(/^HTTP\/1\.1 403 /);
});

describe('a connection that is kept', () => {
  it('is kept for longer than any balancer keeps its idle ones, and the answer says so', async () => {
    const { url } = await startEcho();
    const { headers } = await call(url, { path: '/healthz', headers: { connection: 'keep-alive' } });
    const [, keptS] = /timeout=(\d+)/.exec(String(headers['keep-alive'])) ?? [];
    expect(Number(keptS)).toBeGreaterThan(600);
  });

  it.runIf(process.platform === 'linux')('is probed by the system, so that nothing on its way forgets it', async () => {
    const { url } = await startEcho();
    const { socket, received } = talk(url, head(url, 'Content-Length: 2'));
    socket.write('{}');
    while (!received().includes('200')) await pause(5);
    await expect.poll(() => timerAt(url)).toMatch(KEEPALIVE_TIMER);
    socket.destroy();
  });
});

describe('headers', () => {
  it('of more than 16 KB are refused with 431', async () => {
    const { url } = await startEcho();
    const received = await say(url, head(url, `X-Long: ${'x'.repeat(17_000)}`));
    expect(received).toMatch(/^HTTP\/1\.1 431 /);
    expect(received).toContain('"error"');
  });

  it.each([
    [100, 200],
    [101, 431],
    [2_000, 431],
  ])('are refused with 431 when there are more than 100, however small: %i', async (count, status) => {
    const { url } = await startEcho();
    const many = Array.from({ length: count - 5 }, (_, index) => `X-${index}: 1`);
    const received = await say(url, `${head(url, ...many, 'Content-Length: 2', 'Connection: close')}{}`);
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('without a Host are refused with 400 and told why', async () => {
    const { url } = await startEcho();
    const received = await say(url, `GET /echo HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(received.slice(received.indexOf('{'))).error.message).toMatch(/Host/);
  });

  it('that ask for a tunnel are told that this is no proxy', async () => {
    const { url } = await startEcho();
    const received = await say(url, 'CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 405 /);
    expect(JSON.parse(received.slice(received.indexOf('{'))).error.message).toMatch(/no proxy/);
  });

  it('that expect what nobody knows are refused with 417 and told why', async () => {
    const { url } = await startEcho();
    const received = await say(url, `${head(url, 'Content-Length: 2', 'Expect: 200-maybe')}{}`);
    expect(received).toMatch(/^HTTP\/1\.1 417 /);
    expect(received).toContain('"error"');
  });

  it.each([
    ['idempotency keys', ['Idempotency-Key: a', 'idempotency-key: b']],
    ['types', ['content-type: application/json']],
    ['encodings', ['Content-Encoding: identity', 'Content-Encoding: identity']],
  ])('may not name two %s', async (_what, lines) => {
    const { url } = await startEcho();
    const received = await say(url, `${head(url, 'Content-Length: 2', ...lines)}{}`);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('stands twice');
  });

  it('may not hide a second token behind many others', async () => {
    const { url } = await startEcho();
    const { host } = new URL(url);
    const lines = ['GET /echo HTTP/1.1', `Host: ${host}`, `Authorization: Bearer ${TOKEN}`, 'Authorization: Bearer x'];
    const received = await say(url, `${lines.join('\r\n')}\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 401 /);
    expect(received).toMatch(/www-authenticate: Bearer/i);
  });
});

describe('a body', () => {
  it('is not asked for before the caller is let in', async () => {
    const { url } = await startEcho({ bodyBytesMax: 1_024 });
    const { host } = new URL(url);
    const lines = ['POST /echo HTTP/1.1', `Host: ${host}`, 'Content-Length: 9', 'Expect: 100-continue'];
    expect(await say(url, `${lines.join('\r\n')}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 401 /);
    const large = await say(url, head(url, 'Content-Length: 2000', 'Expect: 100-continue'));
    expect(large).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is taken where its framing is written in capitals', async () => {
    const { url } = await startEcho();
    const lines = ['Transfer-Encoding: Chunked', 'Expect: 100-Continue', 'Connection: close'];
    expect(await say(url, `${head(url, ...lines)}2\r\n{}\r\n0\r\n\r\n`)).toMatch(/HTTP\/1\.1 200 /);
  });

  it('is asked for when the caller waits for that', async () => {
    const { url } = await startEcho();
    const { socket, received, closed } = talk(url, head(url, 'Content-Length: 7', 'Expect: 100-continue'));
    while (!received().includes('100 Continue')) await pause(5);
    socket.write('{"a":1}');
    while (!received().includes('{"a":1}')) await pause(5);
    expect(received()).toContain('HTTP/1.1 200 OK');
    socket.destroy();
    await closed;
  });

  it('is not asked for in HTTP/1.0, which would take that for the answer', async () => {
    const { url } = await startEcho();
    const older = head(url, 'Content-Length: 7', 'Expect: 100-continue').replace('HTTP/1.1', 'HTTP/1.0');
    expect(await say(url, `${older}{"a":1}`)).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('without an end is refused before it is held, and its connection ends', async () => {
    const { url } = await startEcho({ bodyBytesMax: 10_000 });
    const { socket, received, closed } = talk(url, head(url, 'Transfer-Encoding: chunked'));
    const piece = `400\r\n${'x'.repeat(1_024)}\r\n`;
    const sending = setInterval(() => socket.write(piece), 2);
    await closed;
    clearInterval(sending);
    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each([
    ['/v1/messages', { type: 'error', error: { type: 'invalid_request_error' } }],
    ['/mcp', { jsonrpc: '2.0', id: null, error: { code: -32600 } }],
    ['/v1/chat/completions', { error: { code: 'invalid_request', param: null } }],
  ])('that breaks the rules of HTTP is refused in the words of its path: %s', async (path, body) => {
    const { url } = await startInProcess({ upstreams: [] });
    const begun = head(url, 'Transfer-Encoding: chunked').replace('/echo', path);
    const received = await say(url, `${begun}1\r\n{\r\nzz\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(received.slice(received.indexOf('{')))).toMatchObject(body);
  });

  it('that is cut off by its sender leaves nothing behind', async () => {
    const { url } = await startEcho();
    const { socket, closed } = talk(url, `${head(url, 'Content-Length: 100')}{"a":`);
    await pause(50);
    socket.destroy();
    await closed;
    expect((await askEcho(url)).status).toBe(200);
  });
});
