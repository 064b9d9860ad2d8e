import { describe, expect, it } from 'vitest';
import { INITIALIZE } from '../../mcp/spawn-server.ts';
import { until } from '../../support/until.ts';
import { startMcpForTest } from './start-mcp.ts';
import { completeCall, openSession, post, rpc, sendModern } from './wire.ts';

const LIST_MODELS = { id: 1, method: 'tools/call', params: { name: 'list_models', arguments: null } } as const;

/** As the SDK for Ruby sends a call without arguments, and that for Go one with an empty map. */
describe('a field that a client writes as null is not set', () => {
  it('in the handshake', async () => {
    const { url } = await startMcpForTest();
    const capabilities = { roots: null, sampling: null, elicitation: { form: null }, experimental: null };
    const clientInfo = { ...INITIALIZE.params.clientInfo, title: null, websiteUrl: null, icons: null };
    const params = { ...INITIALIZE.params, capabilities, clientInfo, _meta: null };
    const { messages } = await post(url, { ...INITIALIZE, params });
    expect(messages[0]?.result).toMatchObject({ protocolVersion: '2025-11-25' });
  });

  it.each([
    ['tools/list', null],
    ['tools/list', { cursor: null, _meta: null }],
    ['ping', { _meta: { progressToken: null } }],
    ['tools/call', { ...LIST_MODELS.params, _meta: null, task: null }],
    ['resources/read', { uri: 'signalbox://models', _meta: null }],
  ])('in a request of a session: %s %j', async (method, params) => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    const { messages } = await post(url, { jsonrpc: '2.0', id: 1, method, params }, { session });
    expect(messages[0]).toMatchObject({ id: 1, result: {} });
  });

  it('in a request of 2026-07-28', async () => {
    const { url } = await startMcpForTest();
    const meta = { progressToken: null, 'io.modelcontextprotocol/clientCapabilities': { elicitation: null } };
    const { messages } = await sendModern(url, LIST_MODELS, { meta });
    expect(messages[0]?.result).toMatchObject({ structuredContent: { models: expect.any(Array) } });
  });

  it('in a notification: what is cancelled without a reason ends', async () => {
    const { url, asked } = await startMcpForTest();
    const session = await openSession(url);
    const call = post(url, rpc(completeCall('slow:20000', 7)), { session });
    await until(() => asked.length === 1);
    const params = { requestId: 7, reason: null, _meta: null };
    const { status } = await post(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params }, { session });
    expect(status).toBe(202);
    expect((await call).messages).toEqual([]);
  });

  it('but not within the arguments of a tool, whose schemas may speak of null', async () => {
    const { url, asked } = await startMcpForTest();
    const json_schema = { type: 'object', properties: { a: { enum: ['x', null], default: null } } };
    const params = { name: 'complete', arguments: { prompt: 'hello', model: null, json_schema } };
    await sendModern(url, { id: 1, method: 'tools/call', params });
    expect(asked).toMatchObject([{ request: { responseFormat: { schema: json_schema } } }]);
  });
});
