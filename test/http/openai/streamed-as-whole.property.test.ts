import fc from 'fast-check';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { expect, test } from 'vitest';
import type { Choice, FinishReasonUnified } from '../../../src/core/completion.ts';
import type { GatewayAnswer } from '../../../src/gateway/gateway.ts';
import { replayedParts } from '../../../src/gateway/replay.ts';
import { ChatStreamEncoder } from '../../../src/http/openai/chat-stream-encoder.ts';
import { fromAnswer } from '../../../src/http/openai/from-answer.ts';
import type { ContentPart } from '../../../src/http/reply/stream-encoder.ts';
import { answerOf } from '../../support/gateway-answer.ts';

type Part = Choice['content'][number];

const FORM = { createdAtMs: 1_000, customTools: new Set(['patch']) };
const word = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' });
const state = fc.constantFrom(undefined, { kind: 'gemini', value: '{"thoughtSignature":"c2lnbmVk"}' } as const);
const text = word.map((said): Part => ({ type: 'text', text: said }));
const reasoning = fc.tuple(word, state).map(([said, vendorState]): Part => {
  return { type: 'reasoning', text: said, ...(vendorState && { vendorState }) };
});
const argumentsOf = fc.constantFrom('', ' {"a": 1}', '{"a":', '{"input":"a\\nb"}', '{"input":"cu');
const call = fc.tuple(fc.uuid(), fc.constantFrom('look', 'patch'), argumentsOf, state).map((given): Part => {
  const [uuid, name, argumentsJson, vendorState] = given;
  return { type: 'tool-call', id: `call_${uuid}`, name, argumentsJson, ...(vendorState && { vendorState }) };
});
const choice = fc
  .tuple(
    fc.array(fc.oneof(text, reasoning, call), { maxLength: 6 }),
    fc.constantFrom<FinishReasonUnified[]>('stop', 'length', 'content_filter', 'refusal', 'tool_calls', 'other'),
  )
  .map(([content, unified]): Choice => ({ content, finishReason: { unified, raw: unified } }));

test("any answer reads the same in the vendor's client streamed and whole, with all its choices", async () => {
  await fc.assert(
    fc.asyncProperty(choice, fc.array(choice, { maxLength: 2 }), fc.boolean(), async (first, others, isToldLate) => {
      const answer = answerOf({ ...first, alternatives: others });
      const whole = JSON.parse(fromAnswer(answer, FORM));
      const streamed = await readBySdk(encode(answer, isToldLate));
      expect(streamed.choices.map(asComparable)).toEqual(whole.choices.map(asComparable));
      expect(streamed.usage).toEqual(whole.usage);
    }),
    { numRuns: 300 },
  );
});

/** `isToldLate`: that it is a refusal is told by the end alone. The arguments of a call begin before it is whole. */
function encode(answer: GatewayAnswer, isToldLate: boolean): string {
  const { requestId, model, completion } = answer;
  const encoder = new ChatStreamEncoder({ requestId, model, includeUsage: true, ...FORM });
  const parts = replayedParts(completion).flatMap((part): readonly ContentPart[] => {
    if (part.type === 'text-delta' && isToldLate) return [{ type: part.type, text: part.text }];
    if (part.type !== 'tool-call' || part.vendorState !== undefined) return [part];
    const { id, name, argumentsJson } = part;
    return [{ type: 'tool-call-delta', id, name, argumentsText: argumentsJson.slice(0, 4) }, part];
  });
  return [encoder.open(), ...parts.map((part) => encoder.part(part)), encoder.end(answer)].join('');
}

/** The client keeps the last piece of a field that it does not know, so that thoughts are joined here. */
async function readBySdk(events: string) {
  const chunks = events
    .split('\n\n')
    .map((event) => event.replace('data: ', ''))
    .filter((data) => data.startsWith('{'));
  const stream = ChatCompletionStream.fromReadableStream(new Blob([chunks.join('\n')]).stream());
  const thoughts = new Map<number, string>();
  for (const chunk of chunks) {
    for (const { index, delta } of (JSON.parse(chunk) as ChatCompletionChunk).choices) {
      const thought = 'reasoning_content' in delta ? String(delta.reasoning_content) : '';
      thoughts.set(index, (thoughts.get(index) ?? '') + thought);
    }
  }
  const { choices, usage } = await stream.finalChatCompletion();
  return {
    usage,
    choices: choices.map(({ message, ...end }) => {
      return { ...end, message: { ...message, reasoning_content: thoughts.get(end.index) } };
    }),
  };
}

/** A stream begins with an empty text, and what it said before it was a refusal stays said. */
function asComparable({ index, finish_reason, message }: { index: number; finish_reason: string; message: Said }) {
  const { content, refusal, tool_calls = [], reasoning_content, reasoning_details } = message;
  return {
    index,
    finish_reason,
    content: refusal === null ? content || null : null,
    refusal,
    calls: tool_calls.map(({ id, type, function: called, custom }) => {
      return [id, type, called?.name ?? custom?.name, called?.arguments ?? custom?.input];
    }),
    reasoning_content: reasoning_content || undefined,
    reasoning_details,
  };
}

type Said = {
  readonly content: string | null;
  readonly refusal: string | null;
  readonly tool_calls?: readonly {
    id: string;
    type?: string;
    function?: { name: string; arguments: string };
    custom?: { name: string; input: string };
  }[];
  readonly reasoning_content?: string | undefined;
  readonly reasoning_details?: unknown;
};
