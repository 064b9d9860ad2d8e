import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Gatekeeper } from '../../../src/http/guard/gatekeeper.ts';
import { MemoryStates } from '../../../src/http/guard/memory-states.ts';
import type { AccessToken } from '../../../src/http/http-settings.ts';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import type { OpenRequest } from '../../../src/http/request/open-request.ts';
import { call, type RawCall } from '../../support/raw-http.ts';
import { startInProcess, TEST_SETTINGS, TOKEN } from '../../support/serve.ts';

const OTHER = 'other-token-9Yw2LpQx7RsK';
const WRONG = 'wrong-token-000000000000';

/** Tells who was let in. */
const WHOAMI: Route = {
  method: 'GET',
  path: '/whoami',
  dialect: 'openai',
  access: 'token',
  handle: async (open) => jsonReply(open.caller),
};

async function whoami(
  tokens: readonly AccessToken[] | 'open',
  more: readonly Route[] = [],
  trustedProxies: readonly string[] = [],
) {
  const settings = { tokens, trustedProxies };
  const service = await startInProcess({ upstreams: [], routes: [WHOAMI, ...more], settings });
  return {
    ...service,
    ask: (token: string | undefined, { headers, ...rest }: RawCall = {}) =>
      call(service.url, {
        path: '/whoami',
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        ...rest,
      }),
  };
}

const token = (value: string, tenant: string, more: Partial<AccessToken> = {}): AccessToken => ({
  value,
  caller: { tenant },
  ...more,
});

