import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json/json.ts';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import { openService, type Service } from '../http/openai/service.ts';
import { eventually } from '../support/until.ts';
import { MODEL } from './workplace.ts';

const USAGE = { inputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 12, reasoningTokens: 0 };
const WEATHER: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a town',
  input_schema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};
const CALLS = [
  { id: 'call_a', name: 'weather', argumentsJson: '{"town":"Rome"}' },
  { id: 'call_b', name: 'weather', argumentsJson: '{"town":"Oslo"}' },
];
const PRICE = { inputPerMTok: 1, outputPerMTok: 2 };
const CAPABILITIES = ['tools', 'vision', 'json-schema', 'reasoning'];
const MODELS = Object.fromEntries(
  PROVIDER_KINDS.map((kind) => [
    `${kind}/${MODEL}`,
    { price: PRICE, contextTokens: 32_768, capabilities: CAPABILITIES },
  ]),
);

let service: Service;
let client: Anthropic;
beforeAll(async () => {
  service = await openService(PROVIDER_KINDS, { config: { models: MODELS, cache: { enabled: false } } });
  client = new Anthropic({ baseURL: service.url, apiKey: service.token, maxRetries: 0 });
});
afterAll(() => service.close());

type Params = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens' | 'messages'> & {
  readonly messages?: Anthropic.MessageParam[];
};

/** The same question whole and streamed; `script` says twice what the vendor answers. */
async function bothWays(kind: ProviderKind, params: Params = {}): Promise<Anthropic.Message[]> {
  const base = {
    model: `${kind}/${MODEL}`,
    max_tokens: 3_000,
    messages: [{ role: 'user' as const, content: 'Hi' }],
    ...params,
  };
  return [await client.messages.create(base), await client.messages.stream(base).finalMessage()];
}

type Say = NonNullable<Parameters<ReturnType<Service['upstream']>['script']>[0]['say']>;

function script(kind: ProviderKind, ...answers: readonly Say[]): void {
  service.upstream(kind).script(...answers.flatMap((say) => [{ say }, { say }]));
}

function lastBody(kind: ProviderKind): JsonObject {
  return service.upstream(kind).requests.at(-1)?.body as JsonObject;
}

describe.each(PROVIDER_KINDS)('an Anthropic client on a model of kind %s', (kind) => {
  it('gets text and usage, the same whole and streamed', async () => {
    script(kind, { text: 'Hello there, you.', usage: USAGE });
    const [whole, streamed] = await bothWays(kind, { system: 'Be kind.' });
    for (const message of [whole, streamed]) {
      expect(message?.content).toMatchObject([{ type: 'text', text: 'Hello there, you.' }]);
      expect(message).toMatchObject({
        model: `${kind}/${MODEL}`,
        stop_reason: 'end_turn',
        usage: { input_tokens: 20, cache_read_input_tokens: 0, output_tokens: 12 },
      });
    }
    expect(service.upstream(kind).requests.at(-1)?.call).toMatchObject({ system: 'Be kind.', prompt: 'Hi' });
  });

  it('calls tools in parallel and returns their results under the ids of the model', async () => {
    script(kind, { text: 'Wait.', toolCalls: CALLS, usage: USAGE }, { text: 'Sunny.', usage: USAGE });
    const first = await bothWays(kind, { tools: [WEATHER], tool_choice: { type: 'auto' } });
    for (const message of first) {
      expect(message.stop_reason).toBe('tool_use');
      const uses = message.content.filter((block) => block.type === 'tool_use');
      expect(uses.map(({ name, input }) => [name, input])).toEqual([
        ['weather', { town: 'Rome' }],
        ['weather', { town: 'Oslo' }],
      ]);
      expect(new Set(uses.map(({ id }) => id)).size).toBe(2);
      const results = uses.map(({ id }, index) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: [{ type: 'text' as const, text: `result ${index}` }],
        is_error: index === 1,
      }));
      const messages: Anthropic.MessageParam[] = [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: message.content },
        { role: 'user', content: results },
      ];
      const base = { model: `${kind}/${MODEL}`, max_tokens: 3_000, tools: [WEATHER], messages };
      const second = await client.messages.create(base);
      expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny.' }]);
      const call = service.upstream(kind).requests.at(-1)?.call;
      const received = call?.type === 'chat' ? call.toolResults : [];
      expect(received.map(({ text }) => text)).toEqual([
        expect.stringContaining('result 0'),
        expect.stringContaining('result 1'),
      ]);
      // Ollama has no ids, its results go by the tool's name.
      if (kind !== 'ollama') expect(received.map(({ id }) => id)).toEqual(['call_a', 'call_b']);
    }
  });

  const ends = [
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
  ] as const;

  // Ollama's models know no filter.
  it.each(kind === 'ollama' ? [ends[0]] : ends)('says that an answer ended by %s', async (finish, reason) => {
    script(kind, { text: 'Half an', finish, usage: USAGE });
    for (const { stop_reason, stop_details } of await bothWays(kind)) {
      expect(stop_reason).toBe(reason);
      expect(stop_details?.type).toBe(reason === 'refusal' ? 'refusal' : undefined);
    }
  });

  it('thinks when it is asked to, and shows it', async () => {
    script(kind, { reasoning: 'Let me see.', text: 'Yes.', usage: { ...USAGE, reasoningTokens: 4 } });
    const messages = await bothWays(kind, { thinking: { type: 'adaptive' } });
    for (const { content } of messages) {
      const [thinking, text, ...more] = content;
      expect(thinking).toMatchObject({
        type: 'thinking',
        thinking: 'Let me see.',
        signature: expect.stringMatching(/./),
      });
      expect(text).toMatchObject({ type: 'text', text: 'Yes.' });
      expect(more).toEqual([]);
    }
    // What was shown may come back, and disturbs nobody.
    const again = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: messages[0]?.content ?? '' },
      { role: 'user', content: 'More' },
    ];
    const third = await client.messages.create({
      model: `${kind}/${MODEL}`,
      max_tokens: 3_000,
      messages: again as Anthropic.MessageParam[],
    });
    expect(third.content).toMatchObject([{ type: 'text', text: 'Hello there.' }]);
    expect(JSON.stringify(lastBody(kind))).not.toContain('signalbox.1');
  });

  it('answers with JSON of a schema', async () => {
    script(kind, { text: '{"sunny":true}', usage: USAGE });
    const schema = {
      type: 'object',
      properties: { sunny: { type: 'boolean' } },
      required: ['sunny'],
      additionalProperties: false,
    };
    for (const { content } of await bothWays(kind, { output_config: { format: { type: 'json_schema', schema } } })) {
      expect(content).toMatchObject([{ type: 'text', text: '{"sunny":true}' }]);
    }
  });

  it('hears of an answer that broke off, and of no success', async () => {
    const say = { text: 'One two three four five.', usage: USAGE };
    service.upstream(kind).script({ say, fault: { type: 'no-terminal-event' } });
    const response = await service.post('/v1/messages', {
      model: `${kind}/${MODEL}`,
      max_tokens: 100,
      stream: true,
      messages: [{ role: 'user', content: 'Count.' }],
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('text_delta');
    expect(text.trimEnd().split('\n\n').at(-1)).toMatch(
      /^event: error\ndata: \{"type":"error","error":\{"type":"\w+_error"/,
    );
    expect(text).not.toContain('message_stop');
    await eventually(async () => {
      const [request] = await service.app.gateway.requestLog({ limit: 1 });
      expect(request?.status).toBe('truncated');
    });
  });
});

describe('Gemini through an Anthropic client', () => {
  it('gets its thought signatures back in a loop of tools, streamed and whole, whether thinking was asked for or not', async () => {
    const signature = 'c2lnbmF0dXJl+/==';
    for (const thinking of [undefined, { type: 'adaptive' as const }]) {
      script('gemini', { toolCalls: CALLS, signature, usage: USAGE });
      for (const message of await bothWays('gemini', { tools: [WEATHER], ...(thinking && { thinking }) })) {
        const results = message.content.flatMap((block) =>
          block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'Sun' }] : [],
        );
        expect(results).toHaveLength(2);
        await client.messages.create({
          model: `gemini/${MODEL}`,
          max_tokens: 3_000,
          tools: [WEATHER],
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: message.content },
            { role: 'user', content: results },
          ],
        });
        expect(lastBody('gemini').contents).toMatchObject([
          { role: 'user' },
          {
            role: 'model',
            parts: [
              { functionCall: { id: 'call_a', name: 'weather', args: { town: 'Rome' } }, thoughtSignature: signature },
              { functionCall: { id: 'call_b', name: 'weather', args: { town: 'Oslo' } } },
            ],
          },
          { role: 'user', parts: [{ functionResponse: { id: 'call_a' } }, { functionResponse: { id: 'call_b' } }] },
        ]);
      }
    }
  });
});

