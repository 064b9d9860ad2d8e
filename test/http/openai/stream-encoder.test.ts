import fc from 'fast-check';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { expect, test } from 'vitest';
import type { Choice } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { ToolCallPart } from '../../../src/core/message.ts';
import type { GatewayAnswer } from '../../../src/gateway/gateway.ts';
import { ChatStreamEncoder } from '../../../src/http/openai/chat-stream-encoder.ts';
import { fromAnswer } from '../../../src/http/openai/from-answer.ts';
import type { ContentPart } from '../../../src/http/reply/stream-encoder.ts';
import { answerOf } from '../../support/gateway-answer.ts';

const { requestId, model } = answerOf();
const CREATED_AT_MS = 1_790_000_000_000;
const FORM = { createdAtMs: CREATED_AT_MS, customTools: new Set<string>() };

function encoder(includeUsage = true): ChatStreamEncoder {
  return new ChatStreamEncoder({ requestId, model, includeUsage, ...FORM });
}

function encode(parts: readonly ContentPart[], answer: GatewayAnswer, includeUsage = true): string {
  const encoding = encoder(includeUsage);
  return encoding.open() + parts.map((part) => encoding.part(part)).join('') + encoding.end(answer);
}

function wholeOf(answer: GatewayAnswer): ChatCompletion {
  return JSON.parse(fromAnswer(answer, FORM)) as ChatCompletion;
}

/** What OpenAI's own client makes of a stream. */
async function accumulate(events: string) {
  const frames = events.split('\n\n').filter((frame) => frame !== '');
  expect(frames.pop()).toBe('data: [DONE]');
  const lines = frames.map((frame) => frame.slice('data: '.length)).join('\n');
  return ChatCompletionStream.fromReadableStream(new Blob([lines]).stream()).finalChatCompletion();
}

const text = fc.string({ unit: 'grapheme' });
const pieces = fc.array(text, { maxLength: 5 });
const call = fc.record({ name: fc.stringMatching(/^[\w-]{1,12}$/), pieces, whole: fc.boolean() });

const answers = fc.record({
  reasoning: pieces,
  words: pieces,
  calls: fc.array(call, { maxLength: 3 }),
  reason: fc.constantFrom('stop', 'length', 'content_filter', 'tool_calls', 'other'),
});

/** White space before the arguments, or instead of them. */
const BLANK_ARGUMENTS = [[' '], ['', '\n '], [' ', '{"a"', ':1}'], [' {"a":', ' 1} ']];

function called(cut: readonly string[]) {
  return { reasoning: [], words: [], calls: [{ name: 'a', pieces: [...cut], whole: false }], reason: 'stop' as const };
}

test("OpenAI's client makes the whole answer of the pieces, however they are cut", async () => {
  await fc.assert(
    fc.asyncProperty(answers, async ({ reasoning, words, calls, reason }) => {
      const made = calls.map(({ name, pieces: cut }, index): ToolCallPart => {
        return { type: 'tool-call', id: `call_${index}`, name, argumentsJson: cut.join('') };
      });
      const choice: Choice = {
        content: [
          ...(reasoning.length > 0 ? [{ type: 'reasoning', text: reasoning.join('') } as const] : []),
          ...(words.length > 0 ? [{ type: 'text', text: words.join('') } as const] : []),
          ...made,
        ],
        finishReason: { unified: reason, raw: reason },
      };
      const parts: ContentPart[] = [
        ...reasoning.map((piece) => ({ type: 'reasoning-delta', text: piece }) as const),
        ...words.map((piece) => ({ type: 'text-delta', text: piece }) as const),
        ...made.flatMap((part, index): ContentPart[] => {
          const { name, pieces: cut = [], whole } = calls[index] ?? { name: '', whole: true };
          const deltas = cut.map(
            (argumentsText) => ({ type: 'tool-call-delta', id: part.id, name, argumentsText }) as const,
          );
          return whole ? [part] : [...deltas, part];
        }),
      ];
      const whole = wholeOf(answerOf(choice));
      const streamed = await accumulate(encode(parts, answerOf(choice)));
      expect(streamed.choices[0]?.message.content || null).toEqual(whole.choices[0]?.message.content || null);
      const bare = streamed.choices[0]?.message.tool_calls?.map(({ id, type, ...more }) => ({ id, type, ...more }));
      expect(JSON.parse(JSON.stringify(bare ?? []))).toMatchObject(whole.choices[0]?.message.tool_calls ?? []);
      expect(streamed.choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason);
      expect(streamed).toMatchObject({ id: whole.id, created: whole.created, model: whole.model, usage: whole.usage });
    }),
    { numRuns: 300, examples: BLANK_ARGUMENTS.map((cut): [ReturnType<typeof called>] => [called(cut)]) },
  );
});

