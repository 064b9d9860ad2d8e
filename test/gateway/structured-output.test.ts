import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json/json.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { withBareJson } from '../../src/gateway/bare-json.ts';
import { failure } from '../support/gateway.ts';
import { startClock, watchStalls } from '../support/given-time.ts';
import { asking, PERSON } from './asking-with-schema.ts';

describe('an answer with a schema', () => {
  it('comes parsed, a Markdown fence around it forgiven', async () => {
    const plain = await asking(PERSON, '{"name":"Ada","age":36}');
    expect((await plain.result()).data).toEqual({ name: 'Ada', age: 36 });
    const fenced = await asking(PERSON, '```json\n{"name":"Ada","age":36}\n```');
    expect((await fenced.result()).data).toEqual({ name: 'Ada', age: 36 });
  });

  it('comes parsed where the thoughts of its model stand before it, which are told as such', async () => {
    const { result } = await asking(
      PERSON,
      '<think>{"age"</think>\n<think>?}</think>\n\n```json\n{"name":"Ada","age":36}\n```',
    );
    const { data, completion } = await result();
    expect(data).toEqual({ name: 'Ada', age: 36 });
    expect(completion.content).toEqual([
      { type: 'reasoning', text: '{"age"?}' },
      { type: 'text', text: '{"name":"Ada","age":36}' },
    ]);
  });

  it.each(['miss', 'hit'])('is the JSON alone also as a text, which callers parse (cache: %s)', async (cache) => {
    const { result } = await asking(PERSON, ' ```json\n{"name":"Ada","age":36}\n```');
    if (cache === 'hit') await result();
    const answer = await result();
    expect(answer.cache).toBe(cache);
    expect(answer.completion.content).toEqual([{ type: 'text', text: '{"name":"Ada","age":36}' }]);
  });

  it('is the JSON alone also as each further choice', async () => {
    const finishReason = { unified: 'stop', raw: 'stop' } as const;
    const choiceOf = (text: string) => ({ content: [{ type: 'text', text } as const], finishReason });
    const alternatives = [choiceOf('```json\n{"name":"Eve","age":3}\n```'), choiceOf('none')];
    const completion = { ...choiceOf('{"name":"Ada","age":36}'), alternatives, usage: NO_USAGE, model: 'm' };
    expect(withBareJson(completion).alternatives).toEqual([choiceOf('{"name":"Eve","age":3}'), choiceOf('none')]);
  });

  it('is parsed from the cache as well', async () => {
    const { result } = await asking(PERSON, '{"name":"Ada","age":36}');
    await result();
    expect(await result()).toMatchObject({ cache: 'hit', data: { name: 'Ada', age: 36 } });
  });

  it('that does not fit is repaired once, told what is wrong; both attempts are booked', async () => {
    const { result, provider, books } = await asking(PERSON, '{"name":"Ada"}', '{"name":"Ada","age":36}');
    const repaired = await result();
    expect(repaired.data).toEqual({ name: 'Ada', age: 36 });
    expect(repaired.attempts.map(({ status, error }) => [status, error])).toEqual([
      ['settled', 'malformed_response'],
      ['settled', undefined],
    ]);
    const told = provider.calls[1]?.request.messages.at(-1)?.content[0];
    expect(told).toMatchObject({ type: 'text', text: expect.stringContaining('age') });
    const [booked] = await books();
    expect(booked).toMatchObject({ costNanoUsd: 40_000 });
    expect(booked?.attempts.map(({ error }) => error)).toEqual(['malformed_response', undefined]);
  });

  it('that stays unfit fails, is paid for, and is not kept', async () => {
    const { result, provider, books } = await asking(PERSON, 'no JSON at all');
    const error = await failure(result());
    expect(error).toMatchObject({ code: 'all_failed' });
    expect(error.message).toContain('json_schema');
    expect(provider.calls).toHaveLength(2);
    const unfit = { status: 'settled', error: 'malformed_response' };
    expect((await books())[0]).toMatchObject({ status: 'failed', costNanoUsd: 40_000, attempts: [unfit, unfit] });
    await failure(result());
    expect(provider.calls.length).toBeGreaterThan(2);
  });

  it.each([
    ['pattern', { properties: { a: { type: 'string', pattern: '^(a+)+$' } } }, `{"a":"${'a'.repeat(60)}!"}`],
    ['pattern of a key', { patternProperties: { '^(a|a)*$': {} } }, `{"${'a'.repeat(60)}!":1}`],
    ['pattern of all keys', { propertyNames: { pattern: '^(a+)+$' } }, `{"${'a'.repeat(60)}!":1}`],
  ] as readonly (readonly [string, JsonObject, string])[])(
    'never stalls over a %s that backtracks without end, and is booked',
    async (_what, schema, text) => {
      const { result, provider, books } = await asking({ type: 'object', ...schema }, text);
      const longestStallMs = watchStalls();
      const error = await failure(result());
      const stallMs = longestStallMs();
      expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('"pattern"') });
      // 150 ms; where the machine is busy it is tried three times more, with less than 105 ms of the processor each.
      expect(stallMs).toBeLessThan(600);
      expect(provider.calls).toHaveLength(1);
      expect(error.attempts).toMatchObject([{ status: 'settled', costNanoUsd: 20_000 }]);
      expect((await books())[0]).toMatchObject({ status: 'failed', costNanoUsd: 20_000 });
    },
  );

  it('that is wrong in tens of thousands of places is unfit', async () => {
    const schema: JsonObject = { properties: { a: { type: 'array', items: { type: 'string' } } } };
    const { result } = await asking(schema, JSON.stringify({ a: Array<number>(70_000).fill(1) }));
    expect((await failure(result())).attempts).toMatchObject([{ error: 'malformed_response' }, {}]);
  });

  it.each(['', 'x'])(
    'that does not fit by a name of any length is repaired in whole characters (%j)',
    async (start) => {
      const { result, provider } = await asking(
        PERSON,
        JSON.stringify({ [start + '😀'.repeat(600)]: 1 }),
        '{"name":"Ada","age":36}',
      );
      await result();
      const told = JSON.stringify(provider.calls[1]?.request.messages.at(-1));
      expect(told).toContain('😀😀');
      expect(told).not.toContain('\\ud83d');
    },
  );

  it('nested beyond all sense is unfit, whatever the schema says', async () => {
    const { result } = await asking({ type: 'object' }, `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect((await failure(result())).message).toContain('nested too deep');
  });

  it('forgives a fence of any look, and reads one of a million blank lines at once', async () => {
    const { result } = await asking(PERSON, '\n```  \n{"name":"Ada",\n"age":36}```\n');
    expect((await result()).data).toEqual({ name: 'Ada', age: 36 });
    const blank = await asking(PERSON, `\`\`\`${'\n'.repeat(1_000_000)}`);
    const elapsedMs = startClock();
    await failure(blank.result());
    expect(elapsedMs()).toBeLessThan(2_000);
  });
});
