import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ProviderKind } from '../../src/core/model.ts';
import type { FakeUpstream } from '../support/fake-upstream.ts';
import { type Served, startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { MODEL } from './workplace.ts';

const USAGE = { inputTokens: 20, cachedInputTokens: 5, cacheWriteTokens: 2, outputTokens: 12, reasoningTokens: 0 };
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const HELLO = [{ role: 'user', content: 'The capital of France?' }] as const;
const WEATHER: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a town',
  input_schema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};
const CALL = { id: 'toolu_01', name: 'weather', argumentsJson: '{"town":"Rome"}' };

const PRICE = { inputPerMTok: 1, outputPerMTok: 2 };
const MODELS = {
  [`main/${MODEL}`]: {
    price: PRICE,
    contextTokens: 32_768,
    capabilities: ['tools', 'vision', 'json-schema', 'reasoning'],
  },
};

async function start(kind: ProviderKind = 'anthropic', config: Record<string, object> = {}) {
  const vendor = await startUpstream(kind);
  const upstreams = [{ id: 'main', kind, upstream: vendor }];
  const served = await startServe({ upstreams, config: { models: MODELS, ...config } });
  return { vendor, served, client: clientOf(served) };
}

function clientOf({ url, token }: Pick<Served, 'url' | 'token'>): Anthropic {
  return new Anthropic({ baseURL: url, apiKey: token, maxRetries: 0 });
}

/** The error that was to come. */
async function failureOf(promise: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Anthropic.APIError) return error;
  throw new Error('expected an APIError', { cause: error });
}

