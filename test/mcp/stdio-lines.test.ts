import { describe, expect, it } from 'vitest';
import { INITIALIZE, start } from './spawn-server.ts';

describe('bad lines are answered and the connection goes on', () => {
  const CASES: readonly [string, string | object, number, RegExp][] = [
    ['a line that is not JSON', 'nonsense', -32700, /not JSON/],
    ['a truncated message', '{"jsonrpc":"2.0","id":1,', -32700, /not JSON/],
    ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', -32700, /not JSON/],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], -32600, /Batches are not supported/],
    ['a number', '42', -32600, /must be an object/],
    ['null', 'null', -32600, /must be an object/],
    ['id null', { jsonrpc: '2.0', id: null, method: 'ping' }, -32600, /"id" must be/],
    ['a fractional id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }, -32600, /"id" must be/],
    ['an object as id', { jsonrpc: '2.0', id: {}, method: 'ping' }, -32600, /"id" must be/],
    ['an id above 2^53', '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', -32600, /"id" must be/],
  ];

  it.each(CASES)('%s', async (_, line, code, message) => {
    const server = start();
    server.send(line);
    const refusal = await server.message(({ error }) => error !== undefined);
    expect(refusal).toMatchObject({ id: null, error: { code } });
    expect(refusal.error?.message).toMatch(message);
    expect((await server.openLegacy()).result.protocolVersion).toBe('2025-11-25');
  });

  it('invalid UTF-8', async () => {
    const server = start();
    server.child.stdin.write(
      Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xff, 0x0a])]),
    );
    const refusal = await server.message(({ error }) => error !== undefined);
    expect(refusal.error).toMatchObject({ code: -32700, message: expect.stringMatching(/UTF-8/) });
  });

  it('a wrong jsonrpc version, a missing method and params that are a list name the request', async () => {
    const server = start();
    server.send(
      { jsonrpc: '1.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', id: 2 },
      { jsonrpc: '2.0', id: 3, method: 7 },
      { jsonrpc: '2.0', id: 4, method: 'tools/list', params: [] },
    );
    expect((await server.answer(1)).error).toMatchObject({ code: -32600, message: expect.stringMatching(/jsonrpc/) });
    expect((await server.answer(2)).error).toMatchObject({ code: -32600, message: expect.stringMatching(/method/) });
    expect((await server.answer(3)).error).toMatchObject({ code: -32600, message: expect.stringMatching(/method/) });
    expect((await server.answer(4)).error).toMatchObject({ code: -32602, message: expect.stringMatching(/params/) });
  });

  it('what stands beside the members of a request is named', async () => {
    const server = start();
    server.send(
      { jsonrpc: '2.0', id: 1, method: 'ping', constructor: {} },
      { jsonrpc: '2.0', id: 2, method: 'tools/list', Params: {} },
    );
    expect((await server.answer(1)).error).toMatchObject({
      code: -32600,
      message: expect.stringMatching(/^"constructor"/),
    });
    expect((await server.answer(2)).error).toMatchObject({ code: -32600, message: expect.stringMatching(/^"Params"/) });
  });

  it('a response to no request, an empty line and an unknown notification get no answer', async () => {
    const server = start();
    await server.openLegacy();
    server.send(
      { jsonrpc: '2.0', id: 99, result: {} },
      { jsonrpc: '2.0', id: 98, error: { code: 1, message: 'no' } },
      '',
      '  \r',
      { jsonrpc: '2.0', method: 'notifications/nobody-knows' },
      { jsonrpc: '2.0', id: 'last', method: 'ping' },
    );
    expect((await server.answer('last')).result).toEqual({});
    expect(server.messages.map(({ id }) => id)).toEqual(['init', 'last']);
  });
});

describe('long lines', () => {
  it('of 40 MB are refused with the id of their request, without holding them in memory', async () => {
    const server = start();
    await server.openLegacy();
    const block = 'x'.repeat(1024 * 1024);
    for (const [before, after] of [
      ['{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"complete","arguments":{"prompt":"', '"}}}\n'],
      [
        '{"method":"tools/call","params":{"name":"complete","arguments":{"prompt":"',
        '"}},"jsonrpc":"2.0","id":"eight"}\n',
      ],
    ] as const) {
      server.child.stdin.write(before);
      for (let written = 0; written < 40; written += 1) {
        if (!server.child.stdin.write(block)) await new Promise((resolve) => server.child.stdin.once('drain', resolve));
      }
      server.child.stdin.write(after);
    }
    for (const id of [7, 'eight']) {
      const { error } = await server.answer(id);
      expect(error).toMatchObject({ code: -32600, message: expect.stringMatching(/at most 33,554,432 are accepted/) });
    }
    server.send({ jsonrpc: '2.0', id: 9, method: 'tools/list' });
    expect((await server.answer(9)).result.tools).toHaveLength(5);
  });

  it('of 11 MB are read, and the prompt in them is refused as too large', async () => {
    const server = start();
    server.callModern(1, 'complete', { prompt: 'x'.repeat(11 * 1024 * 1024) });
    const { result } = await server.answer(1);
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'too_large', retryable: false } },
    });
    expect(result.content[0].text).toMatch(/"prompt" has 11,534,336 bytes; at most 10,485,760/);
  });

  it('arrive whole, whatever the chunks and wherever a character is cut', async () => {
    const server = start();
    const line = Buffer.from(
      `${JSON.stringify({ ...INITIALIZE, params: { ...INITIALIZE.params, clientInfo: { name: 'ünï-😀', version: '1' } } })}\n`,
    );
    for (const byte of line) server.child.stdin.write(Buffer.from([byte]));
    expect((await server.answer('init')).result.protocolVersion).toBe('2025-11-25');
  });
});
