import { describe, expect, it } from 'vitest';
import { toThinkingState } from '../../../src/core/content/signed-thinking.ts';
import type { JsonObject } from '../../../src/core/json/json.ts';
import type { ToolCallPart, VendorState } from '../../../src/core/message.ts';
import { answerForm } from '../../../src/http/anthropic/answer-form.ts';
import { fromAnswer } from '../../../src/http/anthropic/from-answer.ts';
import { toChatRequest } from '../../../src/http/anthropic/to-chat-request.ts';
import { fromCarriedId, toCarriedId } from '../../../src/http/carried-state.ts';

const SURROUNDINGS = {
  routing: { cache: 'use' },
  caller: { tenant: 't', client: 'c' },
  unsupportedParameters: 'reject',
} as const;
const HELLO = { role: 'user', content: 'Hello' };

function translate(more: JsonObject) {
  return toChatRequest({ model: 'm', max_tokens: 100, messages: [HELLO], ...more }, SURROUNDINGS);
}

describe('what a vendor wants back', () => {
  const gemini: VendorState = { kind: 'gemini', value: '{"thoughtSignature":"+/=="}' };

  /** An answer as the client got it, sent back in the next turn. */
  function roundTrip(content: Parameters<typeof fromAnswer>[0]['completion']['content']) {
    const request = translate({ thinking: { type: 'adaptive' } });
    const completion = { content, finishReason: { unified: 'stop', raw: '' }, model: 'm' } as const;
    const answer = { requestId: 'req_1', model: 'a/b', completion: { ...completion, usage: {} } };
    const said = JSON.parse(
      JSON.stringify(fromAnswer(answer as unknown as Parameters<typeof fromAnswer>[0], answerForm(request))),
    );
    const calls = said.content.filter(({ type }: { type: string }) => type === 'tool_use');
    const results = calls.map(({ id }: { id: string }) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' }));
    const next = [
      HELLO,
      { role: 'assistant', content: said.content },
      { role: 'user', content: [...results, { type: 'text', text: 'Go on.' }] },
    ];
    return { said, back: translate({ messages: next }).messages };
  }

  it.each([
    [
      'Anthropic’s signed thinking',
      [
        {
          type: 'reasoning',
          text: 'hm',
          vendorState: toThinkingState({ type: 'thinking', thinking: 'hm', signature: 'EqQB+/=' }),
        },
      ],
    ],
    [
      'Anthropic’s redacted thinking',
      [{ type: 'reasoning', text: '', vendorState: toThinkingState({ type: 'redacted_thinking', data: 'EmwK' }) }],
    ],
    ['Gemini’s thought', [{ type: 'reasoning', text: 'hm', vendorState: gemini }]],
    [
      'Gemini’s signature on text before a call',
      [
        { type: 'text', text: 'Hi' },
        { type: 'reasoning', text: '', vendorState: gemini },
        { type: 'tool-call', id: 'call_1', name: 'weather', argumentsJson: '{}' },
      ],
    ],
    ['thinking that nobody signed', [{ type: 'reasoning', text: 'hm' }]],
    [
      'Gemini’s signature on a call',
      [{ type: 'tool-call', id: 'call_1', name: 'weather', argumentsJson: '{}', vendorState: gemini }],
    ],
    [
      'a call with an unusual id',
      [{ type: 'tool-call', id: 'functions.get:0 ü', name: 'weather', argumentsJson: '{}' }],
    ],
  ] as const)('comes back unchanged through a client: %s', (_name, content) => {
    const { back } = roundTrip(content);
    expect(back[1]).toEqual({ role: 'assistant', content });
    const [part] = content;
    if (part.type === 'tool-call')
      expect(back[2]).toMatchObject({ content: [{ toolCallId: part.id, toolName: 'weather' }] });
  });

  it('rides in ids that every client takes, and stays behind when it is too long', () => {
    const call = (value: string): Pick<ToolCallPart, 'id' | 'vendorState'> => ({
      id: 'call_1',
      vendorState: { kind: 'gemini', value },
    });
    expect(toCarriedId(call('s'))).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(toCarriedId(call('s'.repeat(70_000)))).toBe('call_1');
    expect(toCarriedId({ id: 'call_1' })).toBe('call_1');
    expect(fromCarriedId(toCarriedId({ id: 'sbx_W10' }))).toEqual({ id: 'sbx_W10' });
    for (const foreign of ['sbx_', 'sbx_!!', 'sbx_W10', 'sbx_bnVsbA', 'toolu_1']) {
      expect(fromCarriedId(foreign)).toEqual({ id: foreign });
    }
  });
});

it('thoughts that a compatible server did not sign are read without a signature', () => {
  const thoughts = [undefined, null, ''].map((signature) => ({ type: 'thinking', thinking: 'hm', signature }));
  const content = [...thoughts, { type: 'text', text: 'Yes.' }];
  const [, answer] = translate({
    messages: [HELLO, JSON.parse(JSON.stringify({ role: 'assistant', content })), HELLO],
  }).messages;
  expect(answer?.content).toEqual([
    ...thoughts.map(() => ({ type: 'reasoning', text: 'hm' })),
    { type: 'text', text: 'Yes.' },
  ]);
});
