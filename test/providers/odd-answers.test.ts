import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { GenerateContentResponse } from '@google/genai/web';
import type { ChatResponse } from 'ollama';
import { describe, expect, it } from 'vitest';
import type { Completion, StreamPart } from '../../src/core/completion.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import type { Usage } from '../../src/core/usage.ts';
import { fromAnthropicMessage } from '../../src/providers/anthropic/from-anthropic-message.ts';
import { fromAnthropicStream } from '../../src/providers/anthropic/from-anthropic-stream.ts';
import { fromGeminiEmbeddings } from '../../src/providers/gemini/from-gemini-embeddings.ts';
import { fromGeminiResponse } from '../../src/providers/gemini/from-gemini-response.ts';
import { fromGeminiStream } from '../../src/providers/gemini/from-gemini-stream.ts';
import { fromOllamaEmbeddings } from '../../src/providers/ollama/from-ollama-embeddings.ts';
import { fromOllamaResponse } from '../../src/providers/ollama/from-ollama-response.ts';
import { fromOllamaStream } from '../../src/providers/ollama/from-ollama-stream.ts';
import { fromChatCompletion } from '../../src/providers/shared/openai-wire/from-chat-completion.ts';
import { fromChatStream } from '../../src/providers/shared/openai-wire/from-chat-stream.ts';
import { fromEmbeddings } from '../../src/providers/shared/openai-wire/from-embeddings.ts';
import { thrownBy } from '../support/thrown-by.ts';

/** What servers that only claim to speak a vendor's protocol answer. */
async function* wire<Event>(events: readonly unknown[]): AsyncGenerator<Event> {
  yield* events as readonly Event[];
}

async function all(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const read: StreamPart[] = [];
  for await (const part of parts) read.push(part);
  return read;
}