describe('a token', () => {
  it('stands for its tenant, team and user', async () => {
    const { ask } = await whoami([
      token(TOKEN, 'one'),
      { value: OTHER, caller: { tenant: 'two', team: 'blue', user: 'ada' } },
    ]);
    expect((await ask(TOKEN)).json).toMatchObject({ tenant: 'one' });
    expect((await ask(OTHER)).json).toMatchObject({ tenant: 'two', team: 'blue', user: 'ada' });
  });

  it('may follow the scheme in any case', async () => {
    const { ask } = await whoami([token(TOKEN, 'one')]);
    for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
      expect((await ask(undefined, { headers: { authorization: `${scheme} ${TOKEN}` } })).status).toBe(200);
    }
  });

  it('is taken from x-api-key for clients of Anthropic alone', async () => {
    const messages: Route = { ...WHOAMI, path: '/v1/messages', dialect: 'anthropic' };
    const { ask } = await whoami([token(TOKEN, 'one')], [messages]);
    const headers = { 'x-api-key': TOKEN };
    expect((await ask(undefined, { path: '/v1/messages', headers })).status).toBe(200);
    expect((await ask(undefined, { headers })).status).toBe(401);
    expect((await ask(undefined, { headers: { ...headers, 'anthropic-version': '2023-06-01' } })).status).toBe(200);
    const refused = await ask(undefined, { path: '/v1/messages', headers: { 'x-api-key': WRONG } });
    expect(refused.json).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  });

  it('is found wherever it stands in the list', async () => {
    const tokens = Array.from({ length: 50 }, (_, index) => token(`${TOKEN}-${index}`, `tenant-${index}`));
    const { ask } = await whoami(tokens);
    for (const index of [0, 25, 49]) {
      expect((await ask(`${TOKEN}-${index}`)).json).toMatchObject({ tenant: `tenant-${index}` });
    }
  });

  it('is compared by its digest, with all tokens and each to its end', () => {
    const source = readFileSync(join(import.meta.dirname, '../../../src/http/guard/authenticate.ts'), 'utf8');
    const body = /find\(presented[\s\S]*?\n {2}\}/.exec(source)?.[0] ?? '';
    expect(body).toContain('timingSafeEqual(entry.digest, digest)');
    expect(body.match(/\breturn\b/g)).toHaveLength(1);
    expect(body).not.toMatch(/\bbreak\b|===|\.find\(|\.some\(|startsWith/);
  });

  it('is not needed where the server is open, and nobody is anybody but local then', async () => {
    const { ask } = await whoami('open');
    expect((await ask(undefined)).json).toMatchObject({ tenant: 'local' });
    expect((await ask(WRONG)).json).toMatchObject({ tenant: 'local' });
  });

  it('can be exchanged while the server runs', async () => {
    const { ask, http } = await whoami([token(TOKEN, 'one')]);
    expect((await ask(TOKEN)).status).toBe(200);
    http.apply({ ...TEST_SETTINGS, tokens: [token(OTHER, 'two')] });
    expect((await ask(TOKEN)).status).toBe(401);
    expect((await ask(OTHER)).json).toMatchObject({ tenant: 'two' });
  });
});

describe('the caller', () => {
  it('is known by the product of its user agent', async () => {
    const { ask } = await whoami([token(TOKEN, 'one')]);
    const clientOf = async (agent: string) => (await ask(TOKEN, { headers: { 'user-agent': agent } })).json.client;
    expect(await clientOf('OpenAI/JS 7.55.0')).toBe('OpenAI/JS');
    expect(await clientOf('curl/8.5.0')).toBe('curl');
    expect(await clientOf('')).toBe('http');
    // It goes into metrics and the log, so that it has to be plain text.
    for (const agent of ['Bö/1', 'öB/1']) expect(await clientOf(agent)).toBe('http');
    expect(await clientOf(`${'x'.repeat(500)}/1`)).toHaveLength(64);
    expect((await ask(TOKEN)).json.client).toBe('http');
  });

  it('is followed by its trace, when that is well formed', async () => {
    const { ask } = await whoami([token(TOKEN, 'one')]);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect((await ask(TOKEN, { headers: { traceparent } })).json).toMatchObject({ traceparent });
    expect((await ask(TOKEN, { headers: { traceparent: `${traceparent}\tx` } })).json).not.toHaveProperty(
      'traceparent',
    );
  });
});

describe('whoever tries tokens', () => {
  it('is told apart from others behind the same proxy, where that is trusted', async () => {
    const tokens = [token(TOKEN, 'one'), token(OTHER, 'two')];
    const { ask } = await whoami(tokens, [], ['127.0.0.1']);
    const through = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    for (let count = 0; count < 25; count += 1) await ask(`${WRONG}${count}`, through('198.51.100.1, 192.0.2.1'));
    expect((await ask(OTHER, through('192.0.2.1'))).status).toBe(429);
    expect((await ask(OTHER, through('192.0.2.2'))).status).toBe(200);
    expect((await ask(TOKEN, through('198.51.100.1'))).status).toBe(200);
  });

  it('is taken by its own address, whatever it says, where no proxy is trusted', async () => {
    const { ask } = await whoami([token(TOKEN, 'one')]);
    for (let count = 0; count < 25; count += 1) {
      await ask(`${WRONG}${count}`, { headers: { 'x-forwarded-for': `192.0.2.${count}` } });
    }
    expect((await ask(TOKEN, { headers: { 'x-forwarded-for': '192.0.2.200' } })).status).toBe(429);
  });

  it.each([{}, { requestsPerMinute: 100 }])(
    'is slowed down, and cannot tell then when one is right; limits %j',
    async (limits) => {
      const { ask } = await whoami([token(TOKEN, 'one', limits), token(OTHER, 'two')]);
      const from = '127.0.2.1';
      expect((await ask(TOKEN, { from })).status).toBe(200);
      const tries = [];
      for (let count = 0; count < 30; count += 1) tries.push((await ask(`${WRONG}${count}`, { from })).status);
      expect(tries.slice(0, 20)).toEqual(Array(20).fill(401));
      expect(tries.slice(20)).toEqual(Array(10).fill(429));

      const guessed = await ask(OTHER, { from });
      expect(guessed.status).toBe(429);
      expect(Number(guessed.headers['retry-after'])).toBeGreaterThan(0);
      // Who was right before is not shut out by a neighbour, and other addresses are not concerned.
      expect((await ask(TOKEN, { from })).status).toBe(200);
      expect((await ask(OTHER, { from: '127.0.2.2' })).status).toBe(200);
    },
  );

  it('is neither forgiven nor held against others when the configuration is read anew', async () => {
    const tokens = () => [token(TOKEN, 'one'), token(OTHER, 'two')];
    const { ask, http } = await whoami(tokens());
    const from = '127.0.2.3';
    expect((await ask(TOKEN, { from })).status).toBe(200);
    for (let count = 0; count < 20; count += 1) await ask(`${WRONG}${count}`, { from });
    http.apply({ ...TEST_SETTINGS, tokens: tokens() });
    expect((await ask(WRONG, { from })).status).toBe(429);
    expect((await ask(OTHER, { from })).status).toBe(429);
    expect((await ask(TOKEN, { from })).status).toBe(200);
  });
});

it('waits its turn with those of its tenant, in whichever header it stands; strangers wait together', () => {
  const settings = { ...TEST_SETTINGS, tokens: [token(TOKEN, 'one'), token(OTHER, 'two')] };
  const gatekeeper = new Gatekeeper(settings, new MemoryStates());
  const groupOf = (headers: IncomingHttpHeaders) =>
    gatekeeper.groupOf(Object.assign(new IncomingMessage(new Socket()), { headers }));
  expect(groupOf({ authorization: `Bearer ${TOKEN}` })).toBe('one');
  expect(groupOf({ 'x-api-key': OTHER })).toBe('two');
  const strangers = [{}, { authorization: 'Basic x' }, { authorization: `Bearer ${WRONG}` }, { 'x-api-key': WRONG }];
  expect(new Set(strangers.map(groupOf))).toEqual(new Set(['']));
});

describe('the limits of a token', () => {
  it("count its requests in a minute, and nobody else's", async () => {
    const { ask } = await whoami([token(TOKEN, 'one', { requestsPerMinute: 3 }), token(OTHER, 'two')]);
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await ask(TOKEN)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await ask(TOKEN);
    expect(refused.json.error).toMatchObject({ code: 'rate_limited', type: 'rate_limit_error' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(OTHER)).status).toBe(200);
  });

  it('are those of the tenant it has now, where a reload renamed him: other processes know the new name', async () => {
    const tokens = (tenant: string) => [token(TOKEN, tenant, { requestsPerMinute: 2 })];
    const { ask, http, app } = await whoami(tokens('before'));
    await ask(TOKEN);
    http.apply({ ...TEST_SETTINGS, tokens: tokens('after') });
    await ask(TOKEN);
    expect(app.states.read('token-rate/after')).toMatchObject({ taken: 1 });
  });

  it('go on counting when the configuration is read anew, unless they were changed', async () => {
    const limited = (requestsPerMinute: number) => ({
      ...TEST_SETTINGS,
      tokens: [token(TOKEN, 'one', { requestsPerMinute })],
    });
    const { ask, http } = await whoami(limited(2).tokens);
    expect([(await ask(TOKEN)).status, (await ask(TOKEN)).status]).toEqual([200, 200]);
    http.apply(limited(2));
    expect((await ask(TOKEN)).status).toBe(429);
    http.apply(limited(3));
    expect((await ask(TOKEN)).status).toBe(200);
    http.apply(limited(1));
    expect((await ask(TOKEN)).status).toBe(429);
  });

  it('lose nothing to a configuration that is read anew again and again, with another token and another limit beside', async () => {
    const tokens = (at: number) => [token(`${TOKEN}-${at}`, 'one', { requestsPerMinute: 200, concurrency: 10 + at })];
    const { ask, http } = await whoami(tokens(0));
    for (let at = 1; at <= 110; at += 1) {
      http.apply({ ...TEST_SETTINGS, tokens: tokens(at) });
      expect((await ask(`${TOKEN}-${at}`)).status).toBe(200);
    }
  });

  it('count its requests under way, which end with their answers', async () => {
    const held: OpenRequest[] = [];
    const gates: (() => void)[] = [];
    const hold: Route = {
      ...WHOAMI,
      path: '/hold',
      async handle(open) {
        held.push(open);
        await new Promise<void>((resolve) => gates.push(resolve));
        return jsonReply({});
      },
    };
    const limited = (concurrency: number) => ({ ...TEST_SETTINGS, tokens: [token(TOKEN, 'one', { concurrency })] });
    const { ask, http } = await whoami(limited(2).tokens, [hold]);
    const running = [ask(TOKEN, { path: '/hold' }), ask(TOKEN, { path: '/hold' })];
    while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await ask(TOKEN, { path: '/hold' })).status).toBe(429);
    // Those that a reload found under way count as well.
    http.apply(limited(3));
    running.push(ask(TOKEN, { path: '/hold' }));
    while (held.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await ask(TOKEN)).status).toBe(429);
    for (const open of gates.splice(0)) open();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await ask(TOKEN)).status).toBe(200);
  });
});

it('all callers together have a limit as well, which health is not subject to', async () => {
  const gates: (() => void)[] = [];
  const hold: Route = {
    ...WHOAMI,
    path: '/hold',
    async handle() {
      await new Promise<void>((resolve) => gates.push(resolve));
      return jsonReply({});
    },
  };
  const open: Route = { ...WHOAMI, path: '/open', access: 'open', handle: async () => jsonReply({}) };
  const { url } = await startInProcess({ upstreams: [], routes: [hold, open], settings: { requestsMax: 3 } });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const running = [1, 2, 3].map(() => call(url, { path: '/hold', headers }));
  while (gates.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const refused = await call(url, { path: '/hold', headers });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await call(url, { path: '/open' })).status).toBe(200);
  for (const release of gates) release();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200]);
});
