import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { serve } from '../../support/local-server.ts';
import { openService, type Service } from './service.ts';

let service: Service;
let dropping: Service;
beforeAll(async () => {
  service = await openService(['openai', 'anthropic', 'gemini']);
  dropping = await openService(['anthropic'], { unsupportedParameters: 'drop' });
});
afterAll(async () => {
  await service.close();
  await dropping.close();
});

const look = { type: 'function' as const, function: { name: 'look', parameters: { type: 'object', properties: {} } } };
const userOf = (content: string) => ({ role: 'user' as const, content });

describe('a parameter that the model lacks', () => {
  test.each([false, true])('is refused under its own name, whatever the form (stream: %s)', async (stream) => {
    const sent = service.receivedCount();
    const body = { model: `anthropic/${MODEL}`, messages: [userOf('Three?')], n: 3, stream };
    const response = await service.post('/v1/chat/completions', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'n', type: 'invalid_request_error' } });
    expect(service.receivedCount()).toBe(sent);
  });

  test.each([false, true])('is left out and named, where the policy is to drop (stream: %s)', async (stream) => {
    const body = { model: `anthropic/${MODEL}`, messages: [userOf('Three?')], n: 3, seed: 5, verbosity: 'low', stream };
    const response = await dropping.post('/v1/chat/completions', body);
    await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('x-signalbox-dropped-parameters')?.split(', ').toSorted()).toEqual([
      'n',
      'seed',
      'verbosity',
    ]);
  });
});

const CHAT = { messages: [userOf('Hello')] };
const MESSAGES = { ...CHAT, max_tokens: 100 };
const ONE_TOOL_AT_A_TIME = {
  tools: [{ name: 'look', input_schema: { type: 'object' } }],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
};
const NO_SCHEMA = { type: 'object', properties: { a: { $ref: '#/nowhere' } } };
const flatFormat = { type: 'json_schema', schema: NO_SCHEMA };

/** What is asked, and how the refusal calls the field, in its sentence and in its advice. */
const IN_THE_CALLERS_WORDS: readonly (readonly [path: string, kind: string, asked: object, field: string])[] = [
  ['/v1/chat/completions', 'openai', { ...CHAT, reasoning_effort: 'high' }, 'reasoning_effort'],
  ['/v1/responses', 'openai', { input: 'Hello', reasoning: { effort: 'high' } }, 'reasoning.effort'],
  ['/v1/responses', 'anthropic', { input: 'Hello', text: { verbosity: 'low' } }, 'text.verbosity'],
  ['/v1/messages', 'openai', { ...MESSAGES, output_config: { effort: 'high' } }, 'output_config.effort'],
  ['/v1/messages', 'gemini', { ...MESSAGES, ...ONE_TOOL_AT_A_TIME }, 'tool_choice.disable_parallel_tool_use'],
  [
    '/v1/chat/completions',
    'openai',
    { ...CHAT, response_format: { type: 'json_schema', json_schema: { name: 'a', schema: NO_SCHEMA } } },
    'response_format.json_schema.schema',
  ],
  ['/v1/responses', 'openai', { input: 'Hi', text: { format: { ...flatFormat, name: 'a' } } }, 'text.format.schema'],
  ['/v1/messages', 'openai', { ...MESSAGES, output_config: { format: flatFormat } }, 'output_config.format.schema'],
  ['/v1/messages', 'openai', { ...MESSAGES, output_format: flatFormat }, 'output_format.schema'],
];

test.each(IN_THE_CALLERS_WORDS)('a refusal at %s of %s calls the field as the caller does: %j', async (...row) => {
  const [path, kind, asked, field] = row;
  const body = await (await service.post(path, { model: `${kind}/${MODEL}`, ...asked })).json();
  const { message, param } = (body as { error: { message: string; param?: string } }).error;
  expect(` ${message}`).toContain(` ${field}`);
  expect(message.replaceAll(field, '')).not.toMatch(/reasoning_effort|parallel_tool_calls|json_schema/);
  expect(param).toBe(path === '/v1/messages' ? undefined : field);
});

test('a parameter that a provider turns out to refuse is refused as one, also where the router chose it', async () => {
  const own = await openService(['openai-compatible']);
  const error = { message: 'Unsupported parameter.', param: 'reasoning_effort', code: 'unsupported_parameter' };
  const headers = { 'content-type': 'application/json' };
  own.upstream('openai-compatible').script({
    fault: { type: 'replace', status: 400, headers, body: JSON.stringify({ error }) },
  });
  try {
    // The second time it is known.
    for (const input of ['one', 'two']) {
      const response = await own.post('/v1/responses', { model: 'auto', input, reasoning: { effort: 'high' } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: {
          code: 'capability_missing',
          param: 'reasoning.effort',
          message: expect.stringContaining(' reasoning.effort'),
        },
      });
    }
    expect(own.receivedCount()).toBe(1);
  } finally {
    await own.close();
  }
});