const chatStream = (chunks: readonly object[]) => {
  const lines = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`);
  const options = { requestedModel: 'm', endsWithDone: true, about: {} };
  return all(fromChatStream(wire(lines.map((line) => Buffer.from(line))), options));
};
const delta = (value: object, finish_reason: string | null = null) => ({ choices: [{ delta: value, finish_reason }] });
const whole = (message: object) => ({ choices: [{ message }], usage: { prompt_tokens: 5, completion_tokens: 3 } });
const anthropic = (content: readonly object[], more: object = {}) =>
  fromAnthropicMessage(
    {
      ...{ type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'end_turn' },
      ...{ usage: { input_tokens: 5, output_tokens: 3 } },
      ...more,
    } as never,
    'm',
  );
const gemini = (part: object) =>
  fromGeminiResponse(
    {
      candidates: [{ content: { parts: [part] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3 },
    } as never,
    'm',
  );
const ollama = (message: object, more: object = {}) =>
  fromOllamaResponse({ message, done: true, prompt_eval_count: 5, eval_count: 3, ...more } as never, 'm');

const lastUsage = (parts: readonly StreamPart[]): Usage | undefined =>
  parts.findLast((part) => part.type === 'usage')?.usage;

describe('a text that is none', () => {
  it('is left out, and never said as "undefined"', async () => {
    expect(anthropic([{ type: 'text' }, { type: 'text', text: 'a' }]).content).toEqual([{ type: 'text', text: 'a' }]);
    expect(gemini({ text: 5 }).content).toEqual([]);
    expect(ollama({ content: { a: 1 } }).content).toEqual([]);
    const started = { type: 'message_start', message: { model: 'm', usage: { input_tokens: 5, output_tokens: 1 } } };
    const events = [
      started,
      { type: 'content_block_start', index: 0, content_block: { type: 'text' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    ];
    const streamed = await all(
      fromAnthropicStream(wire<RawMessageStreamEvent>(events), { requestedModel: 'm', about: () => ({}) }),
    );
    const chunks = [{ message: { content: 5 } }, { message: {}, done: true }];
    streamed.push(
      ...(await all(
        fromOllamaStream(wire<ChatResponse>(chunks), { requestedModel: 'm', checkUsage: () => undefined }),
      )),
    );
    expect(streamed.filter(({ type }) => type === 'text-delta')).toEqual([]);
  });
});

describe('a tool call', () => {
  const callsOf = ({ content }: Completion) => content.filter((part) => part.type === 'tool-call');

  it('that names no tool is no answer, whoever sends it', () => {
    expect(thrownBy(() => anthropic([{ type: 'tool_use', id: 'a', input: {} }])).code).toBe('malformed_response');
    expect(thrownBy(() => gemini({ functionCall: { args: {} } })).code).toBe('malformed_response');
    expect(thrownBy(() => ollama({ content: '', tool_calls: [{ function: {} }] })).code).toBe('malformed_response');
  });

  it('without an id gets one, and arguments as text stay what they are', () => {
    const [call] = callsOf(anthropic([{ type: 'tool_use', name: 'f', input: {} }]));
    expect(call?.id).toMatch(/^call_\w{8,}$/);
    const asText = { function: { name: 'f', arguments: '{"a":1}' } };
    expect(callsOf(ollama({ content: '', tool_calls: [asText] }))).toMatchObject([{ argumentsJson: '{"a":1}' }]);
  });

  it('with the id of another one of the answer gets its own, whole and in pieces', async () => {
    const call = (x: number) => ({ id: 'same', function: { name: 'f', arguments: `{"x":${x}}` } });
    const calls = callsOf(fromChatCompletion(whole({ tool_calls: [call(1), call(2)] }), 'm'));
    expect(calls.map(({ argumentsJson }) => argumentsJson)).toEqual(['{"x":1}', '{"x":2}']);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);

    const piece = (index: number, text: string) =>
      delta({ tool_calls: [{ index, id: 'same', function: { name: 'f', arguments: text } }] });
    const chunks = [piece(0, '{"x":'), piece(1, '{"x":'), piece(0, '1}'), piece(1, '2}'), delta({}, 'tool_calls')];
    const parts = await chatStream(chunks);
    const streamed = parts.filter((part) => part.type === 'tool-call');
    expect(streamed.map(({ argumentsJson }) => argumentsJson)).toEqual(['{"x":1}', '{"x":2}']);
    expect(new Set(streamed.map(({ id }) => id)).size).toBe(2);
    const pieces = parts.filter((part) => part.type === 'tool-call-delta');
    for (const { id, argumentsJson } of streamed) {
      expect(pieces.flatMap((sent) => (sent.id === id ? [sent.argumentsText] : [])).join('')).toBe(argumentsJson);
    }
  });
});

describe('a report of usage', () => {
  it('is kept when the answer beside it cannot be read', () => {
    const reported = { inputTokens: 5, outputTokens: 3, source: 'reported' };
    const unread = [
      () => fromChatCompletion({ ...whole({}), choices: [] }, 'm'),
      () => fromChatCompletion(whole({ tool_calls: [{ id: 'a', function: {} }] }), 'm'),
      () => anthropic([], { stop_reason: null }),
      () => anthropic([{ type: 'tool_use', id: 'a', input: {} }]),
      () => gemini({ functionCall: { args: {} } }),
      () => ollama({ content: 'x' }, { done: false }),
      () => ollama({ content: 'x', tool_calls: 5 }),
    ];
    for (const read of unread) expect(thrownBy(read)).toMatchObject({ code: 'malformed_response', usage: reported });
  });

  it('is not taken back by a later one without a count', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 1 };
    const chat = await chatStream([
      { ...delta({ content: 'a' }), usage },
      { ...delta({}, 'stop'), usage: {} },
    ]);
    expect(lastUsage(chat)).toMatchObject({ inputTokens: 5, outputTokens: 1, source: 'reported' });
    const said = (text: string) => ({ content: { parts: [{ text }] } });
    const chunks = [
      { candidates: [said('a')], usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 } },
      { candidates: [{ ...said('b'), finishReason: 'STOP' }], usageMetadata: { trafficType: 'ON_DEMAND' } },
    ];
    const parts = await all(fromGeminiStream(wire<GenerateContentResponse>(chunks), 'm'));
    // What came after it is not counted in it.
    expect(lastUsage(parts)).toMatchObject({ inputTokens: 5, outputTokens: 0, source: 'partial' });
  });
});

describe('embeddings', () => {
  const asked = { input: ['one', 'two'], model: { name: 'm' } as ModelInfo };
  const uneven = [[0.5, 0.25], [0.5]];

  it('of different lengths are refused, for they cannot be compared, and what they cost is kept', () => {
    const data = uneven.map((embedding, index) => ({ index, embedding }));
    const failures = [
      thrownBy(() => fromEmbeddings({ data, usage: { prompt_tokens: 4, total_tokens: 4 } }, asked)),
      thrownBy(() => fromOllamaEmbeddings({ embeddings: uneven, prompt_eval_count: 4 } as never, asked)),
      thrownBy(() => fromGeminiEmbeddings({ embeddings: uneven.map((values) => ({ values })) }, asked)),
    ];
    expect(failures.map(({ usage }) => usage?.inputTokens)).toEqual([4, 4, 2]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'malformed_response', message: expect.stringContaining('(2, 1)') });
    }
  });

  it('of another length than was asked for are refused: a server that passes over it says nothing', () => {
    const data = [0, 1].map((index) => ({ index, embedding: [0.5, 0.25, 0.125] }));
    const usage = { prompt_tokens: 4, total_tokens: 4 };
    expect(thrownBy(() => fromEmbeddings({ data, usage }, { ...asked, dimensions: 2 }))).toMatchObject({
      code: 'capability_missing',
      message: 'it takes no dimensions: its embeddings have 3, not 2.',
      param: 'dimensions',
      usage: { inputTokens: 4 },
    });
    expect(fromEmbeddings({ data, usage }, { ...asked, dimensions: 3 }).embeddings).toHaveLength(2);
  });
});

it('several answers stand in the order of their indices, whatever order they come in', () => {
  const choices = ['two', 'one'].map((content, place) => ({
    index: 1 - place,
    message: { content },
    finish_reason: 'stop',
  }));
  const { content, alternatives } = fromChatCompletion({ choices }, 'm');
  expect([content, alternatives?.[0]?.content]).toMatchObject([[{ text: 'one' }], [{ text: 'two' }]]);
});

describe('an answer of a picture', () => {
  const picture = { inlineData: { mimeType: 'image/png', data: 'aGk=' } };
  const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }];
  const end = { finishReason: 'STOP' };
  const usage = { prompt_tokens: 5, completion_tokens: 3 };

  it('and nothing else is no empty answer: it is refused, and what it cost is kept', async () => {
    const streamed = (stream: Promise<unknown>) => stream.then(() => undefined).catch((error: unknown) => error);
    const failures = [
      thrownBy(() => chatAnswer({ content: '', images })),
      thrownBy(() => gemini(picture)),
      await streamed(chatStream([{ ...delta({ images }, 'stop'), usage }])),
      await streamed(all(fromGeminiStream(wire([{ candidates: [{ content: { parts: [picture] }, ...end }] }]), 'm'))),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'capability_missing', message: expect.stringContaining('alone') });
    }
    expect(failures[0]).toMatchObject({ usage: { inputTokens: 5, outputTokens: 3 } });
    expect(failures[2]).toMatchObject({ usage: { inputTokens: 5, outputTokens: 3 } });
  });

  it('beside words is those words', async () => {
    expect(chatAnswer({ content: 'Here.', images }).content).toEqual([{ type: 'text', text: 'Here.' }]);
    const parts = await chatStream([delta({ content: 'Here.', images }), delta({}, 'stop')]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });
});

function chatAnswer(message: object) {
  return fromChatCompletion(whole(message), 'm');
}
