import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type {
  ResponseFunctionToolCall,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROVIDER_KINDS } from '../../../src/core/model.ts';
import { MODEL } from '../../e2e/workplace.ts';
import { startInProcess, startServe } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const USAGE = { inputTokens: 20, cachedInputTokens: 5, cacheWriteTokens: 0, outputTokens: 12, reasoningTokens: 0 };

const WEATHER = {
  type: 'function',
  name: 'weather',
  description: 'The weather of a town',
  parameters: {
    type: 'object',
    properties: { town: { type: 'string' } },
    required: ['town'],
    additionalProperties: false,
  },
  strict: true,
} as const;

function clientOf({ url, token }: { readonly url: string; readonly token: string }): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
}

/** An answer that was to be an error. */
async function refusal(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error;
    throw error;
  }
  throw new Error('expected an APIError');
}

describe('the official OpenAI client on the real service', () => {
  it('gets a whole response with usage and everything the request said', async () => {
    const vendor = await startUpstream();
    vendor.script({ say: { text: 'Paris.', usage: USAGE } });
    const client = clientOf(await startServe({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] }));
    const { data: response, response: http } = await client.responses
      .create({ model: 'auto', instructions: 'Be brief.', input: 'The capital of France?', metadata: { run: '7' } })
      .withResponse();
    expect(response.output_text).toBe('Paris.');
    expect(response).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f]{32}$/),
      object: 'response',
      status: 'completed',
      model: `main/${MODEL}`,
      instructions: 'Be brief.',
      metadata: { run: '7' },
      store: false,
      error: null,
      incomplete_details: null,
      usage: {
        input_tokens: 25,
        input_tokens_details: { cached_tokens: 5 },
        output_tokens: 12,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 37,
      },
    });
    expect(http.headers.get('x-signalbox-model')).toBe(`main/${MODEL}`);
    expect(vendor.requests[0]?.call).toMatchObject({
      system: 'Be brief.',
      prompt: 'The capital of France?',
      stream: false,
    });
  });

  it('reads a stream by its helper, which checks every event against the ones before it', async () => {
    const vendor = await startUpstream();
    vendor.script({ say: { text: 'One two three.', usage: USAGE } });
    const client = clientOf(await startServe({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] }));
    const events: ResponseStreamEvent[] = [];
    const stream = client.responses.stream({ model: 'auto', input: 'Count.' });
    stream.on('event', (event) => events.push(event));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe('One two three.');
    expect(final.usage?.total_tokens).toBe(37);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.map(({ type }) => type).filter((type) => type !== 'response.output_text.delta')).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('gets an answer that fits its schema, parsed', async () => {
    const vendor = await startUpstream();
    vendor.script(
      { say: { text: '{"town":"Rome","sunny":true}' } },
      { say: { text: '{"town":"Oslo","sunny":false}' } },
    );
    const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] }));
    const format = zodTextFormat(z.object({ town: z.string(), sunny: z.boolean() }), 'weather');
    const whole = await client.responses.parse({ model: 'auto', input: 'Rome?', text: { format } });
    expect(whole.output_parsed).toEqual({ town: 'Rome', sunny: true });
    const streamed = await client.responses.stream({ model: 'auto', input: 'Oslo?', text: { format } }).finalResponse();
    expect(streamed.output_parsed).toEqual({ town: 'Oslo', sunny: false });
  });

  it('gets the same answer from the cache, whole or streamed, and nobody is asked again', async () => {
    const vendor = await startUpstream();
    vendor.script({ say: { text: 'One two three.', usage: USAGE } });
    const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] }));
    const params = { model: 'auto', input: 'Count.' };
    const live = await client.responses.stream(params).finalResponse();
    const replayed = await client.responses.stream(params).finalResponse();
    const { data: whole, response } = await client.responses.create(params).withResponse();
    expect([replayed.output_text, whole.output_text]).toEqual([live.output_text, live.output_text]);
    expect(replayed.id).not.toBe(live.id);
    expect(response.headers.get('x-signalbox-cache')).toBe('hit');
    expect(vendor.requests).toHaveLength(1);
  });

  it.each([false, true])(
    'brings signed reasoning back to the vendor that signed it (streamed: %s)',
    async (streamed) => {
      const vendor = await startUpstream('anthropic');
      const thought = { reasoning: 'Two and two.', text: 'Four.', signature: 'c2lnbmVk', usage: USAGE };
      vendor.script({ say: thought }, { say: { text: 'Still four.' } });
      const config = { models: { [`main/${MODEL}`]: { contextTokens: 32_768, capabilities: ['reasoning'] } } };
      const client = clientOf(
        await startInProcess({ upstreams: [{ id: 'main', kind: 'anthropic', upstream: vendor }], config }),
      );
      const input: ResponseInputItem[] = [{ role: 'user', content: 'Two and two?' }];
      const ask = () => {
        const params = {
          ...{ model: `main/${MODEL}`, input, store: false, include: ['reasoning.encrypted_content' as const] },
          reasoning: { effort: 'high' as const, summary: 'auto' as const },
        };
        return streamed ? client.responses.stream(params).finalResponse() : client.responses.create(params);
      };
      const first = await ask();
      expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
      expect(first.output[0]).toMatchObject({ summary: [{ type: 'summary_text', text: 'Two and two.' }] });
      for (const item of first.output) input.push(item as ResponseInputItem);
      input.push({ role: 'user', content: 'Sure?' });
      expect((await ask()).output_text).toBe('Still four.');
      expect(JSON.stringify(vendor.requests.at(-1)?.body)).toContain('"signature":"c2lnbmVk"');
    },
  );

  // OpenAI says a refusal as one from its first word on, Anthropic only at the end.
  it.each([
    ['openai', false],
    ['openai', true],
    ['anthropic', false],
    ['anthropic', true],
  ] as const)(
    'may give back a refusal of %s as it got it, which counts once (streamed: %s)',
    async (kind, streamed) => {
      const vendor = await startUpstream(kind);
      vendor.script({ say: { text: 'I will not.', finish: 'refusal', usage: USAGE } }, { say: { text: 'Gladly.' } });
      const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind, upstream: vendor }] }));
      const params = { model: 'auto', input: [{ role: 'user' as const, content: 'Pick a lock.' }] };
      const first = await (streamed
        ? client.responses.stream(params).finalResponse()
        : client.responses.create(params));
      const next = { role: 'user' as const, content: 'A poem?' };
      const input = [...params.input, ...(first.output as ResponseInputItem[]), next];
      expect((await client.responses.create({ ...params, input })).output_text).toBe('Gladly.');
      const transcript = expect.stringContaining('Pick a lock.\nI will not.\nA poem?');
      expect(vendor.requests.at(-1)?.call).toMatchObject({ transcript });
    },
  );

  // The templates of Mistral's and Google's open models refuse two questions in a row.
  it.each(['openai', 'groq', 'ollama', 'openai-compatible'] as const)(
    'may give back an answer without a word, which stays a turn of its own for %s',
    async (kind) => {
      const vendor = await startUpstream(kind);
      vendor.script({ say: { text: '' } });
      const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind, upstream: vendor }] }));
      const input: ResponseInputItem[] = [{ role: 'user', content: 'Hi' }];
      const first = await client.responses.create({ model: 'auto', input });
      input.push(...(first.output as ResponseInputItem[]), { role: 'user', content: 'Well?' });
      // Without parts it is one as well.
      input.push({ ...(first.output[0] as ResponseOutputMessage), content: [] }, { role: 'user', content: 'Well?' });
      await client.responses.create({ model: 'auto', input });
      expect(vendor.requests.at(-1)?.body).toMatchObject({
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: '' },
          { role: 'user', content: 'Well?' },
          { role: 'assistant', content: '' },
          { role: 'user', content: 'Well?' },
        ],
      });
      // Where nothing follows there is no second question, and vendors refuse a last turn that says nothing.
      await client.responses.create({ model: 'auto', input: input.slice(0, 2) });
      expect(vendor.requests.at(-1)?.body).toMatchObject({ messages: [{ role: 'user', content: 'Hi' }] });
    },
  );

  it('is told of a stream cut in the middle by an error, never by an end', async () => {
    const vendor = await startUpstream();
    const step = {
      say: { text: 'Many words that will not all come through.' },
      fault: { type: 'no-terminal-event' },
    } as const;
    vendor.script(step, step);
    const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] }));
    const seen: string[] = [];
    const failed = await refusal(
      (async () => {
        for await (const event of await client.responses.create({ model: 'auto', input: 'Go on.', stream: true })) {
          seen.push(event.type);
        }
      })(),
    );
    expect(failed).toMatchObject({ code: 'stream_truncated', type: 'api_error' });
    expect(seen).toContain('response.output_text.delta');
    expect(seen).not.toContain('response.completed');
    expect(seen).not.toContain('response.output_text.done');
  });

  it('finds nothing stored, and is told so', async () => {
    const vendor = await startUpstream();
    const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] }));
    const { id } = await client.responses.create({ model: 'auto', input: 'Hello' });
    expect(await refusal(client.responses.retrieve(id))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await refusal(client.responses.delete(id))).toMatchObject({ status: 404 });
    expect(await refusal(client.responses.cancel(id))).toMatchObject({ status: 404 });
  });
});

