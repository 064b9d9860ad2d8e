import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../../src/core/usage.ts';
import { fromModelList } from '../../../../src/providers/shared/list-models.ts';
import { fromChatFinishReason } from '../../../../src/providers/shared/openai-wire/chat-finish-reason.ts';
import { fromChatCompletion } from '../../../../src/providers/shared/openai-wire/from-chat-completion.ts';
import { fromChatStream } from '../../../../src/providers/shared/openai-wire/from-chat-stream.ts';
import { fromEmbeddings } from '../../../../src/providers/shared/openai-wire/from-embeddings.ts';
import { modelOf } from '../../harness.ts';

describe('a whole answer', () => {
  const answer = (message: object, finish_reason: string | null = 'stop') =>
    fromChatCompletion({ choices: [{ message, finish_reason }] }, 'asked-for');

  it('may hold text in parts, reasoning and a refusal', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(answer({ content: parts, reasoning: 'thought' }).content).toEqual([
      { type: 'reasoning', text: 'thought' },
      { type: 'text', text: 'ab' },
    ]);
    expect(answer({ content: null, refusal: 'No.' })).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      finishReason: { unified: 'refusal', raw: 'stop' },
      model: 'asked-for',
    });
  });

  it('is one even when all tokens went into reasoning', () => {
    expect(answer({ content: '' }, 'length')).toMatchObject({ content: [], finishReason: { unified: 'length' } });
  });

  it('makes up ids for calls that have none, and no two alike in a whole conversation', () => {
    const call = { function: { name: 'f' } };
    const whole = answer({ tool_calls: [call, call] }, 'stop');
    expect(whole).toMatchObject({
      content: [{ argumentsJson: '{}' }, { argumentsJson: '{}' }],
      finishReason: { unified: 'tool_calls', raw: 'stop' },
    });
    const { content } = answer({ tool_calls: [call] });
    const ids = [...whole.content, ...content].flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^call_\w{8,}$/);
  });

  it('gives calls ids of their own where a server gives all the same', () => {
    const call = { id: 'call_0', function: { name: 'f', arguments: '{}' } };
    const { content } = answer({ tool_calls: [call, call] });
    expect(content).toMatchObject([{ id: 'call_0' }, { id: expect.stringMatching(/^call_\w{32}$/) }]);
  });

  it('takes arguments that come as an object instead of text', () => {
    const call = { id: 'a', function: { name: 'f', arguments: { x: 1 } } };
    expect(answer({ tool_calls: [call] }).content).toMatchObject([{ argumentsJson: '{"x":1}' }]);
  });

  it('takes a call in the words that tools replaced, unless it stands among the tools as well', () => {
    const called = { name: 'f', arguments: '{"x":1}' };
    const former = answer({ content: null, function_call: called }, 'function_call');
    expect(former).toMatchObject({
      content: [{ type: 'tool-call', id: expect.stringMatching(/^call_\w{8,}$/), name: 'f', argumentsJson: '{"x":1}' }],
      finishReason: { unified: 'tool_calls', raw: 'function_call' },
    });
    expect(answer({ tool_calls: [{ id: 'a', function: called }], function_call: called }).content).toHaveLength(1);
    expect(answer({ content: 'Well.', tool_calls: [], function_call: null }).content).toHaveLength(1);
  });

  it.each([undefined, '', 'text', {}, { choices: [] }, { choices: [{ message: null }] }])('is not %j', (body) => {
    expect(() => fromChatCompletion(body, 'm')).toThrow(/choices/);
  });

  it('has a finish reason for every word', () => {
    const seen = { refusal: false, toolCalls: false };
    expect(fromChatFinishReason('eos', seen)).toEqual({ unified: 'stop', raw: 'eos' });
    expect(fromChatFinishReason('whatever', seen)).toEqual({ unified: 'other', raw: 'whatever' });
    for (const raw of ['STOP', 'Stop', 'stop ', 'eos_token', 'end_turn', 'stop_sequence']) {
      expect(fromChatFinishReason(raw, seen)).toEqual({ unified: 'stop', raw });
    }
    expect(fromChatFinishReason('MAX_TOKENS', seen).unified).toBe('length');
    expect(fromChatFinishReason('model_length', seen)).toEqual({ unified: 'length', raw: 'model_length' });
    expect(fromChatFinishReason('sensitive', seen)).toEqual({ unified: 'content_filter', raw: 'sensitive' });
    expect(fromChatFinishReason('RECITATION', seen)).toEqual({ unified: 'content_filter', raw: 'RECITATION' });
    expect(fromChatFinishReason('length', { ...seen, toolCalls: true })).toEqual({ unified: 'length', raw: 'length' });
  });
});

