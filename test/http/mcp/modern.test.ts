import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROTOCOL_ERRORS } from '../../mcp/protocol-errors.ts';
import { MODERN } from '../../mcp/spawn-server.ts';
import { startClock } from '../../support/given-time.ts';
import { until } from '../../support/until.ts';
import { startMcpForTest } from './start-mcp.ts';
import { ask, completeCall, modern, open, openModern, post, readHeld, rpc, sendModern } from './wire.ts';

const LIST = { id: 1, method: 'tools/list' } as const;

describe('a request of 2026-07-28', () => {
  it('is answered without a session, with cache hints for the lists', async () => {
    const { url, endpoint } = await startMcpForTest();
    const { status, messages, headers } = await sendModern(url, LIST);
    expect(status).toBe(200);
    expect(messages[0]?.result).toMatchObject({ resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'public' });
    expect(headers.get('mcp-session-id')).toBeNull();
    const read = await sendModern(url, { id: 2, method: 'resources/read', params: { uri: 'signalbox://models' } });
    expect(read.messages[0]?.result).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
    expect(endpoint.sessionCount).toBe(0);
  });

  it('says once whether it may be kept, also where the SDK says so itself', async () => {
    const { url } = await startMcpForTest();
    const list = await sendModern(url, LIST);
    const call = await sendModern(url, completeCall('hello'), { meta: { progressToken: 1 } });
    const listen = await open(url, rpc({ id: 1, method: 'initialize' }));
    await listen.body?.cancel();
    const said = [list, call, listen].map(({ headers }) => headers.get('cache-control'));
    expect(said).toEqual(['no-store', 'no-cache, no-transform', 'no-store']);
  });

  it('names who asks: the tenant of its token, the client of its envelope', async () => {
    const { url, asked } = await startMcpForTest();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await sendModern(url, completeCall('hello'), { headers: { traceparent } });
    expect(asked).toMatchObject([{ request: { caller: { tenant: 'anna', client: 'wire-test', traceparent } } }]);
  });

  it('answers discovery with what it serves', async () => {
    const { url } = await startMcpForTest();
    const { messages } = await sendModern(url, { id: 1, method: 'server/discover' });
    expect(messages[0]?.result).toMatchObject({ supportedVersions: ['2026-07-28'], capabilities: { tools: {} } });
  });

  it('is refused when a header disagrees with the body, or is missing', async () => {
    const { url } = await startMcpForTest();
    const call = modern(completeCall('hello', 'x'));
    const read = modern({ id: 'x', method: 'resources/read', params: { uri: 'signalbox://models' } });
    const { 'mcp-method': _method, ...noMethod } = call.headers;
    const { 'mcp-name': _name, ...noName } = call.headers;
    const { 'mcp-protocol-version': _version, ...noVersion } = call.headers;
    for (const [body, headers] of [
      [call.body, { ...call.headers, 'mcp-protocol-version': '2025-11-25' }],
      [call.body, { ...call.headers, 'mcp-protocol-version': '2031-01-01' }],
      [call.body, { ...call.headers, 'mcp-method': 'tools/list' }],
      [call.body, { ...call.headers, 'mcp-name': 'provider_status' }],
      [call.body, { ...call.headers, 'mcp-name': '=?base64?***?=' }],
      [call.body, { ...call.headers, 'mcp-name': '=?base64?/w==?=' }],
      [read.body, { ...read.headers, 'mcp-name': 'signalbox://providers' }],
      [call.body, noMethod],
      [call.body, noName],
      [call.body, noVersion],
    ] as const) {
      const { status, messages } = await post(url, body, { headers });
      expect([status, messages[0]?.error?.code, messages[0]?.id]).toEqual([400, -32020, 'x']);
    }
  });

  it('is not told again what is long, whoever finds fault with it', async () => {
    const { url } = await startMcpForTest();
    const long = 'x'.repeat(66_000);
    for (const { body } of [
      modern({ id: 1, method: long }),
      modern({ id: 1, method: 'tools/call', params: { name: long } }),
      modern({ id: 1, method: 'resources/read', params: { uri: long } }),
      modern(LIST, { 'io.modelcontextprotocol/protocolVersion': long }),
      modern(LIST, { 'io.modelcontextprotocol/clientCapabilities': { experimental: { [long]: 1 } } }),
    ]) {
      const { messages, text } = await post(url, body, { headers: modern(LIST).headers });
      const message = expect.stringContaining('65,536 characters beside the arguments');
      expect(messages[0]?.error).toMatchObject({ code: -32602, message });
      expect(text.length).toBeLessThan(300);
    }
    expect((await sendModern(url, completeCall(long))).messages[0]?.result.structuredContent.text).toBe(long);
  });

  it('reads a name in Base64', async () => {
    const { url } = await startMcpForTest();
    const name = `=?base64?${Buffer.from('complete').toString('base64')}?=`;
    const { messages } = await sendModern(url, completeCall('hello'), { headers: { 'mcp-name': name } });
    expect(messages[0]?.result.structuredContent.text).toBe('hello');
  });

  it('is told the versions when it claims one nobody serves, in the header, the body or both', async () => {
    const { url } = await startMcpForTest();
    const { body } = modern(LIST, { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' });
    const headers = { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' };
    const plain = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    for (const sent of [
      await post(url, body, { headers }),
      await post(url, plain, { headers }),
      await post(url, plain, { headers: { 'mcp-protocol-version': 'nonsense' } }),
      await ask(url, 'DELETE', { headers, session: 'x' }),
    ]) {
      const { error } = sent.messages[0] ?? {};
      if (sent.messages[0]?.error?.code === -32001) continue;
      expect([sent.status, error?.code]).toEqual([400, -32022]);
      expect(error?.data).toMatchObject({ supported: expect.arrayContaining(['2026-07-28']) });
    }
  });

  it('is told which key of its envelope is missing', async () => {
    const { url } = await startMcpForTest();
    const { headers } = modern(LIST);
    const bare = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { headers });
    expect([bare.status, bare.messages[0]?.error?.code]).toEqual([400, -32602]);
    const half = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: half } };
    const { status, messages } = await post(url, body, { headers });
    expect([status, messages[0]?.error?.code]).toEqual([400, -32602]);
    expect(messages[0]?.error?.message).toMatch(/clientCapabilities/);
  });

  it('gets 404 for a method nobody knows, and for those of the older era', async () => {
    const { url } = await startMcpForTest();
    for (const method of ['nobody/knows', 'initialize', 'ping', 'logging/setLevel', 'constructor']) {
      const { status, messages } = await sendModern(url, { id: 7, method });
      expect([method, status, messages[0]]).toMatchObject([method, 404, { id: 7, error: { code: -32601 } }]);
    }
  });

  // Tasks were of the older era; and what does not fit into a header is refused before anyone reads it.
  const ERRORS = PROTOCOL_ERRORS.filter(([, params]) => !('task' in params) && JSON.stringify(params).length < 10_000);
  it.each(ERRORS)('%s with %j is a protocol error', async (method, params, code, message) => {
    const { url } = await startMcpForTest();
    const given = params as { _meta?: object };
    const sent = await sendModern(url, { id: 1, method, params }, { ...(given._meta && { meta: given._meta }) });
    expect(sent.messages[0]?.error?.code).toBe(code);
    expect(sent.messages[0]?.error?.message).toMatch(message);
  });

  it('gets no session: neither a stream to listen on nor an end', async () => {
    const { url } = await startMcpForTest();
    const get = await ask(url, 'GET');
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, DELETE']);
    expect((await ask(url, 'DELETE')).status).toBe(400);
    expect((await ask(url, 'PUT')).status).toBe(405);
  });

  it('may listen, and is told at once that there is nothing to hear', async () => {
    const { url } = await startMcpForTest();
    const params = { notifications: { toolsListChanged: true } };
    const { messages } = await sendModern(url, { id: 5, method: 'subscriptions/listen', params });
    expect(messages.map(({ method, id }) => method ?? id)).toEqual(['notifications/subscriptions/acknowledged', 5]);
  });
});

