import { describe, expect, it } from 'vitest';
import type { Completion, FinishReasonUnified } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { CallId } from '../../../src/core/ids.ts';
import type { JsonObject } from '../../../src/core/json/json.ts';
import type { GatewayAnswer } from '../../../src/gateway/gateway.ts';
import { fromCarriedId, fromCarriedState } from '../../../src/http/carried-state.ts';
import type { ContentPart } from '../../../src/http/reply/stream-encoder.ts';
import { fromAnswer } from '../../../src/http/responses/from-answer.ts';
import type { ResponseEcho } from '../../../src/http/responses/response-echo.ts';
import { ResponsesEncoder } from '../../../src/http/responses/responses-encoder.ts';
import { answerOf, USAGE } from '../../support/gateway-answer.ts';

const REQUEST_ID = 'req_0123456789abcdef0123456789abcdef' as CallId;
const STATE = { kind: 'anthropic', value: '{"type":"thinking","thinking":"Hm.","signature":"abc"}' } as const;
const GEMINI = { kind: 'gemini', value: '{"thoughtSignature":"abc","onText":true}' } as const;
const PLAIN: ResponseEcho = { fields: {}, showsSummary: false, carriesState: false };
const SHOWING: ResponseEcho = { fields: {}, showsSummary: true, carriesState: true };
const CUT = { unified: 'length', raw: 'length' } as const;
const REFUSED = { unified: 'refusal', raw: 'refusal' } as const;

function whole(content: Completion['content'], unified: FinishReasonUnified = 'stop', echo = PLAIN): JsonObject {
  return fromAnswer(answerOf({ content, finishReason: { unified, raw: unified } }), echo, {
    createdAtS: 1,
    completedAtS: 2,
  });
}

type Event = JsonObject & { readonly type: string };

function encode(parts: readonly ContentPart[], last: GatewayAnswer | GatewayError, echo = PLAIN): readonly Event[] {
  const encoder = new ResponsesEncoder(echo, {
    requestId: REQUEST_ID,
    model: 'main/m',
    createdAtS: 1,
    nowMs: () => 2_000,
  });
  const text =
    encoder.open() +
    parts.map((part) => encoder.part(part)).join('') +
    (last instanceof GatewayError ? encoder.error(last) : encoder.end(last));
  const events = text
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const event = JSON.parse(data ?? '') as Event;
      expect(event.type).toBe(name);
      return event;
    });
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
  return events;
}

const LAST_OF = (events: readonly Event[]) => events.at(-1)?.response as JsonObject;

