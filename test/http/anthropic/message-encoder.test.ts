import { describe, expect, it } from 'vitest';
import { toThinkingState } from '../../../src/core/content/signed-thinking.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { fromAnswer } from '../../../src/http/anthropic/from-answer.ts';
import { MessageEncoder } from '../../../src/http/anthropic/message-encoder.ts';
import { answerOf, USAGE } from '../../support/gateway-answer.ts';
import { type Content, encode, eventsIn, GEMINI, HIDDEN, type Part, readBySdk, SHOWN, STREAM } from './encoding.ts';

describe('the events of a message', () => {
  it('begin, say every block on its own and end with the reason and the whole usage', () => {
    const parts: Part[] = [
      { type: 'usage', usage: { ...USAGE, outputTokens: 1 } },
      { type: 'text-delta', text: 'Hel' },
      { type: 'text-delta', text: 'lo' },
      { type: 'tool-call-delta', id: 'c1', name: 'weather', argumentsText: '{"town":' },
      { type: 'tool-call-delta', id: 'c1', name: 'weather', argumentsText: '"Rome"}' },
      { type: 'tool-call', id: 'c1', name: 'weather', argumentsJson: '{"town":"Rome"}' },
    ];
    const call = { type: 'tool-call', id: 'c1', name: 'weather', argumentsJson: '{"town":"Rome"}' } as const;
    const events = eventsIn(encode(parts, answerOf({ content: [{ type: 'text', text: 'Hello' }, call] })));
    expect(events.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events.every(({ event, data }) => data.type === event)).toBe(true);
    expect(events[0]?.data).toMatchObject({
      message: {
        id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
        content: [],
        usage: { input_tokens: 7, output_tokens: 1 },
      },
    });
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { input_tokens: 7, cache_read_input_tokens: 2, cache_creation_input_tokens: 1, output_tokens: 5 },
    });
  });

  it('of a cached answer begin without input tokens', () => {
    const encoder = new MessageEncoder({ ...STREAM, cache: 'hit' }, SHOWN);
    expect(eventsIn(encoder.part({ type: 'text-delta', text: 'a' }))[0]?.data).toMatchObject({
      message: { usage: { input_tokens: 0 } },
    });
  });

  it('bring what the pieces of a call left out', async () => {
    const call = { type: 'tool-call', id: 'c1', name: 'weather', argumentsJson: '{"town":"Rome"}' } as const;
    const begun = { type: 'tool-call-delta', id: 'c1', name: 'weather', argumentsText: '{"town":' } as const;
    const message = await readBySdk(encode([begun, call], answerOf({ content: [call] })));
    expect(message.content).toMatchObject([{ type: 'tool_use', input: { town: 'Rome' } }]);
  });

  it.each(['null', '[1]', '"{\\"town\\":\\"Rome\\"}"', '', '{"town":"Rome"}'])(
    'make the same input of the arguments %s as a whole answer, one a client can send back',
    async (argumentsJson) => {
      const call = { type: 'tool-call', id: 'c1', name: 'weather', argumentsJson } as const;
      const pieces = [...argumentsJson].map(
        (argumentsText) => ({ ...call, type: 'tool-call-delta', argumentsText }) as const,
      );
      const message = await readBySdk(encode([...pieces, call], answerOf({ content: [call] })));
      expect(fromAnswer(answerOf({ content: [call] }), SHOWN)).toMatchObject({ content: message.content });
      expect(message.content).toEqual([expect.objectContaining({ input: expect.any(Object) })]);
      expect(Array.isArray(message.content[0]?.type === 'tool_use' && message.content[0].input)).toBe(false);
    },
  );

  it('announce no calls where there are none, whatever the provider says', async () => {
    const parts: Part[] = [{ type: 'text-delta', text: 'Hello' }];
    const answer = answerOf({ content: [{ type: 'text', text: 'Hello' }] });
    const finishReason = { unified: 'tool_calls', raw: 'tool_calls' } as const;
    const ending = { ...answer, completion: { ...answer.completion, finishReason } };
    expect(await readBySdk(encode(parts, ending))).toMatchObject({ stop_reason: 'end_turn' });
    expect(fromAnswer(ending, SHOWN)).toMatchObject({ stop_reason: 'end_turn' });
  });

  it('tell redacted thinking apart from the thinking before it', async () => {
    const vendorState = toThinkingState({ type: 'redacted_thinking', data: 'c2VjcmV0' });
    const parts: Part[] = [
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'reasoning-delta', text: '', vendorState },
      { type: 'text-delta', text: 'Yes.' },
    ];
    const message = await readBySdk(encode(parts, answerOf({ content: [{ type: 'text', text: 'Yes.' }] })));
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'redacted_thinking', data: 'c2VjcmV0' },
      { type: 'text', text: 'Yes.' },
    ]);
  });

  it('end with what was said: state without words is told only where more follows it', async () => {
    const state = { text: '', vendorState: GEMINI } as const;
    const read = (parts: readonly Part[], content: Content) => readBySdk(encode(parts, answerOf({ content })));
    const said = { type: 'text-delta', text: 'Yes.' } as const;
    const signed = { type: 'reasoning-delta', ...state } as const;
    const content: Content = [
      { type: 'text', text: 'Yes.' },
      { type: 'reasoning', ...state },
    ];
    const last = await read([said, signed], content);
    expect(last.content.map(({ type }) => type)).toEqual(['text']);
    expect(fromAnswer(answerOf({ content }), SHOWN)).toMatchObject({ content: last.content });
    const more: Content = [...content, { type: 'text', text: ' No.' }];
    const between = await read([said, signed, { type: 'text-delta', text: ' No.' }], more);
    expect(between.content.map(({ type }) => type)).toEqual(['text', 'redacted_thinking', 'text']);
    expect(fromAnswer(answerOf({ content: more }), SHOWN)).toMatchObject({ content: between.content });
  });

  it('estimate the input tokens where the provider tells them only at the end', () => {
    const events = eventsIn(
      encode([{ type: 'text-delta', text: 'a' }], answerOf({ content: [{ type: 'text', text: 'a' }] })),
    );
    expect(events[0]?.data).toMatchObject({ message: { usage: { input_tokens: 77, output_tokens: 0 } } });
    expect(events.at(-2)?.data).toMatchObject({ usage: { input_tokens: 7 } });
  });

  it('end with an error and no sign of success when the answer breaks off', async () => {
    const error = new GatewayError('stream_truncated', 'The answer ended before its terminal event.');
    const text = encode([{ type: 'text-delta', text: 'Hal' }], error);
    expect(eventsIn(text).map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'error',
    ]);
    expect(text).not.toMatch(/message_stop|stop_reason":"/);
    await expect(readBySdk(text)).rejects.toThrow('The answer ended before its terminal event.');
  });

  it('say parallel calls one after the other though their pieces come in turns', async () => {
    const one = { type: 'tool-call', id: 'c1', name: 'a', argumentsJson: '{"x":1}' } as const;
    const two = { type: 'tool-call', id: 'c2', name: 'b', argumentsJson: '{"y":[2]}' } as const;
    const parts: Part[] = [
      { type: 'tool-call-delta', id: 'c1', name: 'a', argumentsText: '{"x"' },
      { type: 'tool-call-delta', id: 'c2', name: 'b', argumentsText: '{"y":' },
      { type: 'tool-call-delta', id: 'c1', name: 'a', argumentsText: ':1}' },
      { type: 'tool-call-delta', id: 'c2', name: 'b', argumentsText: '[2]}' },
      two,
      { type: 'text-delta', text: 'after' },
      one,
    ];
    const text = encode(parts, answerOf({ content: [one, two, { type: 'text', text: 'after' }] }));
    const open: unknown[] = [];
    for (const { event, data } of eventsIn(text)) {
      if (event === 'content_block_start') open.push(data.index);
      if (event === 'content_block_stop') expect(open.pop()).toBe(data.index);
      expect(open.length).toBeLessThan(2);
    }
    const { content } = await readBySdk(text);
    expect(content).toMatchObject([
      { type: 'tool_use', id: 'c1', input: { x: 1 } },
      { type: 'tool_use', id: 'c2', input: { y: [2] } },
      { type: 'text', text: 'after' },
    ]);
  });

  it.each([
    [[' '], {}],
    [['', '\n '], {}],
    [[' ', '{"x"', ':1}'], { x: 1 }],
    [[' {"x":', ' 1} '], { x: 1 }],
  ])('leave white space before arguments out: %j', async (cut, input) => {
    const whole = { type: 'tool-call', id: 'c1', name: 'a', argumentsJson: cut.join('') } as const;
    const deltas = cut.map(
      (argumentsText) => ({ type: 'tool-call-delta', id: 'c1', name: 'a', argumentsText }) as const,
    );
    const { content } = await readBySdk(encode([...deltas, whole], answerOf({ content: [whole] })));
    expect(content).toMatchObject([{ type: 'tool_use', id: 'c1', input }]);
  });

  it('hide thinking nobody asked for, except what Anthropic wants back', async () => {
    const signed = toThinkingState({ type: 'thinking', thinking: 'hm', signature: 'c2ln' });
    const parts: Part[] = [
      { type: 'reasoning-delta', text: 'loud' },
      { type: 'text-delta', text: 'a' },
      { type: 'reasoning-delta', text: 'more', vendorState: GEMINI },
      { type: 'text-delta', text: 'b' },
      { type: 'reasoning-delta', text: 'h' },
      { type: 'reasoning-delta', text: 'm', vendorState: signed },
    ];
    const content: Content = [
      { type: 'reasoning', text: 'loud' },
      { type: 'text', text: 'a' },
      { type: 'reasoning', text: 'more', vendorState: GEMINI },
      { type: 'text', text: 'b' },
      { type: 'reasoning', text: 'hm', vendorState: signed },
    ];
    const message = await readBySdk(encode(parts, answerOf({ content }), HIDDEN));
    const expected = [
      { type: 'text', text: 'ab' },
      { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
    ];
    expect(message.content).toEqual(expected);
    expect(fromAnswer(answerOf({ content }), HIDDEN)).toMatchObject({ content: expected });
  });

  it('name no citations in a text, as Anthropic does where there are none: clients of its API refuse null', () => {
    const answer = answerOf({ content: [{ type: 'text', text: 'a' }] });
    const events = eventsIn(encode([{ type: 'text-delta', text: 'a' }], answer));
    expect(JSON.stringify([fromAnswer(answer, HIDDEN), events])).not.toContain('citations');
  });
});

it('a call of hundreds of thousands of pieces is said piece by piece', () => {
  const encoder = new MessageEncoder(STREAM, SHOWN);
  const call = { type: 'tool-call-delta', id: 'c1', name: 'write' } as const;
  encoder.part({ ...call, argumentsText: ' {"text":"' });
  const said = encoder.part({ ...call, argumentsText: 'abcd' });
  expect(said).toContain('"partial_json":"abcd"');
  for (let piece = 1; piece < 250_000; piece += 1) {
    if (encoder.part({ ...call, argumentsText: 'abcd' }) !== said) throw new Error(`piece ${piece} is another`);
  }
  const argumentsJson = ` {"text":"${'abcd'.repeat(250_000)}"}`;
  expect(encoder.part({ type: 'tool-call', id: 'c1', name: 'write', argumentsJson })).toContain(
    JSON.stringify({ type: 'input_json_delta', partial_json: '"}' }),
  );
});
