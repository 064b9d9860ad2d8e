import { describe, expect, it } from 'vitest';
import { PROTOCOL_ERRORS } from './protocol-errors.ts';
import { type SpawnedServer, start, type WireMessage } from './spawn-server.ts';

describe('requests', () => {
  it.each(PROTOCOL_ERRORS)('%s with %j is a protocol error', async (method, params, code, message) => {
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

  it('a failure says what was tried, whether to retry and what else to do, as text and as fields', async () => {
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
      hint: 'Wait for groq, or add a key of another provider.',
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
    const startMs = performance.now();
    server.callModern(1, 'complete', { prompt: 'slow:1000' }, { progressToken: 0 });
    await server.answer(1);
    const intervals = (performance.now() - startMs) / 100;
    const sent = notices(server, 0).map(({ params }) => params);
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(sent.length).toBeLessThanOrEqual(intervals + 1);
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