describe('a stream', () => {
  async function read(chunks: readonly unknown[], terminated = true) {
    async function* source() {
      for (const chunk of chunks) yield Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
      if (terminated) yield Buffer.from('data: [DONE]\n\n');
    }
    const options = { requestedModel: 'm', endsWithDone: true, about: {} };
    const parts = [];
    for await (const part of fromChatStream(source(), options)) parts.push(part);
    return parts;
  }
  const delta = (value: object, finish_reason: string | null = null) => ({
    choices: [{ delta: value, finish_reason }],
  });

  it('passes the arguments of a long call on piece by piece, however many there are and whatever stands beside it', async () => {
    const pieces = Array.from({ length: 250_000 }, () => 'abcd');
    const beside = Array.from({ length: 50_000 }, (_, at) => ({ id: `of another ${at}`, data: 'signed' }));
    const first = delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'write', arguments: 'abcd' } }] });
    const next = delta({ tool_calls: [{ index: 0, function: { arguments: 'abcd' } }] });
    const rest = pieces.slice(1).map(() => next);
    const parts = await read([first, delta({ reasoning_details: beside }), ...rest, delta({}, 'tool_calls')]);
    const sent = parts.filter((part) => part.type === 'tool-call-delta').map((part) => part.argumentsText);
    expect(sent).toEqual(pieces);
    expect(parts.at(-2)).toMatchObject({ type: 'tool-call', argumentsJson: pieces.join('') });
  });

  it('puts together calls that come interleaved, or in one piece without index', async () => {
    const call = (index: number, more: object) => delta({ tool_calls: [{ index, ...more }] });
    const parts = await read([
      call(0, { id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call(1, { id: 'b', function: { name: 'g' } }),
      call(0, { function: { arguments: ':1}' } }),
      delta({ tool_calls: [{ function: { name: 'h', arguments: '{}' } }] }),
      delta({}, 'stop'),
    ]);
    expect(parts.slice(0, 2)).toEqual([
      { type: 'tool-call-delta', id: 'a', name: 'f', argumentsText: '{"x"' },
      { type: 'tool-call-delta', id: 'a', name: 'f', argumentsText: ':1}' },
    ]);
    expect(parts.slice(2)).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', argumentsJson: '{"x":1}' },
      { type: 'tool-call', id: 'b', name: 'g', argumentsJson: '{}' },
      { type: 'tool-call', id: expect.stringMatching(/^call_\w{8,}$/), name: 'h', argumentsJson: '{}' },
      { type: 'finish', finishReason: { unified: 'tool_calls', raw: 'stop' }, model: 'm' },
    ]);
  });

  it('keeps calls apart that all bear the index 0, and adds fragments without an index to the last', async () => {
    const call = (more: object) => delta({ tool_calls: [more] });
    const parts = await read([
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
      call({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y"' } }),
      call({ index: 0, function: { arguments: ':2}' } }),
      call({ id: 'c', function: { name: 'h', arguments: '{"z"' } }),
      call({ function: { arguments: ':3}' } }),
      call({ id: 'd', function: { name: 'i', arguments: '{"w"' } }),
      call({ id: 'd', function: { arguments: ':4}' } }),
      call({ id: 'e', function: { name: 'j', arguments: { v: 5 } } }),
      delta({}, 'tool_calls'),
    ]);
    const deltas = parts.filter((part) => part.type === 'tool-call-delta');
    // What came as an object has no text of its own to pass on.
    expect(deltas.map(({ id, argumentsText }) => [id, argumentsText])).toEqual([
      ['a', '{"x":1}'],
      ['b', '{"y"'],
      ['b', ':2}'],
      ['c', '{"z"'],
      ['c', ':3}'],
      ['d', '{"w"'],
      ['d', ':4}'],
    ]);
    expect(parts.slice(deltas.length, -1)).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', argumentsJson: '{"x":1}' },
      { type: 'tool-call', id: 'b', name: 'g', argumentsJson: '{"y":2}' },
      { type: 'tool-call', id: 'c', name: 'h', argumentsJson: '{"z":3}' },
      { type: 'tool-call', id: 'd', name: 'i', argumentsJson: '{"w":4}' },
      { type: 'tool-call', id: 'e', name: 'j', argumentsJson: '{"v":5}' },
    ]);
  });

  it('gives calls ids of their own where a server gives all the same, in each of their pieces', async () => {
    const call = (index: number, text: string) =>
      delta({ tool_calls: [{ index, id: 'call_0', function: { name: 'f', arguments: text } }] });
    const pieces = [call(0, '{"x"'), call(0, ':1}'), call(1, '{"y"'), call(1, ':2}')];
    const parts = await read([...pieces, delta({}, 'tool_calls')]);
    const calls = parts.filter((part) => part.type === 'tool-call');
    expect(calls).toMatchObject([{ id: 'call_0', argumentsJson: '{"x":1}' }, { argumentsJson: '{"y":2}' }]);
    const [first, second] = calls.map(({ id }) => id);
    expect(second).not.toBe(first);
    const deltas = parts.filter((part) => part.type === 'tool-call-delta');
    expect(deltas.map(({ id }) => id)).toEqual([first, first, second, second]);
  });

  it('tells of calls in their order, also of one whose arguments come late or never', async () => {
    const call = (index: number, more: object) => delta({ tool_calls: [{ index, ...more }] });
    const parts = await read([
      call(0, { id: 'a', function: { name: 'f', arguments: '' } }),
      call(1, { id: 'b', function: { name: 'g', arguments: '{"y"' } }),
      call(2, { id: 'c', function: { name: 'h', arguments: '' } }),
      call(0, { function: { arguments: '{"x":1}' } }),
      call(1, { function: { arguments: ':2}' } }),
      call(3, { id: 'd', function: { name: 'i', arguments: '{}' } }),
      delta({}, 'tool_calls'),
    ]);
    const told = parts.flatMap((part) => {
      if (part.type === 'tool-call-delta') return [`${part.id} ${part.argumentsText}`];
      return part.type === 'tool-call' ? [part.id] : [];
    });
    expect(told).toEqual(['a {"x":1}', 'b {"y"', 'b :2}', 'a', 'b', 'c', 'd']);
  });

  it('puts a call together that comes in the words that tools replaced', async () => {
    const parts = await read([
      delta({ content: null, function_call: { name: 'f', arguments: '' } }),
      delta({ function_call: { arguments: '{"x"' } }),
      delta({ function_call: { name: 'f', arguments: ':1}' } }),
      delta({}, 'function_call'),
    ]);
    expect(parts).toEqual([
      { type: 'tool-call', id: expect.stringMatching(/^call_\w{8,}$/), name: 'f', argumentsJson: '{"x":1}' },
      { type: 'finish', finishReason: { unified: 'tool_calls', raw: 'function_call' }, model: 'm' },
    ]);
  });

  it('keeps the words of a refusal apart from those of an answer', async () => {
    const parts = await read([
      delta({ content: 'Well.' }),
      delta({ refusal: 'I will ' }),
      delta({ refusal: 'not.' }, 'stop'),
    ]);
    expect(parts).toMatchObject([
      { type: 'text-delta', text: 'Well.' },
      { type: 'text-delta', text: 'I will ', isRefusal: true },
      { type: 'text-delta', text: 'not.', isRefusal: true },
      { type: 'finish', finishReason: { unified: 'refusal', raw: 'stop' } },
    ]);
  });

  it('has no ending without a finish reason or without the last word', async () => {
    expect(await read([delta({ content: 'a' })])).toEqual([{ type: 'text-delta', text: 'a' }]);
    expect(await read([delta({ content: 'a' }, 'stop')], false)).toEqual([{ type: 'text-delta', text: 'a' }]);
  });

  it('refuses events without choices, and calls without end', async () => {
    await expect(read([{ hello: 1 }])).rejects.toThrow(/choices/);
    const many = Array.from({ length: 2_000 }, (_, index) =>
      delta({ tool_calls: [{ index, function: { name: 'f' } }] }),
    );
    await expect(read(many)).rejects.toThrow(/tool calls/);
  });
});

