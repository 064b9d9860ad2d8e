import { expect, it } from 'vitest';
import { call } from '../../support/raw-http.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const OTHER = 'other-token-9Yw2LpQx7RsK';
const TOKENS = [
  { value: TOKEN, caller: { tenant: 'one' } },
  { value: OTHER, caller: { tenant: 'two' } },
];
const ACCEPT_MCP = 'application/json, text/event-stream';
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

it('a tenant is kept from what a vendor quoted of the prompt of another', async () => {
  const upstream = await startUpstream();
  const { url } = await startInProcess({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    settings: { tokens: TOKENS },
  });
  const quoting = { say: { failure: 'server_error', message: 'could not take "my dear diary"' } } as const;
  upstream.script(quoting, quoting, quoting);
  const post = async (path: string, bearer: string, body: object) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', accept: ACCEPT_MCP };
    return call(url, { method: 'POST', path, headers, body: JSON.stringify(body) });
  };
  const own = await post('/v1/chat/completions', TOKEN, {
    model: 'auto',
    messages: [{ role: 'user', content: 'my dear diary' }],
  });
  expect(own.text).toContain('my dear diary');
  const other = await post('/mcp', OTHER, INITIALIZE);
  const session = String(other.headers['mcp-session-id']);
  const status = await call(url, {
    method: 'POST',
    path: '/mcp',
    headers: {
      authorization: `Bearer ${OTHER}`,
      'content-type': 'application/json',
      accept: ACCEPT_MCP,
      'mcp-session-id': session,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'provider_status' } }),
  });
  expect(status.text).toContain('last_error');
  expect(status.text).not.toContain('diary');
});

it('a tenant is kept from the answers of another', async () => {
  const upstream = await startUpstream();
  const { url } = await startInProcess({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    settings: { tokens: TOKENS },
  });
  const ask = async (bearer: string) => {
    const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'The same prompt' }] });
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const reply = await call(url, { method: 'POST', path: '/v1/chat/completions', headers, body });
    return reply.headers['x-signalbox-cache'];
  };
  expect([await ask(TOKEN), await ask(TOKEN), await ask(OTHER), await ask(OTHER)]).toEqual([
    'miss',
    'hit',
    'miss',
    'hit',
  ]);
  expect(upstream.requests).toHaveLength(2);
});
