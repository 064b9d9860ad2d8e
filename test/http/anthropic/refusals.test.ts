import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from '../openai/service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai'], {
    settings: { bodyBytesMax: 200_000 },
    config: { routing: { tiers: TIERS, aliases: { smart: `openai/${MODEL}` } } },
  });
});
afterAll(async () => {
  // Nothing that is refused reaches a provider; the books know only what was planned, without an attempt.
  expect(service.receivedCount()).toBe(0);
  const log = await service.app.gateway.requestLog({ limit: 100 });
  expect(log.map(({ error, attempts }) => [error, attempts])).toEqual(log.map(() => ['capability_missing', []]));
  await service.close();
});

const TIERS = Object.fromEntries(
  ['trivial', 'simple', 'medium', 'complex', 'expert'].map((tier) => [tier, [`openai/${MODEL}`]]),
);
const MESSAGES = '/v1/messages';
const COUNT = '/v1/messages/count_tokens';
const BODY = { model: 'auto', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
const TEXT = JSON.stringify(BODY);

type Case = readonly [
  name: string,
  body: unknown,
  expected: readonly [status: number, type: string, words: RegExp],
  headers?: Record<string, string>,
];

const INVALID = 'invalid_request_error';
const with_ = (more: object) => ({ ...BODY, ...more });

const CASES: readonly Case[] = [
  ['an empty body', '', [400, INVALID, /empty/]],
  ['a body that is no JSON', '{"model":', [400, INVALID, /JSON/]],
  ['a list', [], [400, INVALID, /object/]],
  ['a number', 7, [400, INVALID, /object/]],
  ['null', null, [400, INVALID, /null/]],
  ['nesting without end', `{"model":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, [400, INVALID, /nested/]],
  ['a body that is too large', with_({ system: 'x'.repeat(300_000) }), [413, 'request_too_large', /bytes/]],
  [
    'another type of content',
    TEXT,
    [415, INVALID, /application\/json/],
    { 'content-type': 'text/plain; x=application/json' },
  ],
  ['an unknown encoding', TEXT, [415, INVALID, /encod/i], { 'content-encoding': 'gzip' }],
  ['half a surrogate pair', TEXT.replace('Hello', '\\ud83d'), [400, INVALID, /surrogate/]],
  ['a NUL', TEXT.replace('Hello', '\\u0000'), [400, INVALID, /NUL/]],
  ['a key twice', `{"model":"auto",${TEXT.slice(1)}`, [400, INVALID, /"model" stands twice/]],
  ['__proto__', `{"__proto__":{},${TEXT.slice(1)}`, [400, INVALID, /__proto__/]],
  ['constructor', with_({ constructor: {} }), [400, INVALID, /constructor/]],
  ['prototype', with_({ prototype: {} }), [400, INVALID, /prototype/]],
  ['a key in capitals', with_({ Model: 'x' }), [400, INVALID, /"Model".*"model"/]],
  ['no model', { ...BODY, model: undefined }, [400, INVALID, /"model" is required/]],
  ['no messages', { ...BODY, messages: undefined }, [400, INVALID, /"messages" is required/]],
  ['no max_tokens', { ...BODY, max_tokens: undefined }, [400, INVALID, /"max_tokens" is required/]],
  ['a number too large', TEXT.replace('100', '1e999'), [400, INVALID, /"max_tokens".*too large/]],
  ['a whole number beyond precision', TEXT.replace('100', '9007199254740993'), [400, INVALID, /"max_tokens"/]],
  ['NaN', TEXT.replace('100', 'NaN'), [400, INVALID, /JSON/]],
  ['a text for a number', with_({ temperature: '0.7' }), [400, INVALID, /"temperature" must be a number/]],
  ['several answers', with_({ n: 2 }), [400, INVALID, /"n"/]],
  ['the options of another API', with_({ stream_options: {} }), [400, INVALID, /"stream_options"/]],
  ['stream as a text', with_({ stream: 'yes' }), [400, INVALID, /"stream" must be true or false/]],
  ['an address of the caller’s', with_({ base_url: 'https://example.com' }), [400, INVALID, /"base_url"/]],
  ['a key of the caller’s', with_({ api_key: 'x' }), [400, INVALID, /"api_key"/]],
  [
    'an address in a header',
    BODY,
    [400, INVALID, /x-signalbox-base-url/],
    { 'x-signalbox-base-url': 'https://example.com' },
  ],
  ['a provider that is not configured', BODY, [404, 'not_found_error', /nobody/], { 'x-signalbox-provider': 'nobody' }],
  ['an unknown model', with_({ model: 'openai/gpt-0' }), [404, 'not_found_error', /gpt-0/]],
  [
    'a model of Claude that nobody serves',
    with_({ model: 'claude-haiku-0' }),
    [404, 'not_found_error', /claude-haiku-0/],
  ],
  ['a model that is a path', with_({ model: '../../etc/passwd' }), [400, INVALID, /"?model"?/]],
  ['a model that is an address', with_({ model: 'https://example.com/x' }), [400, INVALID, /"?model"?/]],
  ['a model with control characters', with_({ model: 'a\u0007b' }), [400, INVALID, /"?model"?/]],
  ['a model of many bytes', with_({ model: 'a'.repeat(300) }), [400, INVALID, /"?model"?/]],
  ['an empty model', with_({ model: '' }), [400, INVALID, /"?model"?/]],
  ['an unknown tier', with_({ model: 'tier:huge' }), [400, INVALID, /tier:/]],
  ['an unknown role', with_({ messages: [{ role: 'tool', content: 'x' }] }), [400, INVALID, /messages\[0\]\.role/]],
  ['a setting the model does not take', with_({ model: 'smart', top_k: 4 }), [400, INVALID, /top_k/]],
  [
    'a schema that is none',
    with_({
      output_config: {
        format: { type: 'json_schema', schema: { type: 'object', properties: { a: { $ref: '#/nowhere' } } } },
      },
    }),
    [400, INVALID, /reference|schema/],
  ],
];

async function send(path: string, [name, body, [status, type, words], headers]: Case): Promise<void> {
  const response = await service.post(path, body, headers);
  const text = await response.text();
  const answer = JSON.parse(text);
  expect([name, response.status, answer.type, answer.error.type]).toEqual([name, status, 'error', type]);
  expect(answer.error.message).toMatch(words);
  expect(text).not.toMatch(/\bat .*\.(?:ts|js|mjs):\d|node_modules/);
  expect(response.headers.get('content-type')).toContain('application/json');
}

describe('/v1/messages refuses in the vendor’s shape', () => {
  it.each(CASES.map((each) => [each[0], each] as const))('%s', (_name, each) => send(MESSAGES, each));

  it('the same when a stream is asked for, before it begins', async () => {
    for (const each of CASES) {
      const body =
        typeof each[1] === 'object' && each[1] !== null && !Array.isArray(each[1])
          ? { stream: true, ...each[1] }
          : each[1];
      await send(MESSAGES, [each[0], body, each[2], each[3]] as Case);
    }
  });

  it('who has no token, or a wrong one', async () => {
    for (const headers of [
      {},
      { 'x-api-key': 'wrong' },
      { authorization: 'Basic eDp5' },
      { authorization: 'Bearer ' },
    ]) {
      for (const path of [MESSAGES, COUNT]) {
        const response = await fetch(service.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: TEXT,
        });
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
      }
    }
  });

  it('wrong methods and paths that do not exist', async () => {
    const wrongMethod = await service.get(MESSAGES);
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await wrongMethod.json()).toMatchObject({ type: 'error', error: { type: INVALID } });
    const batches = await service.post('/v1/messages/batches', { requests: [] });
    expect(batches.status).toBe(404);
    expect(await batches.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });
});

describe('/v1/messages/count_tokens', () => {
  const { max_tokens: _, ...countable } = BODY;

  const wrong: readonly Case[] = [
    ['fields that say how to answer', BODY, [400, INVALID, /"max_tokens"/]],
    ['a wrong message', { ...countable, messages: [] }, [400, INVALID, /"messages"/]],
    ['no model', { messages: BODY.messages }, [400, INVALID, /"model" is required/]],
    ['an unknown field', { ...countable, modle: 'x' }, [400, INVALID, /"modle".*"model"/]],
    [
      'a field without naming those that are unknown here too',
      { ...countable, max_token: 1 },
      [400, INVALID, /"max_token"\. Known are model, messages, system, tools, /],
    ],
    ['an unknown model', { ...countable, model: 'nobody-knows' }, [404, 'not_found_error', /no model "nobody-knows"/]],
  ];
  it.each(wrong.map((each) => [each[0], each] as const))('refuses %s', (_name, each) => send(COUNT, each));

  it.each(['auto', MODEL, `openai/${MODEL}`, 'nobody-knows'])(
    'refuses a provider that is not there, for %s as for a message',
    async (model) => {
      const headers = { 'x-signalbox-provider': 'nobody' };
      const answers = [
        await service.post(COUNT, { ...countable, model }, headers),
        await service.post(MESSAGES, { ...BODY, model }, headers),
      ];
      const [counted, asked] = await Promise.all(
        answers.map(async (one) => [one.status, (await one.json()) as { readonly error: object }] as const),
      );
      expect(counted?.[0]).toBe(404);
      expect(counted?.[1]).toMatchObject({
        error: { message: expect.stringContaining('There is no provider "nobody".') },
      });
      expect([counted?.[0], counted?.[1].error]).toEqual([asked?.[0], asked?.[1].error]);
    },
  );

  it.each(['auto', 'Auto', 'auto:cost', 'tier:simple'])('counts for %s, which is no model', async (model) => {
    expect((await service.post(COUNT, { ...countable, model })).status).toBe(200);
  });

  it('takes a null for a field that is not there, also of those that say how to answer', async () => {
    expect((await service.post(COUNT, { ...countable, max_tokens: null, stream: null })).status).toBe(200);
  });

  it('counts everything that is sent', async () => {
    const count = async (more: object): Promise<number> => {
      const response = await service.post(COUNT, { ...countable, ...more });
      expect([response.status, response.headers.get('x-signalbox-estimated')]).toEqual([200, 'true']);
      return ((await response.json()) as { input_tokens: number }).input_tokens;
    };
    const bare = await count({});
    const tools = [{ name: 'weather', description: 'The weather of a town', input_schema: { type: 'object' } }];
    for (const more of [
      { system: 'Be brief and kind.' },
      { tools },
      { messages: [...BODY.messages, ...BODY.messages] },
    ]) {
      expect(await count(more)).toBeGreaterThan(bare);
    }
    expect(await count({ messages: [{ role: 'user', content: 'word '.repeat(20_000) }] })).toBeGreaterThan(15_000);
  });
});
