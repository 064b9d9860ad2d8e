import { describe, expect, it } from 'vitest';
import { PROTOCOL_ERRORS } from '../../mcp/protocol-errors.ts';
import { INITIALIZE } from '../../mcp/spawn-server.ts';
import { call } from '../../support/raw-http.ts';
import { until } from '../../support/until.ts';
import { OTHER_TOKEN, startMcpForTest, TOKEN } from './start-mcp.ts';
import { ACCEPT, ask, completeCall, messagesIn, open, openSession, post, readHeld, rpc } from './wire.ts';

describe('a session of the older era', () => {
  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])('is opened with %s', async (protocolVersion) => {
    const { url, endpoint } = await startMcpForTest();
    const sent = await post(url, { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion } });
    expect(sent.messages[0]?.result).toMatchObject({ protocolVersion, serverInfo: { name: 'signalbox' } });
    const session = sent.headers.get('mcp-session-id') ?? '';
    expect(session).toMatch(/^[\w-]{32}$/);
    expect(endpoint.sessionCount).toBe(1);
    const { messages } = await post(url, rpc(completeCall('hello')), { session });
    expect(messages[0]?.result.structuredContent.text).toBe('hello');
  });

  it('offers its newest version to a handshake that asks for an unknown one', async () => {
    const { url } = await startMcpForTest();
    const params = { ...INITIALIZE.params, protocolVersion: '2031-01-01' };
    const { messages } = await post(url, { ...INITIALIZE, params });
    expect(messages[0]?.result.protocolVersion).toBe('2025-11-25');
  });

  it('asks for whoever opened it, with the trace of each request', async () => {
    const { url, asked } = await startMcpForTest();
    const session = await openSession(url, { token: OTHER_TOKEN });
    const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
    await post(url, rpc(completeCall('hello')), { session, token: OTHER_TOKEN, headers: { traceparent } });
    await post(url, rpc(completeCall('again', 2)), { session, token: OTHER_TOKEN });
    expect(asked).toMatchObject([
      { request: { caller: { tenant: 'bert', client: 'wire-test', traceparent } } },
      { request: { caller: { tenant: 'bert', client: 'wire-test' } } },
    ]);
    expect(JSON.stringify(asked[1])).not.toContain('traceparent');
  });

  it('is needed: nothing is served before "initialize"', async () => {
    const { url, asked } = await startMcpForTest();
    for (const message of [
      rpc(completeCall('hello', 5)),
      rpc({ id: 5, method: 'tools/list' }),
      { jsonrpc: '2.0', id: 5, method: 'server/discover' },
    ]) {
      const { status, messages } = await post(url, message);
      expect([status, messages[0]]).toMatchObject([400, { id: 5, error: { code: -32600 } }]);
      expect(messages[0]?.error?.message).toMatch(/initialize/);
    }
    const notice = await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(notice.status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('is of its own tenant: for others it does not exist', async () => {
    const { url, endpoint } = await startMcpForTest();
    const session = await openSession(url);
    const own = await post(url, rpc({ id: 1, method: 'tools/list' }), { session });
    expect(own.status).toBe(200);
    for (const options of [{ session, token: OTHER_TOKEN }, { session: 'made-up' }, { session: '' }]) {
      const stranger = await post(url, rpc({ id: 1, method: 'tools/list' }), options);
      expect([stranger.status, stranger.messages[0]?.error?.code]).toEqual([404, -32001]);
      expect((await ask(url, 'DELETE', options)).status).toBe(404);
      expect((await ask(url, 'GET', { ...options, headers: { 'last-event-id': 'x.1' } })).status).toBe(404);
    }
    expect(endpoint.sessionCount).toBe(1);
  });

  it('ends with DELETE, and its calls with it', async () => {
    const { url, endpoint } = await startMcpForTest();
    const session = await openSession(url);
    const call = post(url, rpc(completeCall('slow:20000')), { session });
    await until(() => endpoint.sessionCount === 1);
    expect((await ask(url, 'DELETE', { session })).status).toBe(200);
    expect((await call).messages).toEqual([]);
    expect(endpoint.sessionCount).toBe(0);
    expect((await post(url, rpc({ id: 1, method: 'ping' }), { session })).status).toBe(404);
  });

  it('is not opened by what is nested without end, and nobody takes that for a defect', async () => {
    const { url, endpoint } = await startMcpForTest();
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const initialize = JSON.stringify(INITIALIZE).replace(
      '"capabilities":{',
      `"capabilities":{"experimental":{"x":${nested}}`,
    );
    const refused = await post(url, initialize);
    expect([refused.status, refused.messages[0]]).toMatchObject([200, { error: { code: -32602 } }]);
    expect(refused.messages[0]?.error?.message).toBe('"capabilities" is nested deeper than 100 levels.');
    const response = await post(url, `{"jsonrpc":"2.0","id":1,"result":{"x":${nested}}}`);
    expect([response.status, response.messages[0]?.error]).toEqual([
      400,
      { code: -32600, message: 'The response is nested deeper than 100 levels.' },
    ]);
    expect(endpoint.sessionCount).toBe(0);
  });

  it('refuses an object of more members than anybody has a use for, before the SDK copies it', async () => {
    const { url } = await startMcpForTest();
    const members = (count: number) => Array.from({ length: count }, (_, at) => `"key${at}":1`).join();
    const ping = (meta: string) => post(url, `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{${meta}}}}`);
    for (const [meta, message] of [
      [members(10_001), 'The message holds an object of more than 10000 members.'],
      [`"a":[${`{${members(9_000)}},`.repeat(28)}1]`, 'The objects in the message hold more than 250000 members.'],
    ] as const) {
      const refused = await ping(meta);
      expect([refused.status, refused.messages[0]?.error]).toEqual([400, { code: -32600, message }]);
    }
  });

  it('is opened once', async () => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    const again = await post(url, INITIALIZE, { session });
    expect([again.status, again.messages[0]?.error?.code]).toEqual([400, -32600]);
  });

  it('has no stream to listen on', async () => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    expect((await ask(url, 'GET', { session })).status).toBe(405);
    expect((await ask(url, 'GET', { session, headers: { 'last-event-id': '' } })).status).toBe(405);
  });

  it('is told the versions when a header names one nobody serves', async () => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    const headers = { 'mcp-protocol-version': '2031-01-01' };
    for (const { status, messages } of [
      await post(url, rpc({ id: 1, method: 'ping' }), { session, headers }),
      await ask(url, 'DELETE', { session, headers }),
    ]) {
      expect([status, messages[0]?.error?.code]).toEqual([400, -32022]);
      expect(messages[0]?.error?.data).toMatchObject({ supported: expect.arrayContaining(['2025-11-25']) });
    }
    expect((await post(url, rpc({ id: 1, method: 'ping' }), { session })).status).toBe(200);
  });

  it('refuses a second request with an id that is in use', async () => {
    const { url, asked, letAllGo } = await startMcpForTest();
    const session = await openSession(url);
    const first = post(url, rpc(completeCall('held', 7)), { session });
    await until(() => asked.length === 1);
    const second = await post(url, rpc(completeCall('hello', 7)), { session });
    expect([second.status, second.messages[0]?.error?.message]).toEqual([400, 'Request id 7 is still in use.']);
    letAllGo();
    expect((await first).messages[0]?.result.structuredContent.text).toBe('slow answer');
    expect((await post(url, rpc(completeCall('hello', 7)), { session })).status).toBe(200);
  });

  it('takes no more requests at once than its limit', async () => {
    const { url, asked, letAllGo } = await startMcpForTest({ limits: { requestsMax: 2 } });
    const session = await openSession(url);
    const running = [1, 2].map((id) => post(url, rpc(completeCall('held', id)), { session }));
    await until(() => asked.length === 2);
    const third = await post(url, rpc(completeCall('hello', 3)), { session });
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    letAllGo();
    await Promise.all(running);
    expect((await post(url, rpc(completeCall('hello', 3)), { session })).status).toBe(200);
  });

  it('accepts a response it never asked for, and nobody hears of it', async () => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    expect((await post(url, { jsonrpc: '2.0', id: 1, result: {} }, { session })).status).toBe(202);
    expect((await post(url, rpc({ id: 1, method: 'ping' }), { session })).messages).toMatchObject([
      { id: 1, result: {} },
    ]);
  });

  it.each(PROTOCOL_ERRORS)('%s with %j is a protocol error', async (method, params, code, message) => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    const sent = await post(url, rpc({ id: 1, method, params }), { session });
    expect([sent.status, sent.messages[0]?.error?.code]).toEqual([200, code]);
    expect(sent.messages[0]?.error?.message).toMatch(message);
  });
});

