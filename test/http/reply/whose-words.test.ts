import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { say } from '../../support/raw-http.ts';
import { openInProcess, startServe } from '../../support/serve.ts';
import { until } from '../../support/until.ts';

let served: Awaited<ReturnType<typeof openInProcess>>;

beforeAll(async () => {
  served = await openInProcess({ upstreams: [] });
});

afterAll(() => served.close());

const VERSION = { 'anthropic-version': '2023-06-01' };

async function ask(method: string, path: string, headers: Record<string, string>) {
  const authorization = `Bearer ${served.token}`;
  const response = await fetch(`${served.url}${path}`, {
    method,
    headers: { authorization, ...headers },
    ...(method === 'POST' && { body: '{}' }),
  });
  const ids = ['x-signalbox-request-id', 'x-request-id', 'request-id'].map((name) => response.headers.get(name));
  expect(ids).toEqual(Array.from({ length: 3 }, () => ids[0]));
  return { status: response.status, id: ids[0], body: (await response.json()) as object };
}

const ID = expect.stringMatching(/^req_[0-9a-f]{32}$/);

it('the log knows a refusal by the id that the official clients show with it', async () => {
  const { url, token, stderr } = await startServe({ upstreams: [], config: { log: { level: 'debug' } } });
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  const refused = await openai.models.list().catch((error: unknown) => error as InstanceType<typeof OpenAI.APIError>);
  const anthropic = new Anthropic({ baseURL: url, apiKey: token, maxRetries: 0 });
  const faulty = { model: 'auto', max_tokens: -1, messages: [{ role: 'user', content: 'Hello' }] } as const;
  const invalid = await anthropic.messages
    .create({ ...faulty, messages: [...faulty.messages] })
    .catch((error: unknown) => error as InstanceType<typeof Anthropic.APIError>);
  for (const [error, status] of [
    [refused, 401],
    [invalid, 400],
  ] as const) {
    expect(error).toMatchObject({ status, requestID: ID });
    const { requestID } = error as { requestID: string };
    const lineOf = () =>
      stderr()
        .split('\n')
        .find((text) => text.includes(requestID) && text.endsWith('}'));
    await until(() => lineOf() !== undefined);
    expect(JSON.parse(lineOf() ?? '{}')).toMatchObject({ httpStatus: status });
  }
});

describe('a refusal is in the words that the client reads', () => {
  it.each([
    ['nothing at the path', 'POST', '/v1/complete', VERSION, 404],
    ['nothing at the path, by its key', 'POST', '/v1/complete', { 'x-api-key': 'any' }, 404],
    ['an address with /v1 twice', 'POST', '/v1/v1/messages', VERSION, 404],
    ['an address beside /v1', 'POST', '/anthropic/v1/messages', VERSION, 404],
    ['a part of the API that is not served', 'POST', '/v1/messages/batches', {}, 404],
    ['another method', 'POST', '/v1/models', VERSION, 405],
    ['a page that may not call', 'POST', '/v1/messages/batches', { origin: 'http://evil.example.com' }, 403],
    [
      'a page that may not call an unknown path',
      'POST',
      '/v1/x',
      { ...VERSION, origin: 'http://evil.example.com' },
      403,
    ],
    ['a page that may not ask for models', 'GET', '/v1/models', { ...VERSION, origin: 'http://evil.example.com' }, 403],
    ['no such type', 'POST', '/v1/messages', { 'content-type': 'text/plain' }, 415],
    ['a wrong token', 'GET', '/v1/models', { ...VERSION, authorization: 'Bearer wrong' }, 401],
  ])("Anthropic's: %s", async (_what, method, path, headers, status) => {
    const answer = await ask(method, path, headers);
    expect(answer).toEqual({
      status,
      id: ID,
      body: {
        type: 'error',
        error: { type: expect.stringMatching(/_error$/), message: expect.any(String) },
        request_id: answer.id,
      },
    });
  });

  it.each([
    ['nothing at the path', 'POST', '/v1/completions', {}, 404],
    ['another method', 'GET', '/v1/chat/completions', {}, 405],
    ['a page that may not call', 'POST', '/v1/completions', { origin: 'http://evil.example.com' }, 403],
    ['tokens that nobody counts', 'POST', '/v1/responses/input_tokens', {}, 404],
    ['a conversation that nobody compacts', 'POST', '/v1/responses/compact', {}, 404],
    ['a wrong token', 'POST', '/v1/responses/compact', { authorization: 'Bearer wrong' }, 401],
  ])("OpenAI's: %s", async (_what, method, path, headers, status) => {
    const answer = await ask(method, path, headers);
    const error = { message: expect.any(String), type: expect.any(String), code: expect.any(String), param: null };
    expect(answer).toEqual({ status, id: ID, body: { error } });
  });
});

it.each([
  ['POST', '/register'],
  ['GET', '/authorize'],
  ['POST', '/token'],
  ['GET', '/.well-known/oauth-protected-resource'],
  ['GET', '/.well-known/oauth-protected-resource/mcp'],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/mcp/.well-known/openid-configuration'],
])("OAuth's: %s %s", async (method, path) => {
  const error_description =
    'There is no OAuth here. Send "Authorization: Bearer <token>" with a token of server.tokens.';
  expect(await ask(method, path, {})).toEqual({ status: 404, id: ID, body: { error: 'not_found', error_description } });
});

it('a path may end in a slash', async () => {
  const models = await ask('GET', '/v1/models/', {});
  expect(models).toMatchObject({ status: 200, body: { object: 'list' } });
  const ping = await ask('POST', '/mcp/', { 'content-type': 'text/plain' });
  expect(ping).toMatchObject({ status: 415, body: { jsonrpc: '2.0' } });
});

it("MCP's: what is no message", async () => {
  const answer = await ask('POST', '/mcp', { 'content-type': 'application/json' });
  expect(answer).toMatchObject({ status: 400, id: ID, body: { jsonrpc: '2.0', error: { code: -32600 } } });
});

it.each([
  ['what is no HTTP', 'HELLO\r\n\r\n'],
  ['a proxy', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'],
])('who asks for %s is refused with an id too', async (_what, text) => {
  expect(await say(served.url, text)).toMatch(/^x-request-id: req_[0-9a-f]{32}\r$/m);
});
