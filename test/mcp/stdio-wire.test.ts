import { afterEach, describe, expect, it } from 'vitest';
import type { McpEntrySettings } from '../support/mcp-entry.ts';
import { INITIALIZE, MODERN, SpawnedServer, type WireMessage } from './spawn-server.ts';

const servers: SpawnedServer[] = [];

function start(settings: McpEntrySettings = {}): SpawnedServer {
  const server = new SpawnedServer(settings);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.child.stdin.end();
    await server.exited;
    expect(server.strayLines).toEqual([]);
  }
});

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

describe('requests', () => {
  const METHODS: readonly [string, object, number, RegExp][] = [
    ['nobody/knows', {}, -32601, /not found/],
    ['tools/call', { name: 'nope', arguments: {} }, -32602, /nope/],
    ['tools/call', { name: 'embed', arguments: { input: 'x' } }, -32602, /embed/],
    ['tools/call', { arguments: {} }, -32602, /"name"/],
    ['tools/call', { name: 'complete', arguments: 'hi' }, -32602, /"arguments" must be an object/],
    [
      'tools/call',
      { name: 'complete', arguments: { prompt: 'x' }, _meta: { progressToken: {} } },
      -32602,
      /progressToken/,
    ],
    [
      'tools/list',
      { cursor: {} },
      -32602,
      /^Invalid parameters: "params\.cursor": expected string, received object\.$/,
    ],
    ['tools/call', { name: 'complete', arguments: {}, task: 5 }, -32602, /^Invalid parameters: "params\.task"/],
    ['tools/call', { name: 'a\r\nb', arguments: {} }, -32602, /^Tool a b not found$/],
    ['tools/call', { name: 'x'.repeat(100_000), arguments: {} }, -32602, /^Tool x{490,495}…$/],
    [
      'tools/call',
      { name: 'complete', arguments: {}, _meta: { 'io.modelcontextprotocol/related-task': 5 } },
      -32602,
      /"_meta" holds a value of the wrong kind/,
    ],
    ['resources/read', {}, -32602, /"uri"/],
    ['resources/read', { uri: 'signalbox://nothing' }, -32602, /signalbox:\/\/nothing/],
    ['resources/read', { uri: 'signalbox://usage/8d' }, -32602, /periods are today, 24h, 7d, 30d, month, all/],
  ];

  it.each(METHODS)('%s with %j is a protocol error', async (method, params, code, message) => {
    const server = start();
    await server.openLegacy();
    server.send({ jsonrpc: '2.0', id: 1, method, params });
    const { error } = await server.answer(1);
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
  });

  it.each([
    [
      'of an argument',
      '"id":1,"method":"tools/call","params":{"name":"complete","arguments":{"model":"a","model":"b"}}',
      1,
    ],
    [
      'in other letters',
      '"id":1,"method":"tools/call","params":{"name":"complete","arguments":{"model":1,"\\u006dodel":2}}',
      1,
    ],
    ['deep inside', '"id":1,"method":"ping","params":{"a":[{"b":"\\\\","c":"}\\""},{"b":{"d":1,"d":1}}]}', 1],
    ['of the method', '"id":1,"method":"ping","method":"tools/list"', 1],
    ['of the id', '"id":1,"id":2,"method":"ping"', null],
  ])('a second key %s is refused', async (_, inside, id) => {
    const server = start();
    await server.openLegacy();
    server.send(`{"jsonrpc":"2.0",${inside}}`);
    const { error } = await server.message((message) => message.id === id);
    expect(error?.message).toMatch(/^"\w+" stands twice in the same object\.$/);
  });

  it('a message that is a request and a response at once is refused', async () => {
    const server = start();
    await server.openLegacy();
    server.send({ jsonrpc: '2.0', id: 1, method: 'ping', result: {} });
    expect((await server.answer(1)).error).toMatchObject({ code: -32600, message: expect.stringMatching(/either/) });
  });

  it('"__proto__" anywhere in a request is named', async () => {
    const server = start();
    await server.openLegacy();
    for (const [id, args] of ['"metadata":{"__proto__":"x"}', '"json_schema":{"a":{"__proto__":{}}}'].entries()) {
      server.send(
        `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"complete","arguments":{"prompt":"x",${args}}}}`,
      );
      expect((await server.answer(id)).error?.message).toBe('"__proto__" is no argument.');
    }
  });

  it('"__proto__" as an argument is named, and nothing is polluted', async () => {
    const server = start();
    await server.openLegacy();
    server.send(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"complete","arguments":{"prompt":"x","__proto__":{"y":1}}}}',
    );
    expect((await server.answer(1)).error).toMatchObject({ code: -32602, message: expect.stringMatching(/__proto__/) });
  });

  it('an id that is still in use is refused, and the first request is answered', async () => {
    const server = start();
    server.callModern(1, 'complete', { prompt: 'slow:300' });
    server.callModern(1, 'complete', { prompt: 'second' });
    await server.message(({ error }) => error?.message.includes('still in use') ?? false);
    const answer = await server.message(({ result }) => result !== undefined);
    expect(answer.result.structuredContent.text).toBe('slow answer');
  });

  it('what a library prints goes to standard error, never between the messages', async () => {
    const server = start();
    server.callModern(1, 'complete', { prompt: 'print' });
    expect((await server.answer(1)).result.structuredContent.text).toBe('printed');
    expect(server.stderr).toContain('a library prints');
  });

  it('a failure text says what was tried, whether to retry and what else to do', async () => {
    const server = start();
    server.callModern(1, 'complete', { prompt: 'fail' });
    const { result } = await server.answer(1);
    expect(result.isError).toBe(true);
    expect(result.content[0].text).toBe(
      [
        'Both candidates failed. (all_failed)',
        'Tried:',
        '1. groq/llama-3.3-70b (key primary): rate_limited after 120 ms: Too many requests.',
        '2. openai/gpt-5-mini (key default): provider_unavailable after 3 ms',
        'Retry: yes, in 13 s.',
        'Wait for groq, or add a key of another provider.',
      ].join('\n'),
    );
    expect(result.structuredContent.error).toMatchObject({
      code: 'all_failed',
      retryable: true,
      retry_after_ms: 12_300,
      attempts: [{ model: 'groq/llama-3.3-70b', error: 'rate_limited', latency_ms: 120 }, { status: 'not_sent' }],
    });
  });

  it('a defect shows neither its message nor its stack', async () => {
    const server = start();
    server.callModern(1, 'complete', { prompt: 'defect' });
    const answer = JSON.stringify(await server.answer(1));
    expect(answer).toContain('internal');
    expect(answer).not.toMatch(/boom|sk-live|scripted-gateway/);
  });
});

