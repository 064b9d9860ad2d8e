import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInProcess } from '../../support/serve.ts';

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
  return { status: response.status, body: (await response.json()) as object };
}

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
      body: {
        type: 'error',
        error: { type: expect.stringMatching(/_error$/), message: expect.any(String) },
        request_id: null,
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
    expect(answer).toEqual({ status, body: { error } });
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
  expect(await ask(method, path, {})).toEqual({ status: 404, body: { error: 'not_found', error_description } });
});

it('a path may end in a slash', async () => {
  const models = await ask('GET', '/v1/models/', {});
  expect(models).toMatchObject({ status: 200, body: { object: 'list' } });
  const ping = await ask('POST', '/mcp/', { 'content-type': 'text/plain' });
  expect(ping).toMatchObject({ status: 415, body: { jsonrpc: '2.0' } });
});
