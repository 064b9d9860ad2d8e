import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Completion } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { createCallId } from '../../../src/core/ids.ts';
import type { VendorState } from '../../../src/core/message.ts';
import type { RoutePlan } from '../../../src/core/route-plan.ts';
import { toThinkingState } from '../../../src/core/signed-thinking.ts';
import { NO_USAGE, type Usage } from '../../../src/core/usage.ts';
import type { AnswerPart, GatewayAnswer } from '../../../src/gateway/gateway.ts';
import type { AnswerForm } from '../../../src/http/anthropic/answer-form.ts';
import { fromAnswer } from '../../../src/http/anthropic/from-answer.ts';
import { MessageEncoder } from '../../../src/http/anthropic/message-encoder.ts';

type Content = Completion['content'];
type Part = Exclude<AnswerPart, { type: 'end' | 'error' }>;

const PLAN: RoutePlan = {
  strategy: 'complexity',
  evidence: [],
  reason: 'a test',
  candidates: [],
  rejected: [],
  inputTokensEstimated: 77,
  configHash: 'test',
};
const USAGE: Usage = { ...NO_USAGE, inputTokens: 12, cachedInputTokens: 3, outputTokens: 9, source: 'reported' };
const STREAM = { requestId: createCallId(), model: 'main/m', plan: PLAN, cache: 'miss' } as const;
const SHOWN: AnswerForm = { showsReasoning: true };
const HIDDEN: AnswerForm = { showsReasoning: false };

function answerOf(content: Content, usage = USAGE): GatewayAnswer {
  const hasCall = content.some((part) => part.type === 'tool-call');
  const finishReason = { unified: hasCall ? 'tool_calls' : 'stop', raw: 'x' } as const;
  const completion = { content, finishReason, usage, model: 'm' };
  return { ...STREAM, completion, droppedParameters: [], latencyMs: 1, attempts: [] };
}

function encode(parts: readonly Part[], ending: GatewayAnswer | GatewayError, form = SHOWN): string {
  const encoder = new MessageEncoder(STREAM, form);
  const before = encoder.open() + parts.map((part) => encoder.part(part)).join('');
  return before + (ending instanceof GatewayError ? encoder.error(ending) : encoder.end(ending));
}

/** What the vendor's own client makes of the bytes. */
async function readBySdk(events: string): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(events, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return client.messages
    .stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })
    .finalMessage();
}

function eventsIn(text: string): readonly { readonly event: string; readonly data: Record<string, unknown> }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [event = '', data = ''] = block.split('\n');
      return { event: event.replace('event: ', ''), data: JSON.parse(data.replace('data: ', '')) };
    });
}

const GEMINI: VendorState = { kind: 'gemini', value: '{"thoughtSignature":"c2lnbmF0dXJl"}' };

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
    const events = eventsIn(encode(parts, answerOf([{ type: 'text', text: 'Hello' }, call])));
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
        usage: { input_tokens: 12, output_tokens: 1 },
      },
    });
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { input_tokens: 12, cache_read_input_tokens: 3, output_tokens: 9 },
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
    const message = await readBySdk(encode([begun, call], answerOf([call])));
    expect(message.content).toMatchObject([{ type: 'tool_use', input: { town: 'Rome' } }]);
  });

  it('tell redacted thinking apart from the thinking before it', async () => {
    const vendorState = toThinkingState({ type: 'redacted_thinking', data: 'c2VjcmV0' });
    const parts: Part[] = [
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'reasoning-delta', text: '', vendorState },
      { type: 'text-delta', text: 'Yes.' },
    ];
    const message = await readBySdk(encode(parts, answerOf([{ type: 'text', text: 'Yes.' }])));
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'redacted_thinking', data: 'c2VjcmV0' },
      { type: 'text', text: 'Yes.' },
    ]);
  });

  it('estimate the input tokens where the provider tells them only at the end', () => {
    const events = eventsIn(encode([{ type: 'text-delta', text: 'a' }], answerOf([{ type: 'text', text: 'a' }])));
    expect(events[0]?.data).toMatchObject({ message: { usage: { input_tokens: 77, output_tokens: 0 } } });
    expect(events.at(-2)?.data).toMatchObject({ usage: { input_tokens: 12 } });
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
    const text = encode(parts, answerOf([one, two, { type: 'text', text: 'after' }]));
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
    const { content } = await readBySdk(encode([...deltas, whole], answerOf([whole])));
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
    const message = await readBySdk(encode(parts, answerOf(content), HIDDEN));
    const expected = [
      { type: 'text', text: 'ab', citations: null },
      { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
    ];
    expect(message.content).toEqual(expected);
    expect(fromAnswer(answerOf(content), HIDDEN)).toMatchObject({ content: expected });
  });
});

