import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findStructureFault } from '../../../src/core/json/json-structure.ts';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { requireJson } from '../../../src/http/request/content-type.ts';
import { readJsonBody } from '../../../src/http/request/read-json-body.ts';
import { startClock } from '../../support/given-time.ts';
import { call, talk } from '../../support/raw-http.ts';
import { openInProcess, startInProcess, TOKEN } from '../../support/serve.ts';

const ECHO: Route = {
  method: 'POST',
  path: '/echo',
  dialect: 'openai',
  access: 'token',
  handle: async (open) => jsonReply(await readJsonBody(open)),
};

let service: Awaited<ReturnType<typeof openInProcess>>;
beforeAll(async () => {
  service = await openInProcess({ upstreams: [], routes: [ECHO] });
});
afterAll(() => service.close());

const send = (body: string | Uint8Array, type = 'application/json') =>
  call(service.url, {
    method: 'POST',
    path: '/echo',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type },
    body,
  });

describe('a body', () => {
  it.each([
    '{}',
    ' {"a":1}\n',
    '{"a":[{"b":1},{"b":2}],"b":{"a":1}}',
    String.raw`{"text":"\u00e9\ud83d\ude00\n\"\\"}`,
    '{"text":"é😀 \u2028"}',
    String.raw`{"a\"b":1,"a\\":2,"a":3}`,
    String.raw`{"path":"C:\\u0000"}`,
    `{"deep":${'['.repeat(98)}${']'.repeat(98)}}`,
    JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, index]))),
  ])('is read as it is: %s', async (text) => {
    const reply = await send(text);
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual(JSON.parse(text));
  });

  it('may begin with a byte order mark, once', async () => {
    expect((await send('\ufeff{"a":"\ufeffb"}')).json).toEqual({ a: '\ufeffb' });
    expect((await send('\ufeff\ufeff{}')).status).toBe(400);
  });

  it.each([
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json;',
    'application/json ; x=y',
    'application/json;\t charset="utf-8" \t',
  ])('may be of the type %s', async (type) => {
    expect((await send('{}', type)).status).toBe(200);
  });

  it('may not say its type in a text that is made to be long to look at', () => {
    for (const space of [' ', '\t', ' x ']) {
      const type = `application/json; charset=${space.repeat(300_000)}@`;
      expect(() => requireJson({ 'content-type': type })).toThrow('has to be JSON');
    }
  });

  it.each([
    ['white space', '  \n'],
    ['a comment', '{/* a */}'],
    ['a trailing comma', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['two values', '{}{}'],
    ['NaN', '{"a":NaN}'],
    ['a line break in a text', '{"a":"\n"}'],
    ['a byte order mark alone', '\ufeff'],
    ['true', 'true'],
  ])('is refused: %s', async (_what, text) => {
    expect((await send(text)).status).toBe(400);
  });

  it.each([
    ['at the top', '{"model":"a","model":"b"}', 'model'],
    ['in the depth', '{"messages":[{"role":"user","role":"system"}]}', 'role'],
    ['written differently', String.raw`{"model":"a","\u006dodel":"b"}`, 'model'],
    ['among many', `{${Array.from({ length: 40 }, (_, index) => `"k${index}":1`).join()},"k3":2}`, 'k3'],
  ])('with a key twice is refused by name: %s', async (_where, text, key) => {
    const reply = await send(text);
    expect(reply.status).toBe(400);
    expect(reply.json.error).toMatchObject({ code: 'invalid_request', param: key });
    expect(reply.json.error.message).toContain(`"${key}"`);
  });

  it.each(['__proto__', 'constructor', 'prototype', String.raw`__proto\u005f_`])(
    'with the key %s is refused at any depth, and prototypes stay as they are',
    async (key) => {
      for (const text of [`{"${key}":{"polluted":1}}`, `{"a":[{"${key}":{"polluted":1}}]}`]) {
        expect((await send(text)).status).toBe(400);
      }
      expect(Object.prototype).not.toHaveProperty('polluted');
      expect((await send(String.raw`{"text":"__proto__","text2":"\"constructor\":"}`)).status).toBe(200);
    },
  );

  it.each([
    ['half of a surrogate pair', String.raw`{"a":"\ud83d"}`],
    ['the other half', String.raw`{"a":["\ude00"]}`],
    ['a pair the wrong way round', String.raw`{"a":"\ude00\ud83d"}`],
    ['half of a pair in a key', String.raw`{"\ud83d":1}`],
    ['NUL', String.raw`{"a":{"b":"\u0000"}}`],
    ['broken UTF-8', Buffer.from('{"a":"\xe9"}', 'latin1')],
    ['a surrogate in UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0xbd, 0x22, 0x7d])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ])('that holds %s is refused', async (_what, text) => {
    const reply = await send(text);
    expect(reply.status).toBe(400);
    expect(reply.json.error.message).toMatch(/surrogate|NUL|UTF-8|JSON/);
  });

  it('nested 10,000 deep is refused, in objects as in lists', async () => {
    const lists = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const objects = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    for (const text of [lists, objects]) {
      const reply = await send(text);
      expect(reply.status).toBe(400);
      expect(reply.json.error.message).toMatch(/deeper than 100/);
    }
  });

  it('of ten megabytes is read', async () => {
    const text = JSON.stringify({ prompt: 'word "quoted" \\ '.repeat(650_000) });
    expect((await send(text)).text).toHaveLength(text.length);
  });
});

