import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { toChatRequest } from '../../../src/http/anthropic/to-chat-request.ts';

const SURROUNDINGS = {
  routing: { cache: 'use' },
  caller: { tenant: 't', client: 'c' },
  unsupportedParameters: 'reject',
} as const;
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const HELLO = { role: 'user', content: 'Hello' };
const WEATHER = { name: 'weather', input_schema: { type: 'object', properties: { town: { type: 'string' } } } };
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { town: 'Rome' } };
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Sunny.' };

function translate(more: JsonObject) {
  return toChatRequest({ model: 'm', max_tokens: 100, messages: [HELLO], ...more }, SURROUNDINGS);
}

describe('a request to /v1/messages', () => {
  it('carries every setting to ours', () => {
    const request = translate({
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h', scope: 'global' } }],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END', '\n\nHuman:'],
      thinking: { type: 'enabled', budget_tokens: 2048, display: 'summarized' },
      tools: [
        { ...WEATHER, type: 'custom', description: 'Of a town', strict: true, cache_control: { type: 'ephemeral' } },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      metadata: { user_id: 'u-1' },
      output_config: { effort: 'xhigh', format: { type: 'json_schema', schema: { type: 'object' } } },
    });
    expect(request).toEqual({
      ...SURROUNDINGS,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.', cacheBreakpoint: '1h' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      ],
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stop: ['END', '\n\nHuman:'],
      thinking: { type: 'enabled', budgetTokens: 2048, display: 'summarized' },
      reasoningEffort: 'xhigh',
      tools: [
        {
          name: 'weather',
          description: 'Of a town',
          inputSchema: WEATHER.input_schema,
          strict: true,
          cacheBreakpoint: '5m',
        },
      ],
      toolChoice: 'required',
      parallelToolCalls: false,
      metadata: { user_id: 'u-1' },
      responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' } },
    });
  });

  it.each([
    [{ thinking: { type: 'adaptive' } }, { thinking: { type: 'adaptive' } }],
    [{ thinking: { type: 'adaptive', display: 'updates' } }, { thinking: { type: 'adaptive' } }],
    [
      { thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } } },
      { thinking: { type: 'adaptive' } },
    ],
    [
      { thinking: { type: 'adaptive', display: 'summarized' } },
      { thinking: { type: 'adaptive', display: 'summarized' } },
    ],
    [
      { max_tokens: 5_000, thinking: { type: 'enabled', budget_tokens: 2_000, display: 'omitted' } },
      { thinking: { type: 'enabled', budgetTokens: 2_000, display: 'omitted' } },
    ],
    [{ thinking: { type: 'disabled' } }, { thinking: { type: 'off' } }],
    [{ thinking: { type: 'between_tools' } }, { thinking: { type: 'off' } }],
    [{ tools: [WEATHER], tool_choice: { type: 'auto' } }, { toolChoice: 'auto' }],
    [{ tools: [WEATHER], tool_choice: { type: 'none' } }, { toolChoice: 'none' }],
    [{ tools: [WEATHER], tool_choice: { type: 'tool', name: 'weather' } }, { toolChoice: { name: 'weather' } }],
    [
      { output_format: { type: 'json_schema', schema: {} } },
      { responseFormat: { type: 'json-schema', name: 'answer', schema: {} } },
    ],
    [
      { cache_control: { type: 'ephemeral' } },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', cacheBreakpoint: '5m' }] }] },
    ],
  ] as const)('reads %j', (more, expected) => {
    expect(translate(more)).toMatchObject(expected);
  });

  it('takes the effort that the last system message asks for, which may say nothing else', () => {
    const user = { role: 'user', content: 'Hello' };
    const ask = (effort: string | null, content: string | null = null) => ({
      role: 'system',
      content,
      output_config: { effort },
    });
    const effortOf = (...messages: readonly ReturnType<typeof ask>[]) => translate({ messages: [user, ...messages] });
    const first = effortOf(ask('medium', 'Be brief.'));
    expect(first).toMatchObject({ reasoningEffort: 'medium', messages: [{ role: 'user' }, { role: 'system' }] });
    expect(effortOf(ask('medium', 'Be brief.'), ask(null, 'Go on.'), ask('max'))).toMatchObject({
      reasoningEffort: 'max',
      messages: [{ role: 'user' }, { role: 'system' }, { role: 'system' }],
    });
    const both = { messages: [user, ask('low')], output_config: { effort: 'high' } };
    expect(translate(both).reasoningEffort).toBe('low');
  });

  it('takes what clients send without effect', () => {
    const plain = translate({});
    const harmless = {
      service_tier: 'auto',
      speed: 'standard',
      diagnostics: { previous_message_id: null },
      context_management: {
        edits: [{ type: 'clear_thinking_20251015', keep: 'all' }, { type: 'clear_tool_uses_20250919' }],
      },
      container: null,
      inference_geo: null,
      mcp_servers: [],
      tools: [],
      stop_sequences: [],
      system: '',
      temperature: null,
      thinking: null,
      metadata: { user_id: null },
    };
    expect(translate(harmless)).toEqual(plain);
  });
});

