import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../src/core/usage.ts';
import { model, partsOf, settingsFor } from '../support/gateway.ts';
import { answer, type Step, USAGE } from '../support/scripted-provider.ts';
import { pair } from './gateway-pair.ts';

const text = (value: string): Step => ({ type: 'text-delta', text: value });
const FINISH: Step = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, model: 'scripted' };
const STATE = { kind: 'anthropic', value: 'signed' } as const;

describe('a stream and the cache', () => {
  it('a whole answer is kept, and replayed as a stream that costs nothing', async () => {
    const { stream, ask, books, events, first } = await pair(() => [
      { type: 'sent' },
      { type: 'reasoning-delta', text: 'hm', vendorState: STATE },
      text('one '),
      text('two'),
      { type: 'usage', usage: USAGE },
      FINISH,
    ]);
    await partsOf(await stream('hello'));
    const again = await stream('hello');
    expect(again).toMatchObject({ cache: 'hit', attemptsCount: 0, model: 'first/a' });
    const parts = await partsOf(again);
    expect(parts.slice(0, -1)).toEqual([
      { type: 'reasoning-delta', text: 'hm', vendorState: STATE },
      text('one two'),
      { type: 'usage', usage: NO_USAGE },
    ]);
    expect(parts.at(-1)).toMatchObject({ type: 'end', answer: { cache: 'hit', costNanoUsd: 0, attempts: [] } });
    expect((await ask('hello')).cache).toBe('hit');
    expect(first.calls).toHaveLength(1);
    expect((await books()).map(({ cache }) => cache)).toEqual(['hit', 'hit', 'miss']);
    expect(events.map(({ cache, streamed }) => [cache, streamed])).toEqual([
      ['miss', true],
      ['hit', true],
      ['hit', false],
    ]);
  });

  it('JSON that does not fit is given but not kept; what fits is both', async () => {
    const responseFormat = {
      type: 'json-schema',
      name: 'x',
      schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
    } as const;
    const { stream, first } = await pair((call) => answer(call === 1 ? 'not JSON' : '{"a":1}'));
    const unfit = await partsOf(await stream('hello', {}, { responseFormat }));
    expect(unfit.at(-1)).toMatchObject({ type: 'end', answer: { data: undefined } });
    const fit = await partsOf(await stream('hello', {}, { responseFormat }));
    expect(fit.at(-1)).toMatchObject({ answer: { data: { a: 1 }, cache: 'miss' } });
    const kept = await partsOf(await stream('hello', {}, { responseFormat }));
    expect(kept.at(-1)).toMatchObject({ answer: { data: { a: 1 }, cache: 'hit' } });
    expect(first.calls).toHaveLength(2);
  });

  it('JSON that was kept with a fence around it is replayed without', async () => {
    const responseFormat = { type: 'json-object' } as const;
    const { stream, ask } = await pair(() => answer('```json\n{"a":1}\n```'));
    await ask('hello', {}, { responseFormat });
    const kept = await partsOf(await stream('hello', {}, { responseFormat }));
    expect(kept[0]).toEqual(text('{"a":1}'));
    expect(kept.at(-1)).toMatchObject({ answer: { data: { a: 1 }, cache: 'hit' } });
  });

  it('a text too long to keep for a slow reader reaches it whole as a stream, and is not cached', async () => {
    const piece = 'word '.repeat(10_000);
    const tools = [{ name: 'look', inputSchema: { type: 'object' } }] as const;
    const { stream, ask, first } = await pair(
      () => [
        { type: 'sent' },
        ...Array.from({ length: 6 }, () => text(piece)),
        { type: 'tool-call', id: 'call_1', name: 'look', argumentsJson: '{}' },
        { type: 'usage', usage: USAGE },
        FINISH,
      ],
      { models: [model('first/a', { capabilities: ['tools'] })] },
    );
    const parts = await partsOf(await stream('hello', {}, { tools }));
    expect(parts.filter(({ type }) => type === 'text-delta')).toHaveLength(6);
    expect(parts.at(-1)).toMatchObject({
      type: 'end',
      answer: { completion: { content: [{ type: 'tool-call' }], usage: USAGE } },
    });
    // Whoever asks for it whole has it anyway.
    const whole = await ask('hello', {}, { tools });
    expect(whole.cache).toBe('miss');
    expect(whole.completion.content).toMatchObject([{ text: piece.repeat(6) }, { type: 'tool-call' }]);
    expect((await stream('hello', {}, { tools })).cache).toBe('hit');
    expect(first.calls).toHaveLength(2);
  });

  it('a short answer after a long thought is cached as any other', async () => {
    const { stream } = await pair(() => [
      { type: 'sent' },
      { type: 'reasoning-delta', text: 'hmm '.repeat(100_000) },
      text('Yes.'),
      { type: 'usage', usage: USAGE },
      FINISH,
    ]);
    await partsOf(await stream('hello'));
    expect((await stream('hello')).cache).toBe('hit');
  });

  it('two at once do not share a call, since each is read at a pace of its own', async () => {
    const { stream, first } = await pair(() => answer('ok'));
    const both = await Promise.all([stream('hello'), stream('hello')]);
    expect(both.map(({ cache }) => cache)).toEqual(['miss', 'miss']);
    expect(first.calls).toHaveLength(2);
    await Promise.all(both.map(partsOf));
  });
});

describe('several answers', () => {
  it('are asked for whole; the first is replayed, all of them come with the end', async () => {
    const { stream, first } = await pair(() => answer('ok'), {
      models: [model('first/a')],
      settings: [settingsFor('first', 'openai')],
    });
    const opened = await stream('hello', {}, { choices: 3, unsupportedParameters: 'reject' });
    const parts = await partsOf(opened);
    expect(first.wholeCalls()).toBe(1);
    expect(parts[0]).toEqual(text('ok'));
    expect(parts.at(-1)).toMatchObject({ answer: { completion: { alternatives: [{}, {}] } } });
    expect(opened.attemptsCount).toBe(1);
  });
});
