import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { HostCheck } from '../../../src/http/guard/host-check.ts';
import type { HttpSettings } from '../../../src/http/http-settings.ts';
import { call, say } from '../../support/raw-http.ts';
import { startInProcess, TEST_SETTINGS, TOKEN } from '../../support/serve.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const ORIGIN = 'https://app.example.com';

function allows(
  host: string,
  settings: Partial<HttpSettings> = {},
  localPort = 8787,
  localAddress = '127.0.0.1',
): boolean {
  return new HostCheck({ ...TEST_SETTINGS, ...settings }).allows(host, { localAddress, localPort });
}

describe('the Host header', () => {
  it.each(['127.0.0.1:8787', 'localhost:8787', 'LocalHost:8787', '[::1]:8787'])('may be %s', (host) => {
    expect(allows(host)).toBe(true);
  });

  it.each([
    '',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:80',
    '127.0.0.1:08787',
    '127.0.0.1:8787:8787',
    ' 127.0.0.1:8787',
    '127.0.0.1:8787 ',
    '127.0.0.1.:8787',
    'localhost.:8787',
    '127.1:8787',
    '127.000.000.001:8787',
    '2130706433:8787',
    '0x7f000001:8787',
    '0177.0.0.1:8787',
    '0.0.0.0:8787',
    '0:8787',
    '[::]:8787',
    '[::ffff:7f00:1]:8787',
    '[::ffff:127.0.0.1]:8787',
    '[0:0:0:0:0:0:0:1]:8787',
    '::1:8787',
    '127.0.0.2:8787',
    'a.localhost:8787',
    'localhost.evil.example.com:8787',
    '127.0.0.1@evil.example.com:8787',
    'evil.example.com',
    'evil.example.com:8787',
    '127.0.0.1:8787, evil.example.com',
    'constructor',
    '__proto__',
  ])('may not be %j', (host) => {
    expect(allows(host)).toBe(false);
  });

  it('may leave the port out where it is the usual one', () => {
    expect(allows('localhost', {}, 80)).toBe(true);
    expect(allows('localhost', {}, 443)).toBe(false);
    expect(allows('evil.example.com', {}, 80)).toBe(false);
  });

  it('may be the address that is listened on, but not every address', () => {
    expect(allows('192.0.2.7:8787', { host: '192.0.2.7' })).toBe(true);
    expect(allows('[2001:db8::7]:8787', { host: '2001:db8::7' })).toBe(true);
    expect(allows('[2001:db8::7]:8787', { host: '2001:DB8:0:0:0:0:0:7' })).toBe(true);
    expect(allows('0.0.0.0:8787', { host: '0.0.0.0' })).toBe(false);
    expect(allows('0.0.0.0:8787', { host: '0' })).toBe(false);
    expect(allows('[::]:8787', { host: '0:0:0:0:0:0:0:0' })).toBe(false);
    expect(allows('[::]:8787', { host: '::' })).toBe(false);
    expect(allows('127.0.0.1:8787', { host: '0.0.0.0' })).toBe(true);
  });

  it('may be the address where the connection came in, and no other of the machine', () => {
    const everywhere = { host: '::' };
    expect(allows('192.0.2.7:8787', everywhere, 8787, '192.0.2.7')).toBe(true);
    expect(allows('192.0.2.7:8787', everywhere, 8787, '::ffff:192.0.2.7')).toBe(true);
    expect(allows('[2001:db8::7]:8787', everywhere, 8787, '2001:db8::7')).toBe(true);
    expect(allows('[fe80::7]:8787', everywhere, 8787, 'fe80::7%eth0')).toBe(true);
    expect(allows('192.0.2.7', everywhere, 80, '192.0.2.7')).toBe(true);
    for (const host of [
      '192.0.2.7:8788',
      '192.0.2.7',
      '192.0.2.8:8787',
      '[::ffff:192.0.2.7]:8787',
      '[::ffff:c000:207]:8787',
    ]) {
      expect(allows(host, everywhere, 8787, '::ffff:192.0.2.7'), host).toBe(false);
    }
  });

  it('may be the address of a machine that is asked by it, as health checks do, when every address is listened on', async () => {
    const { url } = await startInProcess({ upstreams: [], settings: { host: '0.0.0.0' } });
    const { port } = new URL(url);
    const asked = `http://127.0.0.2:${port}`;
    expect((await call(asked, { path: '/readyz', headers: { host: `127.0.0.2:${port}` } })).status).not.toBe(403);
    const elsewhere = await call(url, { path: '/readyz', headers: { host: `127.0.0.2:${port}` } });
    expect(elsewhere.status).toBe(403);
    const named = await call(asked, { path: '/readyz', headers: { host: `127.0.0.3:${port}` } });
    expect(named).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } });
    expect(named.text).toContain(`127.0.0.3:${port}`);
  });

  it('may be missing in HTTP/1.0, which health checks of balancers speak, and in no other version', async () => {
    const { url } = await startInProcess({ upstreams: [] });
    expect(await say(url, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await say(url, 'GET /v1/models HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 /);
    const asks = `GET /mcp HTTP/1.0\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    expect(await say(url, asks)).toMatch(/^HTTP\/1\.1 405 /);
    expect(await say(url, 'GET /healthz HTTP/1.0\r\nHost: evil.example.com\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await say(url, 'GET /healthz HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('needs no memory for each way to write it', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const check = new HostCheck({ ...TEST_SETTINGS, allowedHosts: ['gateway.example.com'] });
    const heapAfter = (count: number) => {
      for (let port = 1; port <= count; port += 1) {
        for (const name of ['gateway.example.com', 'Gateway.example.com']) {
          expect.assert(check.allows(`${name}:${port}`, { localAddress: '127.0.0.1', localPort: 8787 }));
        }
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = heapAfter(100);
    expect(heapAfter(99_999) - before).toBeLessThan(5_000_000);
  });

  it('may be a name that was allowed: with any port, unless it was allowed with one', () => {
    const allowedHosts = ['Gateway.example.com', 'other.example.com:8443', '[2001:db8::7]'];
    for (const host of [
      'gateway.example.com',
      'gateway.example.com:443',
      'other.example.com:8443',
      '[2001:db8::7]:1',
    ]) {
      expect(allows(host, { allowedHosts }), host).toBe(true);
    }
    for (const host of [
      'other.example.com',
      'other.example.com:443',
      'x.gateway.example.com',
      'gateway.example.com.',
    ]) {
      expect(allows(host, { allowedHosts }), host).toBe(false);
    }
  });
});

describe('a web page', () => {
  it('of no origin may call by default, and is told nothing that would let it', async () => {
    const { url } = await startInProcess({ upstreams: [] });
    for (const headers of [
      { origin: ORIGIN },
      { ...BEARER, origin: ORIGIN },
      { origin: ORIGIN, 'access-control-request-method': 'POST' },
      { origin: new URL(url).origin },
    ]) {
      const reply = await call(url, { method: 'OPTIONS', path: '/v1/chat/completions', headers });
      expect(reply.status).toBe(403);
      expect(JSON.stringify(reply.headers)).not.toMatch(/access-control/);
    }
    expect((await call(url, { method: 'OPTIONS', path: '/v1/chat/completions' })).status).toBe(405);
  });

  it('of an allowed origin gets its preflight and may read answers, without cookies', async () => {
    const { url } = await startInProcess({ upstreams: [], settings: { allowedOrigins: [ORIGIN] } });
    const preflight = await call(url, {
      method: 'OPTIONS',
      path: '/v1/chat/completions',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'authorization, content-type',
      vary: 'origin',
    });
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials');

    const answer = await call(url, { path: '/v1/models', headers: { ...BEARER, origin: ORIGIN } });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect((await call(url, { path: '/v1/models', headers: { origin: ORIGIN } })).status).toBe(401);
  });

  it.each([
    `${ORIGIN}.evil.example.com`,
    `${ORIGIN}/`,
    `${ORIGIN}:443`,
    'http://app.example.com',
    'HTTPS://app.example.com',
    `https://x@app.example.com`,
    `${ORIGIN}, ${ORIGIN}`,
  ])('of the origin %s may not call where %s may', async (origin) => {
    const { url } = await startInProcess({ upstreams: [], settings: { allowedOrigins: [ORIGIN] } });
    const reply = await call(url, { path: '/v1/models', headers: { ...BEARER, origin } });
    expect(reply.status).toBe(403);
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