describe('a conversation', () => {
  const messagesOf = (...messages: JsonObject[]) => translate({ messages }).messages;

  it('splits a user’s message into results and words, images of a result included', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
    const read = messagesOf(
      HELLO,
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Wait.', citations: null },
          { ...CALL, caller: { type: 'direct' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            is_error: true,
            content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }, image],
          },
          {
            type: 'image',
            source: { type: 'url', url: 'https://example.com/a.png' },
            cache_control: { type: 'ephemeral' },
          },
          { type: 'text', text: 'And now?' },
        ],
      },
      { role: 'system', content: 'Be kind.' },
    );
    expect(read.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Wait.' },
          { type: 'tool-call', id: 'toolu_1', name: 'weather', argumentsJson: '{"town":"Rome"}' },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'toolu_1',
            toolName: 'weather',
            text: 'a\nb',
            isError: true,
            media: [{ type: 'image', source: { type: 'data', mediaType: 'image/png', base64: PNG } }],
          },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, cacheBreakpoint: '5m' },
          { type: 'text', text: 'And now?' },
        ],
      },
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
    ]);
  });

  it('marks a result once, with the longest time of its parts', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
    const content = [
      { ...image, cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'Sunny.', cache_control: { type: 'ephemeral' } },
    ];
    const [, , tool] = messagesOf(
      HELLO,
      { role: 'assistant', content: [CALL] },
      { role: 'user', content: [{ ...RESULT, content, cache_control: { type: 'ephemeral' } }] },
    );
    expect(tool?.content).toMatchObject([
      { text: 'Sunny.', cacheBreakpoint: '1h', media: [{ source: { url: 'https://example.com/a.png' } }] },
    ]);
    expect(JSON.stringify(tool)).not.toContain('5m');
  });

  it('may answer parallel calls in several messages of the user', () => {
    const read = messagesOf(
      HELLO,
      { role: 'assistant', content: [CALL, { ...CALL, id: 'toolu_2' }] },
      { role: 'user', content: [RESULT] },
      {
        role: 'user',
        content: [
          { ...RESULT, tool_use_id: 'toolu_2' },
          { type: 'text', text: 'Go on.' },
        ],
      },
    );
    expect(read.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
  });

  it('holds a system message that is cleared until the user speaks again', () => {
    const system = { role: 'system', content: 'Be quick.', clear_at: 'next_user_message' };
    const answer = { role: 'assistant', content: 'Yes.' };
    expect(messagesOf(HELLO, system).map(({ role }) => role)).toEqual(['user', 'system']);
    expect(messagesOf(HELLO, system, answer, HELLO).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    const kept = { ...system, clear_at: 'never' };
    expect(messagesOf(HELLO, kept, answer, HELLO)).toHaveLength(4);
  });

  it.each([
    ['a text', ''],
    ['a list', []],
    ['a block', [{ type: 'text', text: '' }]],
  ])('keeps the place of an answer without a word: %s', (_what, content) => {
    const [, answer] = messagesOf(HELLO, { role: 'assistant', content }, HELLO);
    expect(answer).toEqual({ role: 'assistant', content: [{ type: 'text', text: '' }] });
  });

  it('may end with an empty message of the assistant', () => {
    expect(messagesOf(HELLO, { role: 'assistant', content: [] })).toEqual(translate({}).messages);
  });
});