it('whose client is gone before it is read is not waited for', async () => {
  const { promise: read, resolve } = Promise.withResolvers<unknown>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const late: Route = {
    ...ECHO,
    async handle(open) {
      const { incoming } = open;
      begin();
      while (!incoming.destroyed) await pause(5);
      const outcome = readJsonBody(open);
      resolve(await outcome.catch((error: unknown) => error));
      return jsonReply({});
    },
  };
  const { url } = await startInProcess({ upstreams: [], routes: [late] });
  const { socket } = talk(
    url,
    `POST /echo HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  await begun;
  socket.destroy();
  expect(await read).toMatchObject({ code: 'cancelled' });
});

it('an object of more members than anybody has a use for is refused before it is parsed', async () => {
  const members = (count: number) => Array.from({ length: count }, (_, at) => `"key${at}":1`).join();
  const wide = await send(`{"a":[{${members(10_001)}}]}`);
  expect(wide.status).toBe(400);
  expect(wide.json.error.message).toMatch(/an object of more than 10,000 members/);
  expect((await send(`{"a":[{${members(10_000)}},{${members(10_000)}}]}`)).status).toBe(200);
});

it('objects of ever other members, for each of which V8 makes a description, are refused before they are parsed', async () => {
  const crowd = (objects: number) => {
    const one = (at: number) => `{${Array.from({ length: 100 }, (_, index) => `"k${at}_${index}":1`).join()}}`;
    return `{"a":[${Array.from({ length: objects }, (_, at) => one(at)).join()}]}`;
  };
  const refused = await send(crowd(2_600));
  expect(refused.status).toBe(400);
  expect(refused.json.error.message).toMatch(/The objects in the body hold more than 250,000 members/);
});

it('brackets by the million are refused before they are parsed, which would hold everybody up', async () => {
  const brackets = 14_000_000;
  const elapsedMs = startClock();
  const reply = await send(`{"a":${'['.repeat(brackets)}${']'.repeat(brackets)}}`);
  expect(reply.status).toBe(400);
  expect(reply.json.error.message).toMatch(/deeper than 100/);
  const many = await send(`{"a":[${'[],'.repeat(5_000_000)}1]}`);
  expect(many.status).toBe(400);
  expect(many.json.error.message).toMatch(/more than 1,500,000 values/);
  // Parsing alone took twice as long.
  expect(elapsedMs()).toBeLessThan(2_000);
});

it('the structure of a text is looked through in one go, however it is built', () => {
  const elapsedMs = startClock();
  for (const text of [
    `{"a":"${'\\\\'.repeat(1_000_000)}"}`,
    `{"a":"${'\\"'.repeat(1_000_000)}"}`,
    `{"a":[${'"",'.repeat(1_000_000)}""]}`,
    `{${Array.from({ length: 200_000 }, (_, index) => `"k${index}":0`).join()}}`,
  ]) {
    expect(findStructureFault(text, 100)).toBeUndefined();
  }
  // Quadratic work would take minutes.
  expect(elapsedMs()).toBeLessThan(5_000);
});
