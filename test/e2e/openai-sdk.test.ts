import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PROVIDER_KINDS } from '../../src/core/model.ts';
import { startClock } from '../support/given-time.ts';
import { EMBEDDER, openServedKinds, refOf, type ServedKinds } from './openai-clients.ts';

let served: ServedKinds;
beforeAll(async () => {
  served = await openServedKinds();
});
afterAll(() => served.close());

const PNG = `data:image/png;base64,${Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1').toString('base64')}`;
const usage = { inputTokens: 20, cachedInputTokens: 4, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 0 };
const look = {
  type: 'function',
  function: {
    name: 'look',
    description: 'Looks.',
    parameters: { type: 'object', properties: { at: { type: 'string' } } },
  },
} as const;
const calls = ['a', 'b'].map((at) => ({ id: `call_${at}`, name: 'look', argumentsJson: JSON.stringify({ at }) }));

let count = 0;
/** A question no other test has asked, so that the cache has no answer. */
function question(): string {
  count += 1;
  return `Question ${count}?`;
}

describe.each(PROVIDER_KINDS)("OpenAI's client on %s", (kind) => {
  const model = refOf(kind);

  test('gets whole answers with usage', async () => {
    served.upstream(kind).script({ say: { text: 'Whole.', usage } });
    const { data, response } = await served.client.chat.completions
      .create({ model, messages: [{ role: 'user', content: question() }] })
      .withResponse();
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', content: 'Whole.' } });
    expect(data.model).toBe(model);
    // Ollama reports no cached tokens: what it counts is all there is.
    expect(data.usage).toMatchObject({ completion_tokens: 7 });
    expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + 7);
    expect(response.headers.get('x-signalbox-model')).toBe(model);
    expect(response.headers.get('x-signalbox-request-id')).toMatch(/^req_/);
    expect(response.headers.get('x-signalbox-cost-usd')).toMatch(/^0\.0000/);
  });

  test('gets the same in pieces', async () => {
    served.upstream(kind).script({ say: { text: 'In pieces, as they come.', usage } });
    const stream = served.client.chat.completions.stream({
      model,
      messages: [{ role: 'user', content: question() }],
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    stream.on('content', (piece) => pieces.push(piece));
    const { choices, usage: used } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'In pieces, as they come.' } });
    expect(pieces.join('')).toBe('In pieces, as they come.');
    expect(pieces.length).toBeGreaterThan(1);
    expect(used?.completion_tokens).toBe(7);
  });

  test.each([false, true])('has two tools called at once and answers both, streamed: %s', async (streamed) => {
    const upstream = served.upstream(kind);
    const asked: string[] = [];
    const first = upstream.requests.length;
    upstream.script({ say: { toolCalls: calls, usage } }, { say: { text: 'Seen both.', usage } });
    const tool = {
      ...look,
      function: {
        ...look.function,
        parse: JSON.parse,
        function: (given: { at: string }) => {
          asked.push(given.at);
          return `saw ${given.at}`;
        },
      },
    };
    const params = { model, messages: [{ role: 'user' as const, content: question() }], tools: [tool] };
    const runner = streamed
      ? served.client.chat.completions.runTools({ ...params, stream: true })
      : served.client.chat.completions.runTools(params);
    expect(await runner.finalContent()).toBe('Seen both.');
    expect(asked).toEqual(['a', 'b']);
    const said = runner.messages.find((message) => message.role === 'assistant');
    const ids = said?.role === 'assistant' ? said.tool_calls?.map(({ id }) => id) : [];
    expect(new Set(ids).size).toBe(2);
    const results = upstream.requests[first + 1]?.call;
    expect(results).toMatchObject({ toolResults: [{ text: 'saw a' }, { text: 'saw b' }] });
  });

  test('shows an image', async () => {
    const content = [
      { type: 'text', text: question() },
      { type: 'image_url', image_url: { url: PNG, detail: 'low' } },
    ] as const;
    await served.client.chat.completions.create({ model, messages: [{ role: 'user', content: [...content] }] });
    const call = served.upstream(kind).requests.at(-1)?.call;
    expect(call?.type === 'chat' && call.images).toHaveLength(1);
  });

  test('parses an answer of a schema', async () => {
    served.upstream(kind).script({ say: { text: '{"city":"Oslo","people":700000}' } });
    const format = zodResponseFormat(z.object({ city: z.string(), people: z.int() }), 'place');
    const completion = await served.client.chat.completions.parse({
      model,
      messages: [{ role: 'user', content: question() }],
      response_format: format,
    });
    expect(completion.choices[0]?.message.parsed).toEqual({ city: 'Oslo', people: 700_000 });
  });

  // Anthropic refuses rather than filters, Ollama and Groq have no filter.
  const hasFilter = !['anthropic', 'groq', 'ollama'].includes(kind);
  const ends = hasFilter ? (['length', 'content_filter'] as const) : (['length'] as const);
  test.each(ends)('is told why an answer ended: %s', async (finish) => {
    served.upstream(kind).script({ say: { text: 'Cut', finish } }, { say: { text: 'Cut', finish } });
    const params = { model, messages: [{ role: 'user' as const, content: question() }] };
    const whole = await served.client.chat.completions.create(params);
    const stream = served.client.chat.completions.stream({
      ...params,
      messages: [{ role: 'user', content: question() }],
    });
    const streamed = await stream.finalChatCompletion();
    expect([whole.choices[0]?.finish_reason, streamed.choices[0]?.finish_reason]).toEqual([finish, finish]);
  });
});