const STATES: readonly (VendorState | undefined)[] = [
  undefined,
  GEMINI,
  { kind: 'openai-compatible', value: 'state' },
  toThinkingState({ type: 'redacted_thinking', data: 'cmVkYWN0ZWQ' }),
];
const word = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' });
const pieces = fc.array(word, { minLength: 1, maxLength: 3 });
const texts = pieces.map((list): readonly Part[] => list.map((text) => ({ type: 'text-delta', text })));
const unsigned = fc
  .tuple(pieces, fc.constantFrom(...STATES.slice(0, 3)))
  .map(([list, vendorState]): readonly Part[] => [
    ...list.map((text): Part => ({ type: 'reasoning-delta', text })),
    ...(vendorState ? [{ type: 'reasoning-delta', text: '', vendorState } as const] : []),
  ]);
const signed = pieces.map((list): readonly Part[] => [
  ...list.map((text): Part => ({ type: 'reasoning-delta', text })),
  {
    type: 'reasoning-delta',
    text: '',
    vendorState: toThinkingState({ type: 'thinking', thinking: list.join(''), signature: 'c2lnbmVk' }),
  },
]);
const redacted = fc
  .constantFrom(STATES[1], STATES[3])
  .map((vendorState): readonly Part[] => (vendorState ? [{ type: 'reasoning-delta', text: '', vendorState }] : []));
const call = fc
  .record({
    value: fc.dictionary(word, fc.jsonValue()),
    isWhole: fc.boolean(),
    vendorState: fc.constantFrom(undefined, GEMINI),
    cut: fc.nat(30),
  })
  .map(({ value, isWhole, vendorState, cut }) => ({ argumentsJson: JSON.stringify(value), isWhole, vendorState, cut }));
/** Calls whose pieces come in any order of turns. */
const calls = fc
  .tuple(fc.array(call, { minLength: 1, maxLength: 3 }), fc.infiniteStream(fc.nat(20)), fc.uuid())
  .map(([list, turns, uuid]) => {
    const queues = list.map(({ argumentsJson, isWhole, vendorState, cut }, index): Part[] => {
      const base = { id: `call_${uuid}_${index}`, name: `tool_${index}` };
      const whole: Part = { type: 'tool-call', ...base, argumentsJson, ...(isWhole && vendorState && { vendorState }) };
      const halves = [argumentsJson.slice(0, cut), argumentsJson.slice(cut)];
      return isWhole
        ? [whole]
        : [...halves.map((argumentsText): Part => ({ type: 'tool-call-delta', ...base, argumentsText })), whole];
    });
    const parts: Part[] = [];
    for (let left = queues; left.length > 0; left = left.filter((queue) => queue.length > 0)) {
      const next = left[turns.next().value % left.length]?.shift();
      if (next) parts.push(next);
    }
    return parts;
  });
const answers = fc
  .array(fc.oneof(texts, unsigned, signed, redacted, calls), { maxLength: 6 })
  .map((list) => list.reduce<readonly Part[]>(joinGroups, []));

/** A model of Anthropic signs all it thinks: nothing unsigned stands right before its signed thinking. */
function joinGroups(parts: readonly Part[], group: readonly Part[]): readonly Part[] {
  const last = parts.at(-1);
  const isUnsigned = last?.type === 'reasoning-delta' && last.vendorState === undefined;
  const isSigned = group.some((part) => part.type === 'reasoning-delta' && part.vendorState?.kind === 'anthropic');
  return isUnsigned && isSigned ? [...parts, { type: 'text-delta', text: 'between' }, ...group] : [...parts, ...group];
}

/** The answer as a whole, each part where it began. */
function collect(parts: readonly Part[]): Content {
  const content: Content[number][] = [];
  const places = new Map<string, number>();
  for (const part of parts) {
    if (part.type === 'text-delta') content.push({ type: 'text', text: part.text });
    if (part.type === 'reasoning-delta') content.push({ ...part, type: 'reasoning' });
    if (part.type === 'tool-call-delta' || part.type === 'tool-call') {
      const place = places.get(part.id) ?? content.length;
      places.set(part.id, place);
      const known = { id: part.id, name: part.name, argumentsJson: '' };
      content[place] = part.type === 'tool-call' ? part : { type: 'tool-call', ...known };
    }
  }
  return content;
}

describe('any answer', () => {
  it('reads the same in the vendor’s client streamed and whole', async () => {
    await fc.assert(
      fc.asyncProperty(answers, fc.boolean(), async (parts, showsReasoning) => {
        const form = { showsReasoning };
        const answer = answerOf(collect(parts));
        const streamed = await readBySdk(encode(parts, answer, form));
        const whole = JSON.parse(JSON.stringify(fromAnswer(answer, form)));
        expect(streamed.content).toEqual(whole.content);
        expect(streamed.stop_reason).toBe(whole.stop_reason);
        expect(streamed.usage).toEqual(whole.usage);
      }),
      { numRuns: 300 },
    );
  });
});
