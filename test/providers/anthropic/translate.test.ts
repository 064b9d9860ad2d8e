import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import type { ModelInfo } from '../../../src/core/model.ts';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import { fromAnthropicMessage } from '../../../src/providers/anthropic/from-anthropic-message.ts';
import { mapAnthropicFinishReason } from '../../../src/providers/anthropic/map-anthropic-finish-reason.ts';
import { toAnthropicRequest } from '../../../src/providers/anthropic/to-anthropic-request.ts';
import { thrownBy } from '../../support/thrown-by.ts';

const model: ModelInfo = {
  ref: 'anthropic/claude-sonnet-5-5',
  provider: 'anthropic',
  name: 'claude-sonnet-5-5',
  contextTokens: 200_000,
  outputTokensMax: 64_000,
  capabilities: ['tools', 'vision', 'json-schema'],
  tags: [],
};
const hello: ProviderRequest = { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] };

const usage = {
  input_tokens: 10,
  cache_read_input_tokens: 900,
  cache_creation_input_tokens: 90,
  output_tokens: 50,
  output_tokens_details: { thinking_tokens: 20 },
};

describe('a request to Anthropic', () => {
  it('always has max_tokens: the wish, no more than the model gives, the model at most, or a default', () => {
    expect(toAnthropicRequest({ ...hello, maxOutputTokens: 100 }).max_tokens).toBe(100);
    expect(toAnthropicRequest({ ...hello, maxOutputTokens: 100_000 }).max_tokens).toBe(64_000);
    expect(toAnthropicRequest(hello).max_tokens).toBe(64_000);
    const { outputTokensMax: _, ...unknown } = model;
    expect(toAnthropicRequest({ ...hello, model: unknown }).max_tokens).toBe(8_192);
  });

  it('holds strict tools strictly, where model and schema allow it', () => {
    const closed = { type: 'object', properties: {}, additionalProperties: false } as const;
    const tools = [
      { name: 'closed', inputSchema: closed, strict: true },
      { name: 'open', inputSchema: { type: 'object' }, strict: true },
    ] as const;
    expect(toAnthropicRequest({ ...hello, tools }).tools).toEqual([
      { name: 'closed', input_schema: closed, strict: true },
      { name: 'open', input_schema: { type: 'object' } },
    ]);
    const loose = toAnthropicRequest({ ...hello, tools, model: { ...model, capabilities: ['tools'] } });
    expect(JSON.stringify(loose.tools)).not.toContain('strict');
  });

  it('joins system messages into one prompt and the results of parallel calls into one user message', () => {
    const body = toAnthropicRequest({
      ...hello,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'toolu_1', name: 'weather', argumentsJson: '{"city":"Paris"}' },
            { type: 'tool-call', id: 'fc.2', name: 'weather', argumentsJson: 'not json' },
          ],
        },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'toolu_1', toolName: 'weather', text: '21' }] },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: 'fc.2', toolName: 'weather', text: 'broken', isError: true }],
        },
        { role: 'user', content: [{ type: 'text', text: 'And?' }] },
      ],
    });
    expect(body.system).toBe('Be brief.\n\nBe kind.');
    expect(body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } },
          { type: 'tool_use', id: 'fc_2e_2', name: 'weather', input: { invalid_arguments: 'not json' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: '21' },
          { type: 'tool_result', tool_use_id: 'fc_2e_2', content: 'broken', is_error: true },
          { type: 'text', text: 'And?' },
        ],
      },
    ]);
  });

  it('keeps system messages after the turn they came with, where the model takes them there', () => {
    const say = (role: 'system' | 'user' | 'assistant', text: string) =>
      ({ role, content: [{ type: 'text', text }] }) as const;
    const form = (...messages: readonly ReturnType<typeof say>[]) => {
      const { system, messages: turns } = toAnthropicRequest({ ...hello, messages }, { keepsSystemPlaces: true });
      return [system, ...turns.map(({ role, content }) => `${role}: ${JSON.stringify(content).match(/[A-Z]\w*/g)}`)];
    };
    const begun = [
      say('system', 'Brief'),
      say('user', 'Hi'),
      say('system', 'Kind'),
      say('assistant', 'Hello'),
    ] as const;
    const sent = ['Brief', 'user: Hi', 'system: Kind', 'assistant: Hello'];
    expect(form(...begun, say('user', 'And'))).toEqual([...sent, 'user: And']);
    // Never two in a row, never before a user's turn.
    const more = [say('system', 'Slow'), say('user', 'And'), say('system', 'Warm'), say('user', 'So')] as const;
    expect(form(...begun, ...more)).toEqual([...sent, 'user: And,So', 'system: Slow,Warm']);
    // With no user's turn before it, it belongs to the prompt.
    expect(form(say('user', 'Hi'), say('assistant', 'Hello'), say('system', 'Late'))[0]).toBe('Late');
    expect(form(say('user', 'Hi'), say('system', ''), say('user', 'So'))).toEqual([undefined, 'user: Hi,So']);
  });

  it('has no id twice, though servers begin anew with "call_0" in each answer', () => {
    const turn = [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call_0', name: 'weather', argumentsJson: '{}' }] },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call_0', toolName: 'weather', text: '21' }] },
    ] as const;
    const { messages } = toAnthropicRequest({ ...hello, messages: [...hello.messages, ...turn, ...turn, ...turn] });
    const ids = messages.flatMap(({ content }) =>
      (Array.isArray(content) ? content : []).flatMap((block) => {
        if (block.type === 'tool_use') return [block.id];
        return block.type === 'tool_result' ? [block.tool_use_id] : [];
      }),
    );
    expect(ids).toEqual(['call_0', 'call_0', 'call_0_2', 'call_0_2', 'call_0_3', 'call_0_3']);
  });

  it('tells tens of thousands of calls apart that came with one id, and those with the ids they get', () => {
    const messages = Array.from({ length: 40_000 }, (_, turn) => {
      const id = turn === 2 ? 'a_2' : 'a';
      return [
        { role: 'assistant', content: [{ type: 'tool-call', id, name: 'look', argumentsJson: '{}' }] },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: id, toolName: 'look', text: '' }] },
      ] as const;
    }).flat();
    const ids = toAnthropicRequest({ model, messages }).messages.flatMap(({ content }) =>
      typeof content === 'string' ? [] : content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])),
    );
    expect(ids.slice(0, 5)).toEqual(['a', 'a_2', 'a_2_2', 'a_3', 'a_4']);
    expect(new Set(ids).size).toBe(40_000);
  });

  it('leaves out text of white space alone, which the vendor refuses and other models say before a call', () => {
    const call = { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{}' } as const;
    const result = { type: 'tool-result', toolCallId: 'a', toolName: 'weather', text: '21' } as const;
    const said = { role: 'assistant', content: [{ type: 'text', text: '\n\n' }, call] } as const;
    const messages = [...hello.messages, said, { role: 'tool', content: [result] } as const];
    const sent = toAnthropicRequest({ ...hello, messages }).messages[1]?.content;
    expect(sent).toEqual([{ type: 'tool_use', id: 'a', name: 'weather', input: {} }]);
  });

  it('refuses a call without its result before anything is sent', () => {
    const call = { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{}' } as const;
    const messages = [...hello.messages, { role: 'assistant', content: [call] } as const];
    expect(thrownBy(() => toAnthropicRequest({ ...hello, messages })).code).toBe('invalid_request');
  });

  it('takes images as data and by address, and refuses types the vendor does not know', () => {
    const image = (mediaType: string) =>
      ({ type: 'image', source: { type: 'data', mediaType, base64: 'iVBORw0KGgo=' } }) as const;
    const url = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const;
    const body = toAnthropicRequest({ ...hello, messages: [{ role: 'user', content: [image('image/png'), url] }] });
    expect(body.messages[0]?.content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    ]);
    const svg = { ...hello, messages: [{ role: 'user', content: [image('image/svg+xml')] }] } as const;
    expect(thrownBy(() => toAnthropicRequest(svg)).code).toBe('capability_missing');
  });

  it("asks for JSON by the vendor's own output format, closed as the vendor wants it", () => {
    const schema = { type: 'object', properties: { city: { type: 'string', minLength: 1 } }, required: ['city'] };
    const body = toAnthropicRequest({ ...hello, responseFormat: { type: 'json-schema', name: 'place', schema } });
    expect(body.output_config?.format).toMatchObject({
      type: 'json_schema',
      schema: { type: 'object', additionalProperties: false, required: ['city'] },
    });
    const untyped = { type: 'json-schema', name: 'anything', schema: { properties: { a: {} } } } as const;
    expect(thrownBy(() => toAnthropicRequest({ ...hello, responseFormat: untyped })).code).toBe('capability_missing');
  });

  it('names the tool that must be called', () => {
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];
    expect(toAnthropicRequest({ ...hello, tools, toolChoice: 'required' }).tool_choice).toEqual({ type: 'any' });
    expect(toAnthropicRequest({ ...hello, tools, toolChoice: { name: 'weather' } }).tool_choice).toEqual({
      type: 'tool',
      name: 'weather',
    });
    expect(toAnthropicRequest({ ...hello, toolChoice: 'none' })).not.toHaveProperty('tool_choice');
  });
});