describe("OpenAI's client", () => {
  test('gets typed errors, and is not made to repeat what cannot help', async () => {
    const ask = (more: object) =>
      served.client.chat.completions.create({
        model: refOf('openai'),
        messages: [{ role: 'user', content: question() }],
        ...more,
      });
    await expect(ask({ temperature: 9 })).rejects.toThrow(BadRequestError);
    await expect(ask({ temperature: 9 })).rejects.toMatchObject({
      param: 'temperature',
      code: 'invalid_request',
      type: 'invalid_request_error',
    });
    await expect(ask({ model: 'openai/no-such-model' })).rejects.toThrow(NotFoundError);
    const stranger = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(AuthenticationError);
    const patient = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: served.token, maxRetries: 2 });
    const upstream = served.upstream('groq');
    const before = upstream.requests.length;
    upstream.script({ say: { failure: 'auth' } });
    const refused = patient.chat.completions.create({
      model: refOf('groq'),
      messages: [{ role: 'user', content: question() }],
    });
    await expect(refused).rejects.toThrow(InternalServerError);
    expect(upstream.requests.length - before).toBe(1);
  });

  test('is told when to come back', async () => {
    served.upstream('openai-compatible').script({ say: { failure: 'rate_limited', headers: { 'retry-after': '7' } } });
    const asked = served.client.chat.completions.create({
      model: refOf('openai-compatible'),
      messages: [{ role: 'user', content: question() }],
    });
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(RateLimitError);
    expect(Number((error as RateLimitError).headers?.get('retry-after'))).toBeGreaterThanOrEqual(5);
  });

  test('gets embeddings, as floats and in the base64 it asks for by itself', async () => {
    const params = { model: `openai/${EMBEDDER}`, input: ['one', 'two'] };
    const { data: packed, response } = await served.client.embeddings.create(params).withResponse();
    expect(['cache', 'attempts'].map((name) => response.headers.get(`x-signalbox-${name}`))).toEqual(['off', '1']);
    const plain = await served.client.embeddings.create({ ...params, encoding_format: 'float' });
    expect(packed.data).toHaveLength(2);
    expect(packed.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(packed.model).toBe(`openai/${EMBEDDER}`);
    expect(packed.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    for (const [at, { embedding }] of plain.data.entries()) {
      expect(Array.from(packed.data[at]?.embedding ?? [])).toEqual(embedding.map(Math.fround));
    }
  });

  test('gets embeddings of the length that it asks for', async () => {
    const params = { model: `openai/${EMBEDDER}`, input: ['one', 'two'], dimensions: 3 };
    const { data } = await served.client.embeddings.create(params);
    expect(data.map(({ embedding }) => embedding.length)).toEqual([3, 3]);
  });

  test('gets embeddings of texts that it has made into tokens, which OpenAI alone reads', async () => {
    const ask = (model: string, input: number[] | number[][]) => served.client.embeddings.create({ model, input });
    const ref = `openai/${EMBEDDER}`;
    expect((await ask(ref, [[15_339, 1_917], [42]])).data).toHaveLength(2);
    expect((await ask(ref, [15_339, 1_917])).data).toHaveLength(1);
    const sent = served
      .upstream('openai')
      .requests.slice(-2)
      .map(({ body }) => (body as { input: unknown }).input);
    expect(sent).toEqual([[[15_339, 1_917], [42]], [[15_339, 1_917]]]);
    const askedBefore = served.upstream('ollama').requests.length;
    await expect(ask(`ollama/${EMBEDDER}`, [[42]])).rejects.toMatchObject({
      status: 400,
      code: 'capability_missing',
      param: 'input',
      message: expect.stringContaining('texts, not token ids'),
    });
    expect(served.upstream('ollama').requests).toHaveLength(askedBefore);
  });

  test('lists every name that goes as a model, and finds one with slashes', async () => {
    const ids: string[] = [];
    for await (const { id } of served.client.models.list()) ids.push(id);
    expect(ids).toEqual(expect.arrayContaining(['auto', 'auto:cost', 'tier:simple', refOf('openai'), refOf('ollama')]));
    const model = await served.client.models.retrieve(refOf('gemini'));
    expect(model).toEqual({ id: refOf('gemini'), object: 'model', created: 0, owned_by: 'gemini' });
    await expect(served.client.models.retrieve('gemini/no-such')).rejects.toThrow(NotFoundError);
  });

  test('finds its answer in the cache, whole and as a stream', async () => {
    const params = { model: refOf('openai'), messages: [{ role: 'user' as const, content: question() }] };
    served.upstream('openai').script({ say: { text: 'Once only.', usage } });
    await served.client.chat.completions.create(params);
    const { data, response } = await served.client.chat.completions.create(params).withResponse();
    expect(response.headers.get('x-signalbox-cache')).toBe('hit');
    const again = await served.client.chat.completions.create({ ...params, stream: true }).withResponse();
    expect([response, again.response].map(({ headers }) => headers.get('x-signalbox-cost-usd'))).toEqual(['0', '0']);
    const replayed = await served.client.chat.completions.stream(params).finalChatCompletion();
    expect([data, replayed].map(({ choices }) => choices[0]?.message.content)).toEqual(['Once only.', 'Once only.']);
  });

  test('that leaves a stream has the provider stopped within a second', async () => {
    const upstream = served.upstream('anthropic');
    const at = upstream.requests.length;
    upstream.script({ say: { text: 'word '.repeat(500), pace: { firstMs: 0, frameMs: 20 } } });
    const stream = await served.client.chat.completions.create({
      model: refOf('anthropic'),
      messages: [{ role: 'user', content: question() }],
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const elapsedMs = startClock();
    await expect.poll(() => upstream.requests[at]?.outcome, { interval: 5 }).toBe('aborted');
    expect(elapsedMs()).toBeLessThan(1_000);
  });

  test('sees a cut stream as an error, never as an answer', async () => {
    served.upstream('openai').script({ say: { text: 'Half of it and then' }, fault: { type: 'no-terminal-event' } });
    const stream = served.client.chat.completions.stream({
      model: refOf('openai'),
      messages: [{ role: 'user', content: question() }],
    });
    await expect(stream.finalChatCompletion()).rejects.toThrow(/ended before/);
  });

  test('keeps strict tools strict in form', async () => {
    served.upstream('openai').script({ say: { toolCalls: [{ id: 'c', name: 'look', argumentsJson: '{"at":"x"}' }] } });
    const completion = await served.client.chat.completions.parse({
      model: refOf('openai'),
      messages: [{ role: 'user', content: question() }],
      tools: [zodFunction({ name: 'look', parameters: z.object({ at: z.string() }) })],
    });
    expect(completion.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { parsed_arguments: { at: 'x' } },
    });
  });
});