async function aborted(vendor: FakeUpstream, index: number, withinMs: number): Promise<void> {
  const request = await vendor.received(index);
  const endMs = Date.now() + withinMs;
  while (request.outcome !== 'aborted' && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(request.outcome).toBe('aborted');
}

describe('the official Anthropic client on the real service', () => {
  it('gets a whole message with its usage, by key header and by bearer token', async () => {
    const { vendor, served, client } = await start();
    vendor.script({ say: { text: 'Paris.', usage: USAGE } });
    const {
      data: message,
      response,
      request_id,
    } = await client.messages
      .create({ model: 'auto', max_tokens: 100, system: 'Be brief.', messages: [...HELLO], metadata: { user_id: 'u' } })
      .withResponse();
    expect(message).toMatchObject({
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'message',
      role: 'assistant',
      model: `main/${MODEL}`,
      content: [{ type: 'text', text: 'Paris.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 20, cache_read_input_tokens: 5, cache_creation_input_tokens: 2, output_tokens: 12 },
    });
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get('x-signalbox-model')).toBe(`main/${MODEL}`);
    expect(vendor.requests[0]?.call).toMatchObject({ system: 'Be brief.', stream: false, maxOutputTokens: 100 });

    const byBearer = new Anthropic({ baseURL: served.url, apiKey: null, authToken: served.token, maxRetries: 0 });
    const again = await byBearer.messages.create({
      model: MODEL,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(again.content).toMatchObject([{ text: 'Hello there.' }]);
  });

  it('reads a stream by its helper, and the same answer as a whole and from the cache', async () => {
    const { vendor, client } = await start();
    const said = { say: { text: 'One two three.', usage: USAGE } };
    vendor.script(said, said);
    const request = { model: 'auto', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Count.' }] };
    const pieces: string[] = [];
    const stream = client.messages.stream(request).on('text', (text) => pieces.push(text));
    const streamed = await stream.finalMessage();
    expect(pieces.length).toBeGreaterThan(1);
    expect(stream.request_id).toMatch(/^req_/);
    const whole = await client.messages.create(request, { headers: { 'x-signalbox-cache': 'off' } });
    expect(vendor.requests.map(({ call }) => call?.type === 'chat' && call.stream)).toEqual([true, false]);
    expect(whole).toMatchObject({ stop_reason: 'end_turn', usage: streamed.usage });

    const { data: cached, response } = await client.messages.create(request).withResponse();
    expect(response.headers.get('x-signalbox-cache')).toBe('hit');
    const replayed = await client.messages.stream(request).finalMessage();
    for (const message of [streamed, whole, cached, replayed]) {
      expect(message.content).toMatchObject([{ type: 'text', text: 'One two three.' }]);
      expect(message.stop_reason).toBe('end_turn');
    }
    // What comes from the cache costs the provider's account no token.
    expect(replayed.usage).toEqual(cached.usage);
    expect(cached.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
    expect(vendor.requests).toHaveLength(2);
  });

  it('runs a loop of tools with signed thinking, which returns to the vendor byte for byte', async () => {
    const { vendor, client } = await start();
    const signature = 'EqQBCkYIBRgCKkBxyz+/w==';
    vendor.script(
      {
        say: {
          reasoning: 'I need the weather.\n',
          text: 'Wait.',
          toolCalls: [CALL, { ...CALL, id: 'toolu_02' }],
          signature,
          usage: USAGE,
        },
      },
      { say: { text: 'Sunny.', usage: USAGE } },
    );
    const tools = [{ ...WEATHER, cache_control: { type: 'ephemeral' as const } }];
    const base = { model: 'auto', max_tokens: 4_000, tools, thinking: { type: 'adaptive' as const } };
    const first = await client.messages.stream({ ...base, messages: [...HELLO] }).finalMessage();
    expect(first.stop_reason).toBe('tool_use');
    expect(first.content).toMatchObject([
      { type: 'thinking', thinking: 'I need the weather.\n', signature },
      { type: 'text', text: 'Wait.' },
      { type: 'tool_use', id: 'toolu_01', name: 'weather', input: { town: 'Rome' } },
      { type: 'tool_use', id: 'toolu_02' },
    ]);
    const results = first.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'Sun' }] : [],
    );
    const messages = [
      ...HELLO,
      { role: 'assistant' as const, content: first.content },
      { role: 'user' as const, content: results },
    ];
    const second = await client.messages.create({ ...base, messages });
    expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny.' }]);
    expect(vendor.requests[1]?.body).toMatchObject({
      thinking: { type: 'adaptive' },
      tools: [{ name: 'weather', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'I need the weather.\n', signature },
            { type: 'text', text: 'Wait.' },
            { type: 'tool_use', id: 'toolu_01', name: 'weather', input: { town: 'Rome' } },
            { type: 'tool_use', id: 'toolu_02', name: 'weather', input: { town: 'Rome' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_01', content: 'Sun' },
            { type: 'tool_result', tool_use_id: 'toolu_02', content: 'Sun' },
          ],
        },
      ],
    });
  });

  it('shows images, in questions and in results of tools', async () => {
    const { vendor, client } = await start();
    const source = { type: 'base64', media_type: 'image/png', data: PNG } as const;
    await client.messages.create({
      model: 'auto',
      max_tokens: 10,
      tools: [WEATHER],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source },
            { type: 'text', text: 'What is it?' },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source }] }],
        },
      ],
    });
    expect(JSON.stringify(vendor.requests[0]?.body).split(PNG)).toHaveLength(3);
  });

  it('gets an answer that fits its schema, parsed by its helper', async () => {
    const { vendor, client } = await start();
    vendor.script({ say: { text: '{"town":"Rome","sunny":true}', usage: USAGE } });
    const message = await client.messages.parse({
      model: 'auto',
      max_tokens: 100,
      messages: [...HELLO],
      output_config: { format: zodOutputFormat(z.object({ town: z.string(), sunny: z.boolean() })) },
    });
    expect(message.parsed_output).toEqual({ town: 'Rome', sunny: true });
    expect(vendor.requests[0]?.call).toMatchObject({ jsonSchema: { type: 'object' } });
  });

  it('counts tokens by estimate, and says so', async () => {
    const { vendor, client } = await start();
    const { data, response } = await client.messages
      .countTokens({
        model: 'auto',
        system: 'Be brief.',
        messages: [...HELLO],
        tools: [WEATHER],
        thinking: { type: 'adaptive' },
      })
      .withResponse();
    expect(data.input_tokens).toBeGreaterThan(20);
    expect(Object.keys(data)).toEqual(['input_tokens']);
    expect(response.headers.get('x-signalbox-estimated')).toBe('true');
    const answered = [...HELLO, { role: 'assistant' as const, content: 'Hello there, how are you?' }];
    const { input_tokens: before } = await client.messages.countTokens({ model: 'auto', messages: [...HELLO] });
    const { input_tokens: after } = await client.messages.countTokens({ model: 'auto', messages: answered });
    expect(after).toBeGreaterThan(before);
    expect(vendor.requests).toHaveLength(0);
  });

  it('leaves a stream, and the provider is left within a second', async () => {
    const { vendor, client } = await start();
    const pace = { firstMs: 0, frameMs: 30 };
    vendor.script({ say: { pieces: Array.from({ length: 300 }, () => 'word '), pace, usage: USAGE } });
    const stream = client.messages.stream({ model: 'auto', max_tokens: 1_000, messages: [...HELLO] });
    for await (const event of stream) if (event.type === 'content_block_delta') break;
    await aborted(vendor, 0, 1_000);
    vendor.script({ say: { text: 'late', pace: { firstMs: 20_000, frameMs: 0 }, usage: USAGE } });
    const gone = new AbortController();
    const whole = client.messages.create(
      { model: 'auto', max_tokens: 9, messages: [...HELLO] },
      { signal: gone.signal },
    );
    await vendor.received(1);
    gone.abort();
    await expect(whole).rejects.toThrow(Anthropic.APIUserAbortError);
    await aborted(vendor, 1, 1_000);
  });

  it('throws its typed errors', async () => {
    const { vendor, served, client } = await start();
    const ask = (who: Anthropic, model = 'auto') => who.messages.create({ model, max_tokens: 9, messages: [...HELLO] });
    const unknown = await failureOf(ask(clientOf({ url: served.url, token: 'wrong' })));
    expect(unknown).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(unknown.type).toBe('authentication_error');
    const lost = await failureOf(ask(client, 'claude-of-tomorrow'));
    expect(lost).toBeInstanceOf(Anthropic.NotFoundError);
    expect(lost).toMatchObject({ status: 404, type: 'not_found_error' });
    const bad = await failureOf(client.messages.create({ model: 'auto', max_tokens: 0, messages: [...HELLO] }));
    expect(bad).toBeInstanceOf(Anthropic.BadRequestError);
    expect(bad.error).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('max_tokens') },
    });
    expect(vendor.requests).toHaveLength(0);
    vendor.script({ say: { failure: 'rate_limited', headers: { 'retry-after': '30' } } });
    const limited = await failureOf(ask(client, `main/${MODEL}`));
    expect(limited).toMatchObject({ status: 429, type: 'rate_limit_error', requestID: expect.stringMatching(/^req_/) });
    expect(limited).toBeInstanceOf(Anthropic.RateLimitError);
  });

  it('hears of an answer that broke off', async () => {
    const { vendor, client } = await start();
    vendor.script({ say: { text: 'One two three four.', usage: USAGE }, fault: { type: 'no-terminal-event' } });
    const stream = client.messages.stream({ model: 'auto', max_tokens: 100, messages: [...HELLO] });
    const texts: string[] = [];
    stream.on('text', (text) => texts.push(text));
    const broken = await failureOf(stream.finalMessage());
    expect(texts.join('')).toMatch(/^One/);
    expect(broken.type).toMatch(/_error$/);
    expect(broken.message).not.toContain('Error: ');
  });
});
