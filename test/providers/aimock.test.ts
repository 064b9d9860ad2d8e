import { type ChaosConfig, LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import type { Message } from '../../src/core/message.ts';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import type { CallContext, Provider, ProviderRequest } from '../../src/core/provider.ts';
import { startClock } from '../support/given-time.ts';
import { transportOf } from '../support/transport.ts';
import { ask, failureOf, MODES, type Mode } from './answers.ts';
import { createProvider, modelOf } from './harness.ts';

/**
 * The same basics against a fake provider no one here wrote. Its gaps, by its version 1.43: Ollama
 * usage is always 0, its done reason always "stop" and its embeddings have a wrong shape; details
 * of tokens are dropped; Gemini has no model list and ends a call with the invented FUNCTION_CALL.
 */
const BASE_PATHS: Readonly<Record<ProviderKind, string>> = {
  openai: '/v1',
  'openai-compatible': '/v1',
  groq: '/openai/v1',
  anthropic: '',
  gemini: '',
  ollama: '',
};
const WITHOUT_USAGE: readonly ProviderKind[] = ['ollama'];
const WITHOUT_MODEL_LIST: readonly ProviderKind[] = ['gemini'];
const WITH_EMBEDDINGS: readonly ProviderKind[] = ['openai', 'openai-compatible'];

const mock = new LLMock({ port: 0, logLevel: 'silent' });
beforeAll(async () => {
  await mock.start();
});
afterAll(() => mock.stop());
afterEach(() => void mock.reset());

const KEY = 'aimock-key-1234567890';

function requestFor(kind: ProviderKind, messages: readonly Message[] | string, more: Partial<ProviderRequest> = {}) {
  const user: Message = { role: 'user', content: [{ type: 'text', text: String(messages) }] };
  const model = modelOf(kind, ['tools', 'json-schema'], 'some-model');
  return { model, messages: typeof messages === 'string' ? [user] : messages, maxOutputTokens: 500, ...more };
}

function contextFor(more: Partial<CallContext> = {}): CallContext {
  return { apiKey: KEY, signal: new AbortController().signal, ...more };
}

describe.each(PROVIDER_KINDS)('%s over aimock', (kind) => {
  let provider: Provider;
  beforeEach(async () => {
    provider = await createProvider(kind, { baseUrl: mock.url + BASE_PATHS[kind] }, transportOf());
  });

  describe.each(MODES)('%s', (mode) => {
    describeAnswers(kind, mode, () => provider);
    describeFailures(kind, mode, () => provider);
  });

  it('knows a cut stream', async () => {
    mock.onMessage(
      'count',
      { content: 'one two three four five six seven eight' },
      { chunkSize: 4, truncateAfterChunks: 3, latency: 10 },
    );
    const error = await failureOf(ask(provider, 'streamed', requestFor(kind, 'count'), contextFor()));
    expect(error.code).toBe('stream_truncated');
  });

  it.skipIf(WITHOUT_MODEL_LIST.includes(kind))('lists the models (skipped where aimock has no list)', async () => {
    mock.onMessage('x', { content: 'y' });
    expect((await provider.listModels?.(contextFor()))?.length).toBeGreaterThan(0);
  });

  it.skipIf(!WITH_EMBEDDINGS.includes(kind))(
    'embeds (skipped where the vendor or aimock has no embeddings)',
    async () => {
      mock.onEmbedding('one', { embedding: [0.25, -0.5, 1] });
      const model = modelOf(kind, ['embedding'], 'some-model');
      const output = await provider.embed?.({ model, input: ['one'] }, contextFor());
      expect(output?.embeddings).toEqual([[0.25, -0.5, 1]]);
    },
  );
});

function describeAnswers(kind: ProviderKind, mode: Mode, provider: () => Provider): void {
  it('gives a text, every character of it', async () => {
    const content = 'Grüße, 世界 👩‍👩‍👧! "quoted"\nnext line';
    mock.onMessage('hello', { content }, { chunkSize: 3 });
    const answer = await ask(provider(), mode, requestFor(kind, 'hello'), contextFor());
    expect(answer).toMatchObject({ text: content, toolCalls: [], finishReason: { unified: 'stop' } });
  });

  it('brings the system prompt', async () => {
    mock.on({ userMessage: 'hello', systemMessage: 'Be terse.' }, { content: 'Yo.' });
    const messages: Message[] = [
      { role: 'system', content: [{ type: 'text', text: 'Be terse.' }] },
      { role: 'user', content: [{ type: 'text', text: 'hello' }] },
    ];
    expect((await ask(provider(), mode, requestFor(kind, messages), contextFor())).text).toBe('Yo.');
  });

  it('goes through a tool and back', async () => {
    const city = '{"city":"Zürich"}';
    mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'Sunny.' });
    mock.on({ userMessage: 'weather' }, { toolCalls: [{ id: 'call_abc', name: 'get_weather', arguments: city }] });
    const tools = [{ name: 'get_weather', inputSchema: { type: 'object', properties: { city: { type: 'string' } } } }];
    const question: Message = { role: 'user', content: [{ type: 'text', text: 'weather' }] };
    const first = await ask(provider(), mode, requestFor(kind, [question], { tools }), contextFor());
    const [call] = first.toolCalls;
    if (!call) throw new Error('no tool call');
    expect([call.name, JSON.parse(call.argumentsJson)]).toEqual(['get_weather', { city: 'Zürich' }]);
    if (kind !== 'gemini') expect(first.finishReason.unified).toBe('tool_calls');
    const result = { type: 'tool-result' as const, toolCallId: call.id, toolName: call.name, text: '23 degrees' };
    const messages: Message[] = [
      question,
      { role: 'assistant', content: [{ ...call, type: 'tool-call' }] },
      { role: 'tool', content: [result] },
    ];
    expect((await ask(provider(), mode, requestFor(kind, messages, { tools }), contextFor())).text).toBe('Sunny.');
  });

  it.skipIf(kind === 'ollama')(
    'takes a cut answer for one (skipped for Ollama: aimock always ends with "stop")',
    async () => {
      mock.onMessage('hello', { content: 'So far', finishReason: 'length' });
      const answer = await ask(provider(), mode, requestFor(kind, 'hello'), contextFor());
      expect(answer).toMatchObject({ text: 'So far', finishReason: { unified: 'length' } });
    },
  );

  it.skipIf(WITHOUT_USAGE.includes(kind))('counts tokens (skipped where aimock sends fixed counts)', async () => {
    const chat = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
    const others = { input_tokens: 100, output_tokens: 20, promptTokenCount: 100, candidatesTokenCount: 20 };
    mock.onMessage('hello', { content: 'Hi', usage: { ...chat, ...others, totalTokenCount: 120 } });
    const { usage } = await ask(provider(), mode, requestFor(kind, 'hello'), contextFor());
    // Groq reports under `x_groq`, which aimock does not know.
    if (kind === 'groq' && mode === 'streamed') expect(usage.source).toBe('none');
    else expect(usage).toMatchObject({ inputTokens: 100, outputTokens: 20, source: 'reported' });
  });
}