describe('progress', () => {
  const notices = (server: SpawnedServer, token: unknown): readonly WireMessage[] =>
    server.messages.filter(
      ({ method, params }) => method === 'notifications/progress' && params?.progressToken === token,
    );

  it('comes at once, then once an interval, strictly rising, with model, phase and tokens', async () => {
    const server = start({ progressIntervalMs: 100 });
    server.callModern(1, 'complete', { prompt: 'slow:450' }, { progressToken: 0 });
    await server.answer(1);
    const sent = notices(server, 0).map(({ params }) => params);
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(sent.length).toBeLessThanOrEqual(5);
    expect(sent.map((params) => params?.progress)).toEqual(sent.map((_, index) => index + 1));
    expect(sent[0]?.message).toBe('openai/gpt-5-mini: waiting, 0 tokens');
    expect(sent.at(-1)?.message).toMatch(/^openai\/gpt-5-mini: receiving, \d+ tokens$/);
  });

  it('is not sent to a client that gave no token, nor after the answer', async () => {
    const server = start({ progressIntervalMs: 20 });
    server.callModern(1, 'complete', { prompt: 'slow:100' });
    server.callModern(2, 'complete', { prompt: 'slow:60' }, { progressToken: 'two' });
    await server.answer(2);
    const count = notices(server, 'two').length;
    await server.answer(1);
    expect(count).toBeGreaterThan(0);
    expect(notices(server, 'two')).toHaveLength(count);
    expect(server.messages.filter(({ method }) => method === 'notifications/progress')).toHaveLength(count);
  });
});