describe('a conversation that changes its vendor', () => {
  it('goes from Gemini to Anthropic and OpenAI with its calls and without foreign signatures', async () => {
    script('gemini', { reasoning: 'Hm.', toolCalls: CALLS, signature: 'c2ln', usage: USAGE });
    const [message] = await bothWays('gemini', { tools: [WEATHER], thinking: { type: 'adaptive' } });
    const results = (message?.content ?? []).flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'Sun' }] : [],
    );
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: message?.content ?? [] },
      { role: 'user', content: results },
    ];
    for (const kind of ['anthropic', 'openai'] as const) {
      await client.messages.create({ model: `${kind}/${MODEL}`, max_tokens: 3_000, tools: [WEATHER], messages });
      const sent = JSON.stringify(lastBody(kind));
      expect(sent).toContain('call_a');
      expect(sent).not.toMatch(/c2ln|sbx_|signalbox/);
    }
  });
});

describe.each(['openai', 'groq', 'openai-compatible'] as const)('a call of a %s model that cannot be read', (kind) => {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hi' }];
  const params = { model: `${kind}/${MODEL}`, max_tokens: 3_000, messages, tools: [WEATHER] };

  it.each(['{"town":"Rome"}x', '{"town":"Ro', '{"town":"Rome"}{"town":"Oslo"}'])(
    'ends a stream with an error that says so, and no client runs it: %s',
    async (argumentsJson) => {
      service.upstream(kind).script({ say: { toolCalls: [{ id: 'call_a', name: 'weather', argumentsJson }] } });
      const seen: string[] = [];
      const stream = client.messages.stream(params).on('streamEvent', ({ type }) => seen.push(type));
      const failure: unknown = await stream.finalMessage().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Anthropic.APIError);
      expect(String(failure)).toContain('called the tool \\"weather\\" with arguments that are no JSON object');
      expect(seen).toContain('content_block_delta');
      expect(seen).not.toContain('content_block_stop');
      expect(seen).not.toContain('message_stop');
    },
  );

  it('is no error where the limit of tokens cut it', async () => {
    const toolCalls = [{ id: 'call_a', name: 'weather', argumentsJson: '{"town":"Ro' }];
    service.upstream(kind).script({ say: { toolCalls, finish: 'length' } });
    const seen: string[] = [];
    const stream = client.messages.stream(params).on('streamEvent', ({ type }) => seen.push(type));
    expect(await stream.finalMessage()).toMatchObject({ stop_reason: 'max_tokens', content: [{ type: 'tool_use' }] });
    expect(seen.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  });
});