describe('a call in a session', () => {
  it('is cancelled by a notification, and its stream ends without a word', async () => {
    const { url, asked } = await startMcpForTest();
    const session = await openSession(url);
    for (const id of [0, 'a']) {
      const before = asked.length;
      const headers = { 'mcp-protocol-version': '2025-11-25' };
      const call = post(url, rpc(completeCall('held', id)), { session, headers });
      await until(() => asked.length > before);
      const params = { requestId: id, reason: 'enough' };
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params };
      expect((await post(url, cancelled, { session })).status).toBe(202);
      expect((await call).messages).toEqual([]);
      // A client that lost the end would ask for the rest for ever.
      const lastEventId = /^id: (\S+)$/m.exec((await call).text)?.[1] ?? '';
      expect((await ask(url, 'GET', { session, headers: { 'last-event-id': lastEventId } })).status).toBe(204);
      expect((await post(url, rpc(completeCall('hello', id)), { session })).status).toBe(200);
    }
  });

  it('is not cancelled by a client that goes, who can fetch its answer later', async () => {
    const { url } = await startMcpForTest();
    const session = await openSession(url);
    const headers = { 'mcp-protocol-version': '2025-11-25' };
    const abort = new AbortController();
    const response = await open(url, rpc(completeCall('slow:300')), { session, headers, signal: abort.signal });
    const chunk = await response.body?.getReader().read();
    const primer = Buffer.from(chunk?.value ?? []).toString();
    abort.abort();
    const lastEventId = /^id: (\S+)$/m.exec(primer)?.[1] ?? '';
    expect(primer).toMatch(/^retry: \d+$/m);

    const early = await ask(url, 'GET', { session, headers: { 'last-event-id': lastEventId } });
    expect(early.messages).toMatchObject([{ id: 1, result: { structuredContent: { text: 'slow answer' } } }]);
    const late = await ask(url, 'GET', { session, headers: { 'last-event-id': lastEventId } });
    expect(messagesIn(late.text)).toEqual(early.messages);
    const after = /^id: (\S+)$/m.exec(late.text)?.[1] ?? '';
    expect((await ask(url, 'GET', { session, headers: { 'last-event-id': after } })).status).toBe(204);
    const other = await openSession(url);
    expect((await ask(url, 'GET', { session: other, headers: { 'last-event-id': lastEventId } })).status).toBe(400);
  });

  it('is told anew where it stands when it comes back, since clients forget that with their connection', async () => {
    const { url, letAllGo } = await startMcpForTest();
    const session = await openSession(url);
    const headers = { 'mcp-protocol-version': '2025-11-25' };
    const lastEventId = await firstEventOf((signal) =>
      open(url, rpc(completeCall('held')), { session, headers, signal }),
    );
    const resume = (signal?: AbortSignal) =>
      fetch(url, {
        headers: {
          ...{ accept: 'text/event-stream', authorization: `Bearer ${TOKEN}` },
          ...{ 'mcp-session-id': session, 'last-event-id': lastEventId, ...headers },
        },
        ...(signal && { signal }),
      });
    expect(await firstEventOf(resume)).toBe(lastEventId);
    letAllGo();
    const answer = await (await resume()).text();
    expect(messagesIn(answer)).toMatchObject([{ id: 1, result: { structuredContent: { text: 'slow answer' } } }]);
  });

  it('leaves it to the client whether the connection is kept', async () => {
    const { url } = await startMcpForTest();
    const headers = { authorization: `Bearer ${TOKEN}`, accept: ACCEPT, 'content-type': 'application/json' };
    const asked = { method: 'POST', path: '/mcp', body: JSON.stringify(INITIALIZE) };
    for (const connection of ['close', 'keep-alive']) {
      const { headers: got } = await call(url, { ...asked, headers: { ...headers, connection } });
      expect(got).toMatchObject({ connection, 'content-type': 'text/event-stream' });
    }
  });

  it('keeps its connection with comments while it is silent', async () => {
    const { url, letAllGo } = await startMcpForTest({ limits: { keepAliveMs: 40 } });
    const session = await openSession(url);
    const response = await open(url, rpc(completeCall('held')), { session });
    const isKept = (text: string) => text.split(': keepalive\n\n').length > 3;
    const { messages } = await readHeld(response, isKept, letAllGo);
    expect(messages).toHaveLength(1);
  });

  it('is answered, as failed, when the server ends', async () => {
    const { url, asked, close } = await startMcpForTest();
    const session = await openSession(url);
    const call = post(url, rpc(completeCall('held')), { session });
    await until(() => asked.length === 1);
    await close();
    expect((await call).messages[0]?.result).toMatchObject({ isError: true });
  });
});

/** The id of the first event, after which the connection breaks. */
async function firstEventOf(ask: (signal: AbortSignal) => Promise<Response>): Promise<string> {
  const abort = new AbortController();
  const chunk = await (await ask(abort.signal)).body?.getReader().read();
  abort.abort();
  return /^id: (\S+)$/m.exec(Buffer.from(chunk?.value ?? []).toString())?.[1] ?? '';
}