test('a whole answer is a chat completion with every field', () => {
  const choice: Choice = {
    content: [{ type: 'text', text: 'The "word".' }],
    finishReason: { unified: 'stop', raw: 'stop' },
  };
  const answer = { ...answerOf(choice), model: 'openai/m"d' } as const;
  expect(fromAnswer(answer, FORM)).toBe(
    JSON.stringify({
      id: `chatcmpl-${requestId.slice('req_'.length)}`,
      object: 'chat.completion',
      created: CREATED_AT_MS / 1_000,
      model: 'openai/m"d',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'The "word".', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 1, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 3,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    }),
  );
});

test('further answers follow with indexes of their own', async () => {
  const choiceOf = (word: string): Choice => ({
    content: [{ type: 'text', text: word }],
    finishReason: { unified: 'stop', raw: 'stop' },
  });
  const answer = answerOf({
    ...choiceOf('one'),
    alternatives: [choiceOf('two'), { ...choiceOf('three'), finishReason: { unified: 'length', raw: 'x' } }],
  });
  const streamed = await accumulate(encode([{ type: 'text-delta', text: 'one' }], answer));
  const seen = streamed.choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason]);
  expect(seen).toEqual([
    [0, 'one', 'stop'],
    [1, 'two', 'stop'],
    [2, 'three', 'length'],
  ]);
  expect(wholeOf(answer).choices.map(({ message }) => message.content)).toEqual(['one', 'two', 'three']);
});

