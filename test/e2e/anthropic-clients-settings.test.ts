import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openService, type Service } from '../http/openai/service.ts';
import { MODEL } from './workplace.ts';

const USAGE = { inputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 12, reasoningTokens: 0 };
const THINKER = { contextTokens: 32_768, capabilities: ['tools', 'json-schema', 'reasoning'] };

let service: Service;
beforeAll(async () => {
  service = await openService(['anthropic'], { config: { models: { [`anthropic/${MODEL}`]: THINKER } } });
});
afterAll(() => service.close());

/** The same question whole and streamed. */
async function bothWays(params: Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens' | 'messages'>) {
  const client = new Anthropic({ baseURL: service.url, apiKey: service.token, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'Hi' }];
  const base = { model: MODEL, max_tokens: 3_000, messages, ...params };
  const options = { headers: { 'x-signalbox-cache': 'off' } };
  return [await client.messages.create(base, options), await client.messages.stream(base, options).finalMessage()];
}

describe('what the vendor’s own programs send', () => {
  it('is taken as it is: a coding agent with its beta headers, cache marks and context edits', async () => {
    service.upstream('anthropic').script({ say: { text: 'Done.', usage: USAGE } });
    const mark = { type: 'ephemeral', ttl: '1h', scope: 'global' };
    const body = {
      model: `anthropic/${MODEL}`,
      max_tokens: 32_000,
      temperature: 1,
      stream: true,
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'high' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      metadata: { user_id: '{"device_id":"a","account_uuid":"","session_id":"b"}' },
      system: [
        { type: 'text', text: 'You are an agent.', cache_control: mark },
        { type: 'text', text: 'Work in /srv.', cache_control: { type: 'ephemeral' } },
      ],
      tools: [
        { name: 'read', description: 'Reads a file', input_schema: { type: 'object' }, eager_input_streaming: true },
      ],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Go.', cache_control: { type: 'ephemeral' } }] }],
    };
    const headers = {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05',
      'x-stainless-lang': 'js',
      'x-app': 'cli',
    };
    const response = await service.post('/v1/messages?beta=true', body, headers);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('message_stop')]);
    expect(service.upstream('anthropic').requests.at(-1)?.body).toMatchObject({
      model: MODEL,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      system: [
        { text: 'You are an agent.', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { text: 'Work in /srv.', cache_control: { type: 'ephemeral' } },
      ],
      messages: [{ role: 'user', content: [{ text: 'Go.', cache_control: { type: 'ephemeral' } }] }],
    });
  });

  it('runs its tools by its own runner, which sends everything once it hears that nothing is stored', async () => {
    const client = new Anthropic({ baseURL: service.url, apiKey: service.token, maxRetries: 0 });
    const vendor = service.upstream('anthropic');
    vendor.script(
      { say: { toolCalls: [{ id: 'toolu_1', name: 'weather', argumentsJson: '{"town":"Rome"}' }] } },
      { say: { text: 'Sunny.' } },
    );
    const weather = betaTool({
      name: 'weather',
      description: 'The weather of a town',
      inputSchema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
      run: ({ town }) => `sun over ${town}`,
    });
    const message = await client.beta.messages.toolRunner({
      model: MODEL,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Rome?' }],
      tools: [weather],
    });
    expect(message.content).toMatchObject([{ type: 'text', text: 'Sunny.' }]);
    expect(vendor.requests.at(-1)?.body).toMatchObject({
      messages: [{}, {}, { content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun over Rome' }] }],
    });
  });

  it('keeps its effort when thinking is off', async () => {
    await bothWays({ thinking: { type: 'disabled' }, output_config: { effort: 'low' } });
    expect(service.upstream('anthropic').requests.at(-1)?.body).toMatchObject({
      thinking: { type: 'disabled' },
      output_config: { effort: 'low' },
    });
  });

  it('hears which of its stop sequences was met', async () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [{ type: 'text', text: 'One', citations: null }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'Three',
      usage: { input_tokens: 3, output_tokens: 2 },
    };
    const { content: _, stop_reason, stop_sequence, ...started } = message;
    const events = [
      { type: 'message_start', message: { ...started, content: [], stop_reason: null, stop_sequence: null } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'One', citations: null } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: message.usage },
      { type: 'message_stop' },
    ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    service
      .upstream('anthropic')
      .script(
        { fault: { type: 'replace', body: JSON.stringify(message), headers: { 'content-type': 'application/json' } } },
        { fault: { type: 'replace', body: events.join(''), headers: { 'content-type': 'text/event-stream' } } },
      );
    for (const answer of await bothWays({ stop_sequences: ['Two', 'Three'] })) {
      expect(answer).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'Three' });
    }
  });
});

describe('a model that rests for long', () => {
  it('is told at once by a client that would wait as long before it asks again', async () => {
    const resting = await openService(['anthropic']);
    onTestFinished(() => resting.close());
    resting.upstream('anthropic').script({ say: { failure: 'auth' } });
    const client = new Anthropic({ baseURL: resting.url, apiKey: resting.token });
    const body = { model: 'auto', max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi' }] };
    await expect(client.messages.create(body)).rejects.toThrow('check the API key');
    await expect(client.messages.create(body)).rejects.toMatchObject({ status: 503, type: 'overloaded_error' });
    expect(resting.upstream('anthropic').requests).toHaveLength(1);
  });
});

describe('a setting the model does not take', () => {
  it('is refused by name, or left out and named when the configuration says so', async () => {
    const model = `openai/${MODEL}`;
    const body = { model, max_tokens: 10, stop_sequences: ['x'], messages: [{ role: 'user', content: 'Hi' }] };
    for (const unsupportedParameters of ['reject', 'drop'] as const) {
      const strict = await openService(['openai'], { config: { models: { [model]: THINKER } }, unsupportedParameters });
      onTestFinished(() => strict.close());
      for (const stream of [false, true]) {
        const answer = await strict.post('/v1/messages', { ...body, stream });
        const dropped = answer.headers.get('x-signalbox-dropped-parameters');
        const text = await answer.text();
        if (unsupportedParameters === 'drop') expect([answer.status, dropped]).toEqual([200, 'stop_sequences']);
        else expect([answer.status, text]).toEqual([400, expect.stringContaining('it takes no stop')]);
      }
      const { requests } = strict.upstream('openai');
      expect(requests.map(({ body: sent }) => Object.hasOwn(sent as object, 'stop'))).toEqual(
        requests.map(() => false),
      );
      expect(requests.length > 0).toBe(unsupportedParameters === 'drop');
    }
  });
});