test.each(['/v1/chat/completions', '/v1/responses'])(
  'a call that no model can be made to do is named: %s',
  async (path) => {
    const tiers = { medium: ['ollama/llama3.2'] };
    const own = await openService([], { config: { providers: { ollama: { kind: 'ollama' } }, routing: { tiers } } });
    const isChat = path.endsWith('completions');
    const asked = {
      ...(isChat ? { messages: [userOf('Look!')] } : { input: 'Look!' }),
      tools: [isChat ? look : { type: 'function', ...look.function }],
      tool_choice: 'required',
    };
    try {
      for (const model of ['ollama/llama3.2', 'tier:medium']) {
        const response = await own.post(path, { model, ...asked });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: { code: 'capability_missing', param: 'tool_choice' } });
      }
    } finally {
      await own.close();
    }
  },
);

test("why Anthropic refused is told in each API's own place", async () => {
  const said = { type: 'refusal', category: 'bio', explanation: 'It could do harm.' };
  const usage = {
    input_tokens: 5,
    output_tokens: 1,
    cache_creation_input_tokens: 10,
    cache_creation: { ephemeral_1h_input_tokens: 6 },
  };
  const message = {
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: 'refusal',
    stop_details: said,
    usage,
  };
  const baseUrl = await serve((request, response) => {
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(message)));
  });
  const own = await openService([], {
    config: { providers: { claude: { kind: 'anthropic', apiKey: 'key', baseUrl } } },
  });
  try {
    const model = 'claude/claude-opus-5-5';
    const messages = [userOf('How?')];
    const answer = await (await own.post('/v1/messages', { model, max_tokens: 9, messages })).json();
    expect(answer).toMatchObject({
      stop_reason: 'refusal',
      stop_details: said,
      usage: { cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 } },
    });
    const chat = await own.client.chat.completions.create({ model, messages });
    expect(chat.choices[0]?.message).toMatchObject({ content: null, refusal: said.explanation });
    expect(chat.usage?.prompt_tokens_details).toMatchObject({ cache_write_tokens: 10 });
    const response = await own.client.responses.create({ model, input: 'How?' });
    expect(response.output).toMatchObject([{ content: [{ type: 'refusal', refusal: said.explanation }] }]);
  } finally {
    await own.close();
  }
});

test('what Gemini wants back with a call comes back, although the client knows nothing of it', async () => {
  const gemini = service.upstream('gemini');
  const call = { id: 'call_1', name: 'look', argumentsJson: '{}' };
  gemini.script({ say: { toolCalls: [call], signature: 'c2lnbmVkLXRob3VnaHQ=' } }, { say: { text: 'Seen.' } });
  const model = `gemini/${MODEL}`;
  const asked = [userOf('Look, Gemini!')];
  const stream = service.client.chat.completions.stream({ model, messages: asked, tools: [look] });
  const { message } = (await stream.finalChatCompletion()).choices[0] ?? {};
  const id = message?.tool_calls?.[0]?.id ?? '';
  // Only what every client keeps: id, name and arguments.
  const calling = {
    role: 'assistant' as const,
    content: null,
    tool_calls: [{ id, type: 'function' as const, function: { name: 'look', arguments: '{}' } }],
  };
  const result = { role: 'tool' as const, tool_call_id: id, content: 'a cat' };
  const answer = await service.client.chat.completions.create({
    model,
    messages: [...asked, calling, result],
    tools: [look],
  });
  expect(answer.choices[0]?.message.content).toBe('Seen.');
  expect(JSON.stringify(gemini.requests.at(-1)?.body)).toMatch('"thoughtSignature":"c2lnbmVkLXRob3VnaHQ="');
});