describe('bodies that are no request', () => {
  const CALL = JSON.stringify(modern(LIST).body);
  const CASES: readonly [string, string | object, number, number, RegExp][] = [
    ['nothing', '', 400, -32700, /not JSON/],
    ['no JSON', 'nonsense', 400, -32700, /not JSON/],
    ['half of one', CALL.slice(0, -5), 400, -32700, /not JSON/],
    ['a batch', `[${CALL}]`, 400, -32600, /Batches/],
    ['a batch of the older era', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], 400, -32600, /Batches/],
    ['an empty batch', '[]', 400, -32600, /Batches/],
    ['a number', '42', 400, -32600, /object/],
    ['id null', { ...modern(LIST).body, id: null }, 400, -32600, /"id"/],
    ['a fractional id', { ...modern(LIST).body, id: 1.5 }, 400, -32600, /"id"/],
    ['an object as id', { ...modern(LIST).body, id: {} }, 400, -32600, /"id"/],
    ['another JSON-RPC', { ...modern(LIST).body, jsonrpc: '1.0' }, 400, -32600, /jsonrpc/],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }, 400, -32600, /initialize/],
    ['a key that stands twice', CALL.replace('"id":1', '"id":1,"method":"ping"'), 400, -32600, /twice/],
    ['"__proto__" as an argument', CALL.replace('"_meta":', '"__proto__":{},"_meta":'), 200, -32602, /__proto__/],
    [
      'arrays 100,000 deep',
      CALL.replace('"_meta":', `"a":${'['.repeat(1e5)}${']'.repeat(1e5)},"_meta":`),
      200,
      -32602,
      /deeper than 100 levels/,
    ],
  ];

  it.each(CASES)('%s', async (_, body, status, code, message) => {
    const { url } = await startMcpForTest();
    const sent = await post(url, body, { headers: modern(LIST).headers });
    expect([sent.status, sent.messages[0]?.error?.code ?? 0]).toEqual([status, code]);
    expect(sent.messages[0]?.error?.message ?? '').toMatch(message);
    expect((await sendModern(url, LIST)).status).toBe(200);
  });

  it('too many bytes, another type, no token', async () => {
    const { url } = await startMcpForTest();
    const { headers } = modern(LIST);
    const large = await post(url, `"${'x'.repeat(33 * 1_048_576)}"`, { headers });
    expect([large.status, large.messages[0]]).toMatchObject([
      413,
      { jsonrpc: '2.0', id: null, error: { code: -32000 } },
    ]);
    const text = await post(url, CALL, { headers: { ...headers, 'content-type': 'text/plain' } });
    expect([text.status, text.messages[0]]).toMatchObject([415, { jsonrpc: '2.0', id: null, error: {} }]);
    const jwt = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"anna"}').toString('base64url')}.`;
    for (const token of ['wrong', jwt]) {
      const stranger = await post(url, CALL, { headers, token });
      expect([stranger.status, stranger.messages[0]]).toMatchObject([401, { jsonrpc: '2.0', id: null, error: {} }]);
      expect(stranger.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });
});