describe('lists and vectors', () => {
  it('reads the names of models where there are some, and says when there is no list', () => {
    const models = [{ id: 'a', context_window: 10 }, {}, { id: '' }, { id: 'c' }];
    expect(fromModelList({ data: models })).toEqual(['a', 'c']);
    expect(fromModelList(models)).toEqual(['a', 'c']);
    expect(() => fromModelList({ models })).toThrow(/data/);
  });

  it('puts vectors in the order of the texts, and misses none', () => {
    const input = { model: modelOf('openai', ['embedding']), input: ['x', 'y'] };
    const data = [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ];
    expect(fromEmbeddings({ data }, input).embeddings).toEqual([[1], [2]]);
    expect(() => fromEmbeddings({ data: data.slice(1) }, input)).toThrow(/1 embeddings for 2 texts/);
    expect(() => fromEmbeddings({ data: [...data, { index: 2, embedding: [3] }] }, input)).toThrow(
      /3 embeddings for 2 texts/,
    );
    // A list as long as this index would take seconds to go through.
    const far = { index: 999_999_999, embedding: [1] };
    expect(() => fromEmbeddings({ data: [far, { embedding: [2] }] }, input)).toThrow(/1 embeddings for 2 texts/);
    expect(() => fromEmbeddings(undefined, input)).toThrow(/0 embeddings/);
  });

  it('takes what embeddings report for what went in, and zero for no count', () => {
    const input = { model: modelOf('openai', ['embedding']), input: ['x'] };
    const reported = { ...NO_USAGE, inputTokens: 7, source: 'reported' };
    const usageOf = (usage: object) => fromEmbeddings({ data: [{ embedding: [1] }], usage }, input).usage;
    expect(usageOf({ prompt_tokens: 7, total_tokens: 7 })).toEqual(reported);
    expect(usageOf({ total_tokens: 7 })).toEqual(reported);
    expect(usageOf({ prompt_tokens: 0, total_tokens: 0 })).toEqual(NO_USAGE);
  });
});
