import { describe, expect, it } from 'vitest';
import { MODERN, start } from './spawn-server.ts';

describe('eras', () => {
  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])('serves the older version %s', async (version) => {
    const server = start();
    expect((await server.openLegacy(version)).result).toMatchObject({
      protocolVersion: version,
      serverInfo: { name: 'signalbox' },
      capabilities: { tools: {}, resources: {} },
      instructions: expect.stringContaining('complete'),
    });
    server.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'complete', arguments: { prompt: 'hello' } },
    });
    expect((await server.answer(1)).result.structuredContent).toMatchObject({ text: 'hello', cost_usd: 0.000123456 });
  });

  it('offers its newest older version to a handshake that asks for an unknown one', async () => {
    const server = start();
    expect((await server.openLegacy('2031-01-01')).result.protocolVersion).toBe('2025-11-25');
  });

  it('serves 2026-07-28 from the first message on, with cache hints for the lists', async () => {
    const server = start();
    server.send({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: MODERN });
    expect((await server.answer(1)).result).toMatchObject({
      resultType: 'complete',
      ttlMs: 3_600_000,
      cacheScope: 'public',
    });
    server.send({ jsonrpc: '2.0', id: 2, method: 'server/discover', params: MODERN });
    expect((await server.answer(2)).result.supportedVersions).toEqual(['2026-07-28']);
  });

  it('names what it supports when a request claims an unknown version, at the start and later', async () => {
    const server = start();
    const unknown = { _meta: { ...MODERN._meta, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } };
    server.send({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: unknown });
    server.send({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: MODERN });
    server.send({ jsonrpc: '2.0', id: 3, method: 'tools/list', params: unknown });
    for (const id of [1, 3]) {
      const { error } = await server.answer(id);
      expect(error).toMatchObject({ code: -32022, data: { supported: ['2026-07-28'], requested: '2031-01-01' } });
    }
    expect((await server.answer(2)).result.tools).toHaveLength(5);
  });

  it('refuses a tool call before initialize in the older era, also after a mere discovery', async () => {
    const server = start();
    const call = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'complete', arguments: { prompt: 'hi' } } };
    server.send(
      { ...call, id: 1 },
      { jsonrpc: '2.0', id: 2, method: 'server/discover', params: MODERN },
      { ...call, id: 3 },
    );
    for (const id of [1, 3]) {
      expect((await server.answer(id)).error).toMatchObject({
        code: -32600,
        message: expect.stringMatching(/initialize/),
      });
    }
    await server.openLegacy();
    server.send({ ...call, id: 4 });
    expect((await server.answer(4)).result.structuredContent.text).toBe('hi');
  });

  it('does not let notifications before the handshake decide the era', async () => {
    const server = start();
    server.send(
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5 } },
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: MODERN },
    );
    expect((await server.answer(1)).result.resultType).toBe('complete');
  });

  it('refuses a request without the envelope on a modern connection', async () => {
    const server = start();
    server.send(
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: MODERN },
      { jsonrpc: '2.0', id: 2, method: 'tools/list' },
    );
    expect((await server.answer(2)).error).toMatchObject({ code: -32602, message: expect.stringMatching(/envelope/) });
  });
});
