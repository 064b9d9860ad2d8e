import { beforeEach, describe, expect, test } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { readJsonBody } from '../../../src/http/request/read-json-body.ts';
import { type InProcess, startInProcess, TOKEN } from '../../support/serve.ts';

const ANSWER_CHARACTERS_MAX = 8 * 1_048_576;
const OTHER_TOKEN = 'other-token-7Hq2LmZ8kT9v';
const TOKENS = [
  { value: TOKEN, caller: { tenant: 'one' } },
  { value: OTHER_TOKEN, caller: { tenant: 'other' } },
];

let answered: number;
let release: () => void;
let service: InProcess;

/** Says how often it was asked; `wait` in the body has it wait, `length` has it say much. */
function countingRoute(path: string): Route {
  const { promise, resolve } = Promise.withResolvers<void>();
  release = resolve;
  return {
    method: 'POST',
    path,
    dialect: 'openai',
    access: 'token',
    async handle(open) {
      const { wait, length = 0 } = await readJsonBody(open);
      answered += 1;
      const body = { count: answered, text: 'x'.repeat(Number(length)) };
      if (wait === true) await promise;
      return jsonReply(body);
    },
  };
}

/** A stream as long as can be kept. */
const LONG_STREAM: Route = {
  method: 'POST',
  path: '/stream',
  dialect: 'openai',
  access: 'token',
  async handle({ outgoing, recording }) {
    answered += 1;
    const text = JSON.stringify({ count: answered, text: 'x'.repeat(ANSWER_CHARACTERS_MAX - 1_000) });
    recording?.begin({ 'content-type': 'application/json' });
    recording?.add(text);
    await recording?.complete();
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(text);
    return 'sent';
  },
};

beforeEach(async () => {
  answered = 0;
  const routes = [countingRoute('/other'), countingRoute('/count'), LONG_STREAM];
  service = await startInProcess({ upstreams: [], routes, settings: { tokens: TOKENS } });
});

type Ask = { readonly token?: string; readonly path?: string; readonly headers?: Readonly<Record<string, string>> };

async function ask(key: string, body: object = {}, { token = TOKEN, path = '/count', headers = {} }: Ask = {}) {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const { count } = (await response.json()) as { count?: number };
  return { status: response.status, count, headers: response.headers };
}

describe('an answer under an Idempotency-Key', () => {
  test('is kept when it was streamed, however many were before', async () => {
    for (let count = 1; count <= 9; count += 1) {
      for (const isReplayed of [null, 'true']) {
        const reply = await ask(`stream ${count}`, {}, { path: '/stream' });
        expect([reply.status, reply.count, reply.headers.get('idempotent-replayed')]).toEqual([200, count, isReplayed]);
      }
    }
  });

  test("is its tenant's alone", async () => {
    expect(await ask('same')).toMatchObject({ count: 1 });
    expect(await ask('same', {}, { token: OTHER_TOKEN })).toMatchObject({ count: 2 });
    expect(await ask('same')).toMatchObject({ count: 1 });
  });

  test('is of the path and of the headers that decide it, not of those that do not', async () => {
    const headers = { 'x-signalbox-tier': 'simple', 'x-signalbox-cache': 'off' };
    expect(await ask('key', {}, { headers })).toMatchObject({ count: 1 });
    const reversed = Object.fromEntries(Object.entries(headers).reverse());
    const more = { ...reversed, 'user-agent': 'another/2', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` };
    expect(await ask('key', {}, { headers: more })).toMatchObject({ count: 1 });
    for (const other of [
      { headers: { ...headers, 'x-signalbox-tier': 'expert' } },
      { headers: { 'x-signalbox-tier': 'simple' } },
      { headers, path: '/other' },
    ]) {
      expect(await ask('key', {}, other)).toMatchObject({ status: 422 });
    }
  });

  test('that was too long to be kept is not paid again, and clients are told not to insist', async () => {
    const body = { length: ANSWER_CHARACTERS_MAX };
    expect(await ask('long', body)).toMatchObject({ status: 200, count: 1 });
    const again = await ask('long', body);
    expect(again.status).toBe(409);
    expect(again.headers.get('x-should-retry')).toBe('false');
    expect(answered).toBe(1);
    const almost = { length: ANSWER_CHARACTERS_MAX - 1_000 };
    expect(await ask('almost', almost)).toMatchObject({ count: 2 });
    expect(await ask('almost', almost)).toMatchObject({ status: 200, count: 2 });
  });

  test('that is still due is a 409 that says when to come again', async () => {
    const due = ask('due', { wait: true });
    await expect.poll(() => answered).toBe(1);
    const early = await ask('due', { wait: true });
    expect(early.status).toBe(409);
    expect(early.headers.get('retry-after')).toBe('1');
    expect(early.headers.get('x-should-retry')).toBeNull();
    release();
    expect((await due).status).toBe(200);
    expect(await ask('due', { wait: true })).toMatchObject({ status: 200, count: 1 });
  });
});
