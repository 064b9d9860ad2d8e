import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOP_HEADER } from '../../../src/core/network/hop.ts';
import { OPENAI_WIRE } from '../../../src/demo/vendors/openai.ts';
import type { Route } from '../../../src/http/http-types.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { MODEL } from '../../e2e/workplace.ts';
import { type FakeUpstream, startFakeUpstream } from '../../support/fake-upstream.ts';
import { call, type RawCall, type RawReply } from '../../support/raw-http.ts';
import { openInProcess, TOKEN } from '../../support/serve.ts';

const BODY_BYTES_MAX = 4_096;
const BEARER = { authorization: `Bearer ${TOKEN}` };
const JSON_TYPE = { 'content-type': 'application/json' };

let upstream: FakeUpstream;
let service: Awaited<ReturnType<typeof openInProcess>>;
beforeAll(async () => {
  upstream = await startFakeUpstream(OPENAI_WIRE, { models: [MODEL] });
  service = await openInProcess({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    settings: { bodyBytesMax: BODY_BYTES_MAX, allowedOrigins: ['https://app.example.com'] },
  });
});
afterAll(async () => {
  await service.close();
  await upstream.close();
});

const knock = (route: Route, more: RawCall = {}): Promise<RawReply> =>
  call(service.url, { method: route.method, path: pathOf(route), ...more });
const pathOf = ({ path }: Route) => path.replace(/:\w+(\{.*\})?/, 'some-id');
const nameOf = (route: Route) => `${route.method} ${route.path}`;

const all = ROUTES.map((route) => [nameOf(route), route] as const);
const guarded = all.filter(([, { access }]) => access === 'token');
// What is not served, or named by the path alone, reads no body.
const taking = all.filter(([, { method, path }]) => method === 'POST' && !path.includes(':id'));

it('no route is open but those that say nothing of the business', () => {
  expect(all.filter(([, { access }]) => access === 'open').map(([name]) => name)).toEqual([
    'GET /healthz',
    'GET /readyz',
  ]);
});

describe.each(guarded)('%s', (name, route) => {
  // Wrong tokens slow an address down; each route is tried from one of its own.
  const from = `127.0.1.${guarded.findIndex(([other]) => other === name) + 1}`;

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer wrong-token-0000000000' }],
    ['the beginning of a token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['Basic', { authorization: `Basic ${Buffer.from(`user:${TOKEN}`).toString('base64')}` }],
    ['an empty Authorization', { authorization: '' }],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['a token without a scheme', { authorization: TOKEN }],
    ['a token under another scheme', { authorization: `Basic bearer ${TOKEN}` }],
    ['more than a token', { authorization: `Bearer ${TOKEN} more` }],
    ['two Authorization headers', { authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] }],
    ['a cookie', { cookie: `token=${TOKEN}` }],
  ])('answers 401 to %s', async (_what, headers) => {
    const reply = await knock(route, { headers, from });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer/);
    expectShape(route, reply);
  });
});