test.each([false, true])(
  "Claude's signed thinking comes back unchanged when messages are returned whole (stream: %s)",
  async (streamed) => {
    const claude = service.upstream('anthropic');
    const call = { id: 'toolu_1', name: 'look', argumentsJson: '{}' };
    claude.script(
      { say: { reasoning: 'I should look.', signature: 'c2lnbmVk', toolCalls: [call] } },
      { say: { text: 'Seen.' } },
    );
    const params = {
      model: `anthropic/${MODEL}`,
      messages: [userOf(`Look, Claude! ${streamed}`)],
      tools: [look],
      max_tokens: 4_000,
    };
    const first = streamed
      ? await service.client.chat.completions.stream(params).finalChatCompletion()
      : await service.client.chat.completions.create(params);
    const message = first.choices[0]?.message;
    if (!message) throw new Error('There is no message.');
    expect(message).toMatchObject({
      reasoning_content: 'I should look.',
      reasoning_details: [{ text: 'I should look.' }],
    });
    const result = { role: 'tool' as const, tool_call_id: message.tool_calls?.[0]?.id ?? '', content: 'a cat' };
    await service.client.chat.completions.create({
      ...params,
      messages: [...params.messages, message, result],
      max_tokens: 4_000,
    });
    const thinking = { type: 'thinking', thinking: 'I should look.', signature: 'c2lnbmVk' };
    expect(JSON.stringify(claude.requests.at(-1)?.body)).toMatch(JSON.stringify(thinking));
  },
);

test('tokens are counted as OpenAI counts them, whoever answers', async () => {
  const usage = { inputTokens: 10, cachedInputTokens: 30, cacheWriteTokens: 2, outputTokens: 9, reasoningTokens: 0 };
  service.upstream('anthropic').script({ say: { text: 'Counted.', usage } });
  const params = { model: `anthropic/${MODEL}`, messages: [userOf('Count.')] };
  const { usage: counted } = await service.client.chat.completions.create(params);
  expect(counted).toMatchObject({
    prompt_tokens: 42,
    completion_tokens: 9,
    total_tokens: 51,
    prompt_tokens_details: { cached_tokens: 30 },
  });
});

test('a failing model is replaced before the stream begins, and the headers say who answered', async () => {
  service.upstream('openai').script({ say: { failure: 'unavailable' } }, { say: { failure: 'unavailable' } });
  service.upstream('anthropic').script({ say: { text: 'I stand in.' } });
  const response = await service.post('/v1/chat/completions', {
    model: 'auto',
    messages: [userOf('Who?')],
    stream: true,
  });
  expect(response.headers.get('x-signalbox-model')).toBe(`anthropic/${MODEL}`);
  expect(await response.text()).toMatch(/I stand in|stand/);
});

test('a stream that breaks says so in an event, and its books too', async () => {
  service.upstream('gemini').script({ say: { text: 'Half of it and then' }, fault: { type: 'no-terminal-event' } });
  const body = { model: `gemini/${MODEL}`, messages: [userOf('Break.')], stream: true };
  const response = await service.post('/v1/chat/completions', body);
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  const last = JSON.parse(events.at(-1)?.replace('data: ', '') ?? '');
  expect(last).toMatchObject({ error: { code: 'stream_truncated', type: 'api_error', param: null } });
  expect(events.join('')).not.toMatch(/\[DONE\]|"finish_reason":"/);
  const booked = async () => (await service.app.gateway.requestLog({ limit: 1 }))[0]?.status;
  await expect.poll(booked).toBe('truncated');
});

test('several answers are asked for whole, and a stream gives them one after the other', async () => {
  const several = (content: string) => ({ model: `openai/${MODEL}`, messages: [userOf(content)], n: 3 });
  const whole = await service.client.chat.completions.create(several('Three, whole?'));
  const streamed = await service.client.chat.completions.stream(several('Three, streamed?')).finalChatCompletion();
  const replayed = await service.client.chat.completions.stream(several('Three, whole?')).finalChatCompletion();
  for (const { choices } of [whole, streamed, replayed]) {
    expect(choices.map(({ index, message }) => [index, message.content])).toEqual(
      [0, 1, 2].map((index) => [index, 'Hello there.']),
    );
  }
  expect(service.upstream('openai').requests.at(-1)?.body).toMatchObject({ n: 3 });
});

test('whoever leaves a stream is booked with what was burnt', async () => {
  const openai = service.upstream('openai');
  openai.script({ say: { text: 'word '.repeat(400), pace: { firstMs: 0, frameMs: 10 } } });
  const controller = new AbortController();
  const stream = await service.client.chat.completions.create(
    { model: `openai/${MODEL}`, messages: [userOf('Go on and on.')], stream: true },
    { signal: controller.signal },
  );
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  controller.abort();
  await expect.poll(() => openai.requests.at(-1)?.outcome).toBe('aborted');
  const booked = () => service.app.gateway.requestLog({ limit: 1 });
  await expect.poll(async () => (await booked())[0]?.status).toBe('cancelled');
  const [request] = await booked();
  expect(request?.attempts).toHaveLength(1);
  expect(request?.attempts[0]).toMatchObject({ status: 'cancelled' });
  expect(request?.attempts[0]?.usage?.outputTokens).toBeGreaterThan(0);
});