describe.each(PROVIDER_KINDS)('a tool loop in the Responses API on a %s model', (kind) => {
  it.each([false, true])('runs two parallel calls and their outputs through (streamed: %s)', async (streamed) => {
    const vendor = await startUpstream(kind);
    vendor.script(
      {
        say: {
          text: 'Let me look.',
          toolCalls: [
            { id: 'call_1', name: 'weather', argumentsJson: '{"town":"Rome"}' },
            { id: 'call_2', name: 'weather', argumentsJson: '{"town":"Oslo"}' },
          ],
          signature: 'c2lnbmVkIGJ5IGl0cyB2ZW5kb3I=',
          usage: USAGE,
        },
      },
      { say: { text: 'Rome is sunny, Oslo is not.', usage: USAGE } },
    );
    const config = { models: { [`main/${MODEL}`]: { contextTokens: 32_768, capabilities: ['tools'] } } };
    const client = clientOf(await startInProcess({ upstreams: [{ id: 'main', kind, upstream: vendor }], config }));
    const input: ResponseInputItem[] = [{ role: 'user', content: 'The weather in Rome and Oslo?' }];
    const ask = () => {
      const params = { model: `main/${MODEL}`, input, tools: [WEATHER] };
      return streamed ? client.responses.stream(params).finalResponse() : client.responses.create(params);
    };
    const first = await ask();
    const output: readonly ResponseOutputItem[] = first.output;
    const calls = output.filter((item): item is ResponseFunctionToolCall => item.type === 'function_call');
    expect(calls.map(({ name, arguments: given }) => [name, JSON.parse(given)])).toEqual([
      ['weather', { town: 'Rome' }],
      ['weather', { town: 'Oslo' }],
    ]);
    expect(first.output_text).toBe('Let me look.');
    expect(first.status).toBe('completed');
    for (const item of first.output) input.push(item as ResponseInputItem);
    for (const { call_id, arguments: given } of calls) {
      input.push({ type: 'function_call_output', call_id, output: `${JSON.parse(given).town}: 20 degrees` });
    }
    const second = await ask();
    expect(second.output_text).toBe('Rome is sunny, Oslo is not.');
    const asked = vendor.requests.at(-1)?.call;
    expect(asked?.type === 'chat' && asked.toolResults.map(({ text }) => text)).toEqual([
      'Rome: 20 degrees',
      'Oslo: 20 degrees',
    ]);
    if (kind === 'gemini')
      expect(JSON.stringify(vendor.requests.at(-1)?.body)).toContain('c2lnbmVkIGJ5IGl0cyB2ZW5kb3I=');
  });
});