describe.each(all)('%s', (_name, route) => {
  it.each([
    ['another name', 'evil.example.com'],
    ['a name that begins like ours', `127.0.0.1.evil.example.com`],
    ['our name with another port', '127.0.0.1:1'],
    ['every address', '0.0.0.0'],
  ])('answers 403 when Host is %s, with a token too', async (_what, host) => {
    expect((await knock(route, { headers: { ...BEARER, host } })).status).toBe(403);
  });

  it.each([
    'http://evil.example.com',
    'null',
    'http://localhost.evil.example.com',
    'http://127.0.0.1@evil.example.com',
  ])('answers 403 to the origin %s, with a token too', async (origin) => {
    const reply = await knock(route, { headers: { ...BEARER, origin } });
    expect(reply.status).toBe(403);
    expectShape(route, reply);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('answers 403 to the right origin with the wrong Host', async () => {
    const headers = { ...BEARER, origin: 'https://app.example.com', host: 'app.example.com' };
    expect((await knock(route, { headers })).status).toBe(403);
  });

  it('answers 405 and what would do to another method', async () => {
    const reply = await knock(route, { method: 'PUT', headers: BEARER });
    expect(reply.status).toBe(405);
    expect(reply.headers.allow?.split(', ')).toContain(route.method);
  });

  it('answers 508 to what comes back from a provider', async () => {
    const reply = await knock(route, { headers: { ...BEARER, [HOP_HEADER]: '1' } });
    expect(reply.status).toBe(508);
    expectShape(route, reply);
  });

  it('is never kept by anyone in between, nor taken for another type', async () => {
    const { headers } = await knock(route, {});
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe.each(taking)('%s', (_name, route) => {
  it.each([
    ['no type', {}],
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text that mentions JSON', { 'content-type': 'text/plain; x=application/json' }],
    ['a type that begins like JSON', { 'content-type': 'application/jsonp' }],
    ['JSON in Latin-1', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['brotli', { ...JSON_TYPE, 'content-encoding': 'br' }],
    ['an unknown encoding', { ...JSON_TYPE, 'content-encoding': 'x-secret' }],
  ])('answers 415 to %s', async (_what, headers) => {
    const reply = await knock(route, { headers: { ...BEARER, ...headers }, body: '{}' });
    expect(reply.status).toBe(415);
    expectShape(route, reply);
  });

  it('answers 413 to a body that says it is too large', async () => {
    const body = JSON.stringify({ model: 'x'.repeat(BODY_BYTES_MAX) });
    const reply = await knock(route, {
      headers: { ...BEARER, ...JSON_TYPE, 'content-length': String(body.length) },
      body,
    });
    expect(reply.status).toBe(413);
    expectShape(route, reply);
  });

  it.each([
    [BODY_BYTES_MAX, 400],
    [BODY_BYTES_MAX + 1, 413],
  ])('reads a body to the last byte that is taken, and not one more: to %i it answers %i', async (bytes, status) => {
    for (const framing of [{ 'content-length': String(bytes) }, { 'transfer-encoding': 'chunked' }]) {
      const reply = await knock(route, { headers: { ...BEARER, ...JSON_TYPE, ...framing }, body: 'x'.repeat(bytes) });
      expect(reply.status).toBe(status);
    }
  });

  it('answers 413 to a body that turns out too large', async () => {
    const headers = { ...BEARER, ...JSON_TYPE, 'transfer-encoding': 'chunked' };
    const reply = await knock(route, { headers, body: JSON.stringify({ model: 'x'.repeat(BODY_BYTES_MAX) }) });
    expect(reply.status).toBe(413);
  });

  it.each([
    ['nothing', ''],
    ['half of an object', '{"model":'],
    ['a list', '[]'],
    ['a number', '7'],
    ['null', 'null'],
    ['a text', '"{}"'],
    ['the same key twice', '{"model":"a","model":"b"}'],
    ['a key of prototypes', '{"__proto__":{"polluted":true}}'],
    ['nesting without end', `{"a":${'['.repeat(1_500)}${']'.repeat(1_500)}}`],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ])('answers 400 to %s', async (_what, body) => {
    const reply = await knock(route, { headers: { ...BEARER, ...JSON_TYPE }, body });
    expect(reply.status).toBe(400);
    expectShape(route, reply);
    expect(reply.text).not.toMatch(/\bat .*:\d+:\d+|node:internal|SyntaxError/);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

it('nothing of all that reached a provider', () => {
  expect(upstream.requests).toEqual([]);
});

/** The error in the words of the route's clients. */
function expectShape({ dialect }: Route, { json }: RawReply): void {
  if (dialect === 'openai') {
    expect(json).toEqual({
      error: {
        message: expect.any(String),
        type: expect.any(String),
        param: json.error.param,
        code: expect.any(String),
      },
    });
  } else if (dialect === 'anthropic') {
    expect(json).toMatchObject({ type: 'error', error: { type: expect.any(String), message: expect.any(String) } });
  } else if (dialect === 'mcp') {
    expect(json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
  } else {
    expect(json).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  }
}
