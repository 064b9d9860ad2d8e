import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/core/completion.ts';
import { fromAnthropicStream } from '../../../src/providers/anthropic/from-anthropic-stream.ts';

const usage = {
  input_tokens: 10,
  cache_read_input_tokens: 900,
  cache_creation_input_tokens: 90,
  output_tokens: 50,
  output_tokens_details: { thinking_tokens: 20 },
};

async function translated(events: readonly object[]): Promise<StreamPart[]> {
  async function* wire(): AsyncGenerator<RawMessageStreamEvent> {
    // As the wire has them, not all of which the SDK's types know.
    yield* events as readonly RawMessageStreamEvent[];
  }
  const parts: StreamPart[] = [];
  for await (const part of fromAnthropicStream(wire(), {
    requestedModel: 'm',
    about: () => ({ providerRequestId: 'req_1' }),
  }))
    parts.push(part);
  return parts;
}

describe('a stream of Anthropic', () => {
  const start = {
    type: 'message_start',
    message: { model: 'claude-sonnet-5-5', usage: { ...usage, output_tokens: 1 } },
  };
  const block = (index: number, content_block: object, ...deltas: object[]): object[] => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
  const end = (stop_reason: string | null): object[] => [
    { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 50, input_tokens: null } },
    { type: 'message_stop' },
  ];

  it('loses no call where every block has the same index and none ends, and holds no more than 1,000 open', async () => {
    const begun = (id: string, index: number) => [
      { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name: 'look', input: {} } },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: `{"of":"${id}"}` } },
    ];
    const parts = await translated([start, ...begun('a', 0), ...begun('b', 0), ...end('tool_use')]);
    expect(parts.flatMap((part) => (part.type === 'tool-call' ? [part.id, part.argumentsJson] : []))).toEqual([
      ...['a', '{"of":"a"}'],
      ...['b', '{"of":"b"}'],
    ]);
    const many = Array.from({ length: 1_001 }, (_, index) => begun(`call_${index}`, index)).flat();
    await expect(translated([start, ...many])).rejects.toThrow('1000 tool calls');
  });

  it('yields text, signed thinking, parallel calls and cumulative usage', async () => {
    const parts = await translated([
      start,
      ...block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'H' },
        { type: 'thinking_delta', thinking: 'm.' },
        { type: 'signature_delta', signature: 'c2lnbmVk' },
      ),
      ...block(1, { type: 'redacted_thinking', data: 'ZW5j' }),
      ...block(2, { type: 'text', text: '' }, { type: 'text_delta', text: 'Hél' }, { type: 'text_delta', text: 'lo' }),
      ...block(
        3,
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
        { type: 'input_json_delta', partial_json: '{"city":' },
        { type: 'input_json_delta', partial_json: '"Paris"}' },
      ),
      ...block(4, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }),
      { type: 'event_of_the_future' },
      ...end('tool_use'),
    ]);
    const state = (value: object) => ({ kind: 'anthropic', value: JSON.stringify(value) });
    expect(parts.slice(1)).toEqual([
      { type: 'reasoning-delta', text: 'H' },
      { type: 'reasoning-delta', text: 'm.' },
      {
        type: 'reasoning-delta',
        text: '',
        vendorState: state({ type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' }),
      },
      { type: 'reasoning-delta', text: '', vendorState: state({ type: 'redacted_thinking', data: 'ZW5j' }) },
      { type: 'text-delta', text: 'Hél' },
      { type: 'text-delta', text: 'lo' },
      { type: 'tool-call-delta', id: 'toolu_1', name: 'weather', argumentsText: '{"city":' },
      { type: 'tool-call-delta', id: 'toolu_1', name: 'weather', argumentsText: '"Paris"}' },
      { type: 'tool-call', id: 'toolu_1', name: 'weather', argumentsJson: '{"city":"Paris"}' },
      { type: 'tool-call', id: 'toolu_2', name: 'now', argumentsJson: '{}' },
      {
        type: 'usage',
        usage: {
          inputTokens: 10,
          cachedInputTokens: 900,
          cacheWriteTokens: 90,
          outputTokens: 50,
          reasoningTokens: 20,
          source: 'reported',
        },
      },
      {
        type: 'finish',
        finishReason: { unified: 'tool_calls', raw: 'tool_use' },
        model: 'claude-sonnet-5-5',
        providerRequestId: 'req_1',
      },
    ]);
    expect(parts[0]).toMatchObject({ type: 'usage', usage: { inputTokens: 10, outputTokens: 1, source: 'partial' } });
  });

  it('does not finish without message_stop, nor without a stop reason', async () => {
    const cut = await translated([start, ...block(0, { type: 'text', text: 'Hel' }), ...end('end_turn').slice(0, 1)]);
    expect(cut.map((part) => part.type)).toEqual(['usage', 'text-delta', 'usage']);
    await expect(translated([start, ...end(null)])).rejects.toMatchObject({ code: 'malformed_response' });
  });

  it('of a server that ends all blocks with the answer, as llama.cpp does, has its thoughts once and before the rest', async () => {
    const blocks = [
      block(0, { type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking: 'Hm.' }),
      block(1, { type: 'text', text: '' }, { type: 'text_delta', text: 'Hello' }),
      block(2, { type: 'tool_use', id: 'a', name: 'now' }, { type: 'input_json_delta', partial_json: '{}' }),
    ];
    const parts = await translated([
      start,
      ...blocks.flatMap((events) => events.slice(0, 2)),
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: '' } },
      ...blocks.flatMap((events) => events.slice(2)),
      ...end('tool_use'),
    ]);
    expect(parts.filter(({ type }) => type !== 'usage')).toMatchObject([
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'reasoning-delta', text: '', vendorState: { kind: 'anthropic' } },
      { type: 'text-delta', text: 'Hello' },
      { type: 'tool-call-delta', id: 'a', argumentsText: '{}' },
      { type: 'tool-call', id: 'a' },
      { type: 'finish' },
    ]);
  });

  it('of another server that speaks its wire may leave out where blocks end, and what was asked', async () => {
    const call = { type: 'tool_use', id: 'same', name: 'now', input: {} };
    const json = { type: 'input_json_delta', partial_json: '{"in":"Rome"}' };
    const unended = [...block(0, call, json).slice(0, 2), ...block(1, call).slice(0, 1)];
    const parts = await translated([
      { type: 'message_start', message: { model: 'm' } },
      ...unended,
      ...end('tool_use'),
    ]);
    expect(parts.filter(({ type }) => type === 'tool-call')).toMatchObject([
      { id: 'same', argumentsJson: '{"in":"Rome"}' },
      { id: expect.stringMatching(/^call_\w{32}$/), argumentsJson: '{}' },
    ]);
    expect(parts.findLast(({ type }) => type === 'usage')).toMatchObject({
      usage: { outputTokens: 50, source: 'partial' },
    });
    const nameless = block(0, { ...call, name: undefined });
    await expect(translated([start, ...nameless, ...end('tool_use')])).rejects.toMatchObject({
      code: 'malformed_response',
    });
  });

  it('ends with the refusal and keeps what it cost', async () => {
    const parts = await translated([start, ...end('refusal')]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'refusal', raw: 'refusal' } });
    expect(parts.at(-2)).toMatchObject({ type: 'usage', usage: { outputTokens: 50, source: 'reported' } });
  });
});