describe('an answer of Anthropic', () => {
  const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' };
  const redacted = { type: 'redacted_thinking', data: 'ZW5jcnlwdGVk' };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [
      thinking,
      redacted,
      { type: 'text', text: 'Let me look.', citations: null },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } },
    ],
    stop_reason: 'tool_use',
    usage,
  };

  const read = (value: unknown) => fromAnthropicMessage(value as Message, 'm');

  it('keeps content, reason and disjoint usage', () => {
    const completion = read(message);
    expect(completion.content.map((part) => part.type)).toEqual(['reasoning', 'reasoning', 'text', 'tool-call']);
    expect(completion.finishReason).toEqual({ unified: 'tool_calls', raw: 'tool_use' });
    expect(completion.usage).toEqual({
      inputTokens: 10,
      cachedInputTokens: 900,
      cacheWriteTokens: 90,
      outputTokens: 50,
      reasoningTokens: 20,
      source: 'reported',
    });
  });

  it('gives signed and redacted thinking back unchanged, and never the reasoning of others', () => {
    const { content } = read(message);
    const foreign = { type: 'reasoning', text: 'Hm?', vendorState: { kind: 'gemini', value: '{}' } } as const;
    const body = toAnthropicRequest({
      ...hello,
      messages: [
        ...hello.messages,
        { role: 'assistant', content: [foreign, ...content] },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'toolu_1', toolName: 'weather', text: '21' }] },
      ],
    });
    expect(body.messages[1]?.content).toEqual([
      thinking,
      redacted,
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } },
    ]);
  });

  it('maps every stop reason and never takes an unknown one for the end', () => {
    const unified = (raw: string) => mapAnthropicFinishReason(raw).unified;
    expect(['end_turn', 'stop_sequence'].map(unified)).toEqual(['stop', 'stop']);
    expect(['max_tokens', 'model_context_window_exceeded'].map(unified)).toEqual(['length', 'length']);
    expect(['refusal', 'pause_turn', 'invented_later'].map(unified)).toEqual(['refusal', 'other', 'other']);
    expect(mapAnthropicFinishReason('pause_turn').raw).toBe('pause_turn');
  });

  it('keeps why it was refused, where the vendor says', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: 'It could do harm.' };
    expect(mapAnthropicFinishReason('refusal', { stop_details: details }).refusal).toEqual({
      category: 'cyber',
      explanation: 'It could do harm.',
    });
    const unsaid = { type: 'refusal', category: null, explanation: null };
    expect(mapAnthropicFinishReason('refusal', { stop_details: unsaid })).toEqual({
      unified: 'refusal',
      raw: 'refusal',
    });
  });

  it('of another server that speaks its wire has calls with ids of their own, and what was not counted is not free', () => {
    const call = { type: 'tool_use', id: 'same', name: 'now', input: {} };
    const ids = (...calls: object[]) =>
      read({ ...message, content: calls }).content.map((part) => 'id' in part && part.id);
    const own = expect.stringMatching(/^call_\w{32}$/);
    expect(ids(call, call, { ...call, id: undefined })).toEqual(['same', own, own]);
    expect(thrownBy(() => ids({ ...call, name: undefined })).code).toBe('malformed_response');
    const sourceOf = (counts: object) => read({ ...message, usage: counts }).usage.source;
    expect(sourceOf({ output_tokens: 5 })).toBe('partial');
    expect(sourceOf({ input_tokens: 5 })).toBe('partial');
    expect(sourceOf({ input_tokens: 0, cache_read_input_tokens: 5, output_tokens: 0 })).toBe('reported');
  });

  it('is refused when it is not a message', () => {
    expect(thrownBy(() => read({ hello: 'world' })).code).toBe('malformed_response');
    expect(thrownBy(() => read('<html>')).code).toBe('malformed_response');
    expect(thrownBy(() => read({ ...message, stop_reason: null })).code).toBe('malformed_response');
  });
});