function describeFailures(kind: ProviderKind, mode: Mode, provider: () => Provider): void {
  const statuses: readonly (readonly [number, ErrorCode])[] = [
    [401, 'provider_auth'],
    [404, 'unknown_model'],
    [429, 'rate_limited'],
    [500, 'provider_error'],
  ];

  it.each(statuses)('understands status %i', async (status, code) => {
    mock.onMessage('hello', { error: { message: 'No.', type: 'test_error' }, status, retryAfter: 7 });
    const error = await failureOf(ask(provider(), mode, requestFor(kind, 'hello'), contextFor()));
    expect([error.code, error.status]).toEqual([code, status]);
    if (status === 429) expect(error.retryAfterMs).toBe(7_000);
  });

  const chaos: readonly (readonly [string, ChaosConfig, readonly ErrorCode[]])[] = [
    ['malformed JSON', { malformedRate: 1 }, ['malformed_response', 'stream_truncated']],
    ['a connection that closes', { disconnectRate: 1 }, ['provider_unavailable', 'stream_truncated']],
  ];

  it.each(chaos)('understands %s', async (_name, config, codes) => {
    mock.onMessage('hello', { content: 'Hi' }, { chaos: config });
    const error = await failureOf(ask(provider(), mode, requestFor(kind, 'hello'), contextFor()));
    expect(codes).toContain(error.code);
  });

  it('is cancelled at once while the answer is slow', async () => {
    mock.onMessage('hello', { content: 'Hi' }, { chaos: { latencyMs: 5_000 } });
    const cancel = new AbortController();
    const call = failureOf(ask(provider(), mode, requestFor(kind, 'hello'), contextFor({ signal: cancel.signal })));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const elapsedMs = startClock();
    cancel.abort();
    expect((await call).code).toBe('cancelled');
    expect(elapsedMs()).toBeLessThan(250);
  });
}
