import { describe, expect, it } from 'vitest';
import { HostCheck } from '../../../src/http/guard/host-check.ts';
import type { HttpSettings } from '../../../src/http/http-settings.ts';
import { call } from '../../support/raw-http.ts';
import { startInProcess, TEST_SETTINGS, TOKEN } from '../../support/serve.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const ORIGIN = 'https://app.example.com';

function allows(host: string | undefined, settings: Partial<HttpSettings> = {}, port = 8787): boolean {
  return new HostCheck({ ...TEST_SETTINGS, ...settings }).allows(host, port);
}

describe('the Host header', () => {
  it.each(['127.0.0.1:8787', 'localhost:8787', 'LocalHost:8787', '[::1]:8787'])('may be %s', (host) => {
    expect(allows(host)).toBe(true);
  });

  it.each([
    undefined,
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