describe('a call of 2026-07-28 that takes its time', () => {
  it('tells its progress on the stream of its answer, strictly rising', async () => {
    const { url, letAllGo } = await startMcpForTest({ progressIntervalMs: 50 });
    const response = await openModern(url, completeCall('held'), { meta: { progressToken: 'p' } });
    const isTold = (text: string) => text.split('notifications/progress').length > 4;
    const { messages, headers } = await readHeld(response, isTold, letAllGo);
    expect(headers.get('content-type')).toBe('text/event-stream');
    const heard = messages.filter(({ method }) => method === 'notifications/progress');
    expect(heard.length).toBeGreaterThan(3);
    expect(heard.map(({ params }) => params?.progress)).toEqual(heard.map((_, index) => index + 1));
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { structuredContent: { text: 'slow answer' } } });
  });

  it('keeps its connection with comments while it is silent', async () => {
    const { url, letAllGo } = await startMcpForTest({ limits: { keepAliveMs: 40 } });
    const isKept = (text: string) => text.split(': keepalive\n\n').length > 3;
    const { messages, headers } = await readHeld(await openModern(url, completeCall('held')), isKept, letAllGo);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(messages).toMatchObject([{ id: 1, result: { structuredContent: { text: 'slow answer' } } }]);
  });

  it('is cancelled by a client that goes, also while it only hears comments', async () => {
    const journal = join(mkdtempSync(join(tmpdir(), 'signalbox-mcp-')), 'journal');
    const { url } = await startMcpForTest({ limits: { keepAliveMs: 20 }, journal });
    const abort = new AbortController();
    const { body, headers } = modern(completeCall('slow:20000'));
    const response = await open(url, body, { headers, signal: abort.signal });
    const comment = await response.body?.getReader().read();
    expect(Buffer.from(comment?.value ?? []).toString()).toBe(': keepalive\n\n');
    const elapsedMs = startClock();
    abort.abort();
    await until(() => readFileSync(journal, 'utf8').includes('aborted'));
    expect(elapsedMs()).toBeLessThan(250);
  });

  it('keeps it with comments between notices of progress', async () => {
    const { url, letAllGo } = await startMcpForTest({ limits: { keepAliveMs: 40 }, progressIntervalMs: 10_000 });
    const response = await openModern(url, completeCall('held'), { meta: { progressToken: 1 } });
    const { messages } = await readHeld(response, (text) => text.includes(': keepalive\n\n'), letAllGo);
    expect(messages.map(({ method }) => method)).toEqual(['notifications/progress', undefined]);
  });

  it('is answered in JSON when it is quick', async () => {
    const { url } = await startMcpForTest();
    const { headers } = await sendModern(url, completeCall('hello'));
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('ignores that somebody else cancels its id: ids are of one request here', async () => {
    const { url, asked, letAllGo } = await startMcpForTest();
    const call = sendModern(url, completeCall('held', 9));
    await until(() => asked.length === 1);
    const params = { requestId: 9, _meta: MODERN._meta };
    const notice = { jsonrpc: '2.0', method: 'notifications/cancelled', params };
    const { status } = await post(url, notice, { headers: { 'mcp-protocol-version': '2026-07-28' } });
    expect(status).toBe(202);
    letAllGo();
    expect((await call).messages[0]?.result.structuredContent.text).toBe('slow answer');
  });

  it('is answered, as failed, when the server ends', async () => {
    const { url, asked, close } = await startMcpForTest();
    const call = sendModern(url, completeCall('held'));
    await until(() => asked.length === 1);
    await close();
    expect((await call).messages[0]?.result).toMatchObject({ isError: true });
  });

  it('after which its client went leaves a server that works', async () => {
    const { url } = await startMcpForTest({ progressIntervalMs: 5 });
    for (let round = 0; round < 20; round += 1) {
      const abort = new AbortController();
      const { body, headers } = modern(completeCall('slow:20000', round), { progressToken: round });
      const response = await open(url, body, { headers, signal: abort.signal });
      await response.body?.getReader().read();
      abort.abort();
    }
    expect((await sendModern(url, completeCall('hello'))).status).toBe(200);
  });
});