test.each(['stop', 'other'] as const)(
  'an answer with calls ends with tool_calls, also when its vendor says %s',
  (unified) => {
    const call = { type: 'tool-call', id: 'c1', name: 'look', argumentsJson: '{}' } as const;
    const choice: Choice = { content: [call], finishReason: { unified, raw: unified } };
    expect(wholeOf(answerOf(choice)).choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    expect(encode([call], answerOf(choice))).toContain('"finish_reason":"tool_calls"');
  },
);

test('a refusal is told as one: whole instead of the content, streamed at the end', async () => {
  const choice: Choice = {
    content: [{ type: 'text', text: 'I will not.' }],
    finishReason: { unified: 'refusal', raw: 'refusal' },
  };
  const whole = wholeOf(answerOf(choice)).choices[0];
  expect(whole).toMatchObject({ message: { content: null, refusal: 'I will not.' }, finish_reason: 'stop' });
  const streamed = await accumulate(encode([{ type: 'text-delta', text: 'I will not.' }], answerOf(choice)));
  expect(streamed.choices[0]).toMatchObject({ message: { refusal: 'I will not.' }, finish_reason: 'stop' });
  const further = answerOf({
    content: [{ type: 'text', text: 'Yes.' }],
    finishReason: { unified: 'stop', raw: 'stop' },
  });
  const two = { ...further, completion: { ...further.completion, alternatives: [choice] } };
  const second = (await accumulate(encode([{ type: 'text-delta', text: 'Yes.' }], two))).choices[1]?.message;
  expect(second).toMatchObject({ content: '', refusal: 'I will not.' });
  const silent = wholeOf(answerOf({ ...choice, content: [] })).choices[0];
  expect(silent?.message.refusal).toMatch(/refused/);
});

test('a refusal that its vendor tells as it comes is streamed as one, and said once', async () => {
  const answer = answerOf({
    content: [{ type: 'text', text: 'I will not.' }],
    finishReason: { unified: 'refusal', raw: 'stop' },
  });
  const parts = ['I will ', 'not.'].map((text) => ({ type: 'text-delta', text, isRefusal: true }) as const);
  const events = encode(parts, answer);
  expect(events.match(/"refusal":"/g)).toHaveLength(2);
  const { message } = (await accumulate(events)).choices[0] ?? {};
  expect(message).toMatchObject({ refusal: 'I will not.' });
  expect(message?.content ?? '').toBe('');
});

test('reasoning that its vendor wants back comes at the end, and the state of a call in its id', async () => {
  const vendorState = { kind: 'anthropic', value: 'signed' } as const;
  const choice: Choice = {
    content: [
      { type: 'reasoning', text: 'Thinking.', vendorState },
      {
        type: 'tool-call',
        id: 'c',
        name: 'look',
        argumentsJson: '',
        vendorState: { kind: 'gemini', value: 'thought' },
      },
    ],
    finishReason: { unified: 'tool_calls', raw: 'tool_use' },
  };
  const whole = wholeOf(answerOf(choice)).choices[0]?.message;
  expect(whole).toMatchObject({
    content: null,
    reasoning_content: 'Thinking.',
    reasoning_details: [
      { type: 'reasoning.text', text: 'Thinking.', format: 'signalbox', signature: expect.any(String) },
    ],
    tool_calls: [{ id: expect.stringMatching(/^sbx_/), function: { name: 'look', arguments: '{}' } }],
  });
  const parts = choice.content.map((part): ContentPart => {
    return part.type === 'reasoning' ? { ...part, type: 'reasoning-delta' } : (part as ToolCallPart);
  });
  const streamed = await accumulate(encode(parts, answerOf(choice)));
  const { reasoning_details, tool_calls } = { reasoning_details: undefined, ...whole };
  expect(JSON.parse(JSON.stringify(streamed.choices[0]?.message))).toMatchObject({ reasoning_details, tool_calls });
});

test('the chunks of plain answers say no more than they have to, and with include_usage that there is no usage yet', () => {
  const finishReason = { unified: 'stop', raw: 'stop' } as const;
  const said = { content: [{ type: 'text', text: 'x' }], finishReason } as const;
  const events = encode([{ type: 'text-delta', text: 'x' }], answerOf({ ...said, alternatives: [said] }));
  const chunks = events.match(/(?<=data: )\{.*/g)?.map((json) => JSON.parse(json));
  const whole = { role: 'assistant', content: 'x', refusal: null };
  const deltas = [{ ...whole, content: '' }, { content: 'x' }, {}, whole, {}];
  expect(chunks?.flatMap(({ choices }) => choices).map(({ delta }) => delta)).toEqual(deltas);
  expect(chunks?.slice(0, -1).map((chunk) => chunk.usage)).toEqual(deltas.map(() => null));
});

test('without include_usage no chunk speaks of usage', () => {
  const choice: Choice = { content: [{ type: 'text', text: 'x' }], finishReason: { unified: 'stop', raw: 'stop' } };
  expect(encode([{ type: 'text-delta', text: 'x' }], answerOf(choice), false)).not.toMatch('usage');
});

test('after an error there is neither a finish reason nor [DONE]', () => {
  const encoding = encoder();
  const said = encoding.open() + encoding.part({ type: 'text-delta', text: 'Half' });
  const error = encoding.error(new GatewayError('stream_truncated', 'The answer was cut.'));
  expect(JSON.parse(error.slice('data: '.length))).toEqual({
    error: { message: 'The answer was cut.', type: 'api_error', param: null, code: 'stream_truncated' },
  });
  expect(said + error).not.toMatch(/\[DONE\]|"finish_reason":"/);
});