describe('a whole answer', () => {
  it('is one message of all its text', () => {
    expect(
      whole([
        { type: 'text', text: 'A' },
        { type: 'text', text: 'B' },
      ]),
    ).toMatchObject({
      id: 'resp_0123456789abcdef0123456789abcdef',
      status: 'completed',
      created_at: 1,
      completed_at: 2,
      output: [
        {
          id: 'msg_0123456789abcdef0123456789abcdef000',
          status: 'completed',
          content: [{ type: 'output_text', text: 'AB', annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 2, cache_write_tokens: 1 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 15,
      },
    });
  });

  it.each([
    ['length', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    ['content_filter', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['other', { status: 'incomplete', incomplete_details: { reason: 'other' } }],
    ['tool_calls', { status: 'completed', incomplete_details: null }],
  ] as const)('that ended by %s says so', (unified, expected) => {
    expect(whole([{ type: 'text', text: 'A' }], unified)).toMatchObject({
      ...expected,
      output: [{ status: expected.status }],
    });
  });

  it('that is a refusal holds it as one, also when nothing was said', () => {
    expect(whole([{ type: 'text', text: 'I will not.' }], 'refusal')).toMatchObject({
      status: 'completed',
      output: [{ content: [{ type: 'refusal', refusal: 'I will not.' }] }],
    });
    expect(whole([], 'refusal')).toMatchObject({ output: [{ content: [{ type: 'refusal' }] }] });
  });

  it('shows reasoning only when asked, and gives the state that its vendor wants back', () => {
    const content = [
      { type: 'reasoning', text: 'Hm.', vendorState: STATE },
      { type: 'text', text: 'A' },
    ] as const;
    const [unshown, said] = whole(content).output as JsonObject[];
    expect([unshown, said]).toMatchObject([{ type: 'reasoning', summary: [] }, { type: 'message' }]);
    expect(fromCarriedState(String(unshown?.encrypted_content))).toEqual(STATE);
    const [reasoning] = whole(content, 'stop', SHOWING).output as JsonObject[];
    expect(reasoning).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] });
    expect(fromCarriedState(String(reasoning?.encrypted_content))).toEqual(STATE);
  });

  it('ends with its message where the vendor signed that, unless all state is asked for', () => {
    const content = [
      { type: 'text', text: 'A' },
      { type: 'reasoning', text: '', vendorState: GEMINI },
    ] as const;
    expect(whole(content).output).toMatchObject([{ type: 'message' }]);
    const asked = whole(content, 'stop', { ...PLAIN, carriesState: true }).output as JsonObject[];
    expect(asked).toMatchObject([{ type: 'message' }, { type: 'reasoning', summary: [] }]);
    expect(fromCarriedState(String(asked[1]?.encrypted_content))).toEqual(GEMINI);
  });

  it('carries the state of a tool call in its id', () => {
    const [item] = whole([{ type: 'tool-call', id: 'a', name: 'look', argumentsJson: '', vendorState: STATE }])
      .output as JsonObject[];
    expect(item).toMatchObject({ type: 'function_call', name: 'look', arguments: '{}', status: 'completed' });
    expect(fromCarriedId(String(item?.call_id))).toEqual({ id: 'a', vendorState: STATE });
  });
});

describe('a streamed answer', () => {
  const parts: readonly ContentPart[] = [
    { type: 'reasoning-delta', text: 'Hm' },
    { type: 'reasoning-delta', text: '.', vendorState: STATE },
    { type: 'text-delta', text: 'Let me ' },
    { type: 'text-delta', text: 'see.' },
    { type: 'tool-call-delta', id: 'a', name: 'look', argumentsText: '' },
    { type: 'tool-call-delta', id: 'a', name: 'look', argumentsText: '{"x":' },
    { type: 'tool-call-delta', id: 'b', name: 'look', argumentsText: ' ' },
    { type: 'tool-call-delta', id: 'b', name: 'look', argumentsText: ' {"y":2}' },
    { type: 'tool-call-delta', id: 'a', name: 'look', argumentsText: '1}' },
    { type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{"x":1}' },
    { type: 'tool-call', id: 'b', name: 'look', argumentsJson: '  {"y":2}' },
    { type: 'tool-call', id: 'c', name: 'look', argumentsJson: '{"z":3}' },
    { type: 'usage', usage: USAGE },
  ];
  const content: Completion['content'] = [
    { type: 'reasoning', text: 'Hm.', vendorState: STATE },
    { type: 'text', text: 'Let me see.' },
    { type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{"x":1}' },
    { type: 'tool-call', id: 'b', name: 'look', argumentsJson: '  {"y":2}' },
    { type: 'tool-call', id: 'c', name: 'look', argumentsJson: '{"z":3}' },
  ];

  it.each([
    ['plain', PLAIN],
    ['with reasoning', SHOWING],
  ])('ends with the very response that a whole one is (%s)', (_name, echo) => {
    const events = encode(parts, answerOf({ content }), echo);
    expect(events.at(-1)?.type).toBe('response.completed');
    expect(LAST_OF(events)).toEqual(whole(content, 'tool_calls', echo));
  });

  it('that goes well without a word is an empty message, as a whole one is', () => {
    const said = [{ type: 'reasoning', text: 'Hm.' } as const];
    const last = LAST_OF(encode([{ type: 'reasoning-delta', text: 'Hm.' }], answerOf({ content: said }), SHOWING));
    const message = { type: 'message', content: [{ type: 'output_text', text: '' }] };
    expect(last.output).toMatchObject([{ type: 'reasoning' }, message]);
    expect(last).toEqual(whole(said, 'stop', SHOWING));
    expect(whole([], 'length').output).toEqual([]);
  });

  it('adds, fills and finishes every item under its own place', () => {
    const events = encode(parts, answerOf({ content }), SHOWING);
    const added = events.filter(({ type }) => type === 'response.output_item.added');
    const done = events.filter(({ type }) => type === 'response.output_item.done');
    expect(added.map(({ output_index }) => output_index)).toEqual([0, 1, 2, 3, 4]);
    expect(done.map(({ output_index }) => output_index)).toEqual([0, 1, 2, 3, 4]);
    const argumentsOf = (index: number) =>
      events
        .filter(({ type, output_index }) => /function_call_arguments/.test(type) && output_index === index)
        .map(({ delta, arguments: whole }) => delta ?? ` = ${whole}`)
        .join('');
    const said = ['{"x":1} = {"x":1}', '{"y":2} = {"y":2}', '{"z":3} = {"z":3}'];
    expect([argumentsOf(2), argumentsOf(3), argumentsOf(4)]).toEqual(said);
    expect(events.map(({ type }) => type)).toContain('response.reasoning_summary_text.done');
  });

  it('that ran into its length limit leaves an unfinished call incomplete', () => {
    const events = encode(
      [{ type: 'tool-call-delta', id: 'a', name: 'look', argumentsText: '{"x"' }],
      answerOf({ finishReason: CUT }),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { output: [{ type: 'function_call', status: 'incomplete', arguments: '{"x"' }] },
    });
  });

  it('that turns out to be a refusal says so in the same message', () => {
    const events = encode(
      [{ type: 'text-delta', text: 'I will not.' }],
      answerOf({ content: [{ type: 'text', text: 'I will not.' }], finishReason: REFUSED }),
    );
    expect(events.map(({ type }) => type)).toContain('response.refusal.done');
    expect(LAST_OF(events)).toMatchObject({
      status: 'completed',
      output: [{ content: [{ type: 'output_text' }, { type: 'refusal', refusal: 'I will not.' }] }],
    });
  });

  it('that refuses without a word says that it does', () => {
    const events = encode([], answerOf({ finishReason: REFUSED }));
    expect(LAST_OF(events).output).toMatchObject([
      { type: 'message', content: [{ type: 'refusal', refusal: 'The model refused to answer.' }] },
    ]);
  });

  it('whose vendor tells a refusal apart says it as one from its first word on', () => {
    const refused = answerOf({ content: [{ type: 'text', text: 'I will not.' }], finishReason: REFUSED });
    const parts = ['I will ', 'not.'].map((text) => ({ type: 'text-delta', text, isRefusal: true }) as const);
    const events = encode(parts, refused);
    const types = events.map(({ type }) => type);
    expect(types).not.toContain('response.output_text.delta');
    expect(types.filter((type) => type === 'response.refusal.delta')).toHaveLength(2);
    expect(LAST_OF(events)).toMatchObject({
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'I will not.' }] }],
    });
  });

  it('that had begun before its vendor told of the refusal holds both, each in its place', () => {
    const refused = answerOf({ content: [{ type: 'text', text: 'Sure. No.' }], finishReason: REFUSED });
    const events = encode(
      [
        { type: 'text-delta', text: 'Sure. ' },
        { type: 'text-delta', text: 'No.', isRefusal: true },
      ],
      refused,
    );
    const places = events.filter(({ type }) => type === 'response.content_part.added');
    expect(places.map(({ content_index }) => content_index)).toEqual([0, 1]);
    expect(LAST_OF(events).output).toMatchObject([
      {
        content: [
          { type: 'output_text', text: 'Sure. ' },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
    ]);
  });

  it('tells thoughts apart that their vendor signed, whether or not it may show the state', () => {
    const thoughts: ContentPart[] = [
      { type: 'reasoning-delta', text: 'One.' },
      { type: 'reasoning-delta', text: '', vendorState: GEMINI },
      { type: 'reasoning-delta', text: 'Two.' },
    ];
    const output = LAST_OF(encode(thoughts, answerOf(), { ...SHOWING, carriesState: false })).output;
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'One.' }] },
      { type: 'reasoning', summary: [{ text: 'Two.' }] },
      { type: 'message' },
    ]);
  });

  it('that fails tells the usage its provider reported before', () => {
    const events = encode([{ type: 'usage', usage: USAGE }], new GatewayError('stream_truncated', 'It was cut.'));
    expect(LAST_OF(events).usage).toMatchObject({ input_tokens: 10, output_tokens: 5 });
  });

  it('that fails ends with an error and a failed response, and finishes nothing', () => {
    const error = new GatewayError('stream_truncated', 'The answer was cut.', { hint: 'Try again.' });
    const events = encode(parts.slice(0, 6), error, SHOWING);
    const last = events.slice(-2);
    expect(last).toMatchObject([
      {
        type: 'error',
        code: 'stream_truncated',
        message: 'The answer was cut. Try again.',
        error: { type: 'api_error', code: 'stream_truncated' },
      },
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' }, completed_at: null } },
    ]);
    const output = LAST_OF(events).output as JsonObject[];
    expect(output.at(-1)).toMatchObject({ type: 'function_call', status: 'incomplete', arguments: '{"x":' });
    expect(events.filter(({ type }) => type === 'response.function_call_arguments.done')).toEqual([]);
  });
});
