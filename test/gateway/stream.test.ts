import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { failure, model, partsOf } from '../support/gateway.ts';
import { answer, refusal, type Step, USAGE } from '../support/scripted-provider.ts';
import { pair } from './gateway-pair.ts';

const text = (value: string): Step => ({ type: 'text-delta', text: value });
const failed = (): Step => ({
  type: 'error',
  error: new GatewayError('provider_overloaded', 'busy', { status: 529 }),
});
const FINISH: Step = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, model: 'scripted' };

describe('a stream', () => {
  it('is the parts as they come, and then the whole answer, booked', async () => {
    const { stream, books, events } = await pair(() => [
      { type: 'sent' },
      text('one '),
      text('two'),
      { type: 'usage', usage: USAGE },
      FINISH,
    ]);
    const opened = await stream('hello', {}, { caller: { tenant: 'local', client: 'test', traceparent: '00-a-b-01' } });
    expect(opened).toMatchObject({ model: 'first/a', cache: 'miss', attemptsCount: 1, droppedParameters: [] });
    const parts = await partsOf(opened);
    expect(parts.map(({ type }) => type)).toEqual(['text-delta', 'text-delta', 'usage', 'end']);
    const end = parts.at(-1);
    if (end?.type !== 'end') throw new Error('no end');
    expect(end.answer).toMatchObject({
      requestId: opened.requestId,
      cache: 'miss',
      completion: { content: [{ type: 'text', text: 'one two' }], usage: USAGE },
      attempts: [{ status: 'settled', usage: USAGE }],
    });
    const [row] = await books();
    expect(row).toMatchObject({
      id: opened.requestId,
      status: 'success',
      cache: 'miss',
      costNanoUsd: end.answer.costNanoUsd,
      attempts: [{ status: 'settled' }],
    });
    expect(events).toMatchObject([
      {
        id: opened.requestId,
        status: 'success',
        streamed: true,
        model: 'first/a',
        usage: USAGE,
        traceparent: '00-a-b-01',
        firstTokenMs: expect.any(Number),
      },
    ]);
  });

  it('gives usage that came first after the first content, and none of an attempt that failed', async () => {
    const early = { ...USAGE, inputTokens: 7 };
    const { stream } = await pair((call) =>
      call === 1
        ? [{ type: 'sent' }, { type: 'usage', usage: { ...USAGE, inputTokens: 999 } }, failed()]
        : [{ type: 'sent' }, { type: 'usage', usage: early }, text('ok'), FINISH],
    );
    const opened = await stream('hello');
    expect(opened.attemptsCount).toBe(2);
    expect((await partsOf(opened)).slice(0, 2)).toEqual([{ type: 'usage', usage: early }, text('ok')]);
  });

  it('has a figure of its own when the provider reports no usage', async () => {
    const { stream } = await pair(() => answer('some words of an answer', NO_USAGE));
    const parts = await partsOf(await stream('hello'));
    const usages = parts.flatMap((part) => (part.type === 'usage' ? [part.usage.source] : []));
    expect(usages.at(-1)).toBe('estimated');
  });

  it('counts a call that comes in pieces and then whole once', async () => {
    const call = { id: 'c1', name: 'look' };
    const whole: Step = { type: 'tool-call', ...call, argumentsJson: JSON.stringify({ at: 'word '.repeat(100) }) };
    const pieces: Step = { type: 'tool-call-delta', ...call, argumentsText: whole.argumentsJson };
    const burnt = async (steps: readonly Step[]) => {
      const { stream, books } = await pair(() => [{ type: 'sent' }, ...steps]);
      await partsOf(await stream('hello'));
      return (await books())[0]?.attempts[0]?.usage?.outputTokens;
    };
    expect(await burnt([pieces, whole])).toBe(await burnt([whole]));
  });

  it('that has no content opens with its end', async () => {
    const { stream, books } = await pair(() => [{ type: 'sent' }, text(''), { type: 'usage', usage: USAGE }, FINISH]);
    const parts = await partsOf(await stream('hello'));
    expect(parts.map(({ type }) => type)).toEqual(['usage', 'end']);
    expect((await books())[0]?.status).toBe('success');
  });

  it('passes on reasoning, and tool calls in pieces and whole', async () => {
    const call = { type: 'tool-call', id: 'c1', name: 'look', argumentsJson: '{"at":1}' } as const;
    const pieces: readonly Step[] = [
      { type: 'reasoning-delta', text: 'hm' },
      { type: 'reasoning-delta', text: '', vendorState: { kind: 'openai-compatible', value: 'sig' } },
      { type: 'tool-call-delta', id: 'c1', name: 'look', argumentsText: '{"at"' },
      { type: 'tool-call-delta', id: 'c1', name: 'look', argumentsText: ':1}' },
      call,
    ];
    const { stream } = await pair(() => [{ type: 'sent' }, ...pieces, { type: 'usage', usage: USAGE }, FINISH]);
    const parts = await partsOf(await stream('hello'));
    expect(parts.slice(0, pieces.length)).toEqual(pieces);
    expect(parts.at(-1)).toMatchObject({
      answer: {
        completion: {
          content: [{ type: 'reasoning', text: 'hm', vendorState: { value: 'sig' } }, call],
        },
      },
    });
  });
});

describe('before its first content', () => {
  it.each([
    ['an error status', refusal('provider_error', 'boom')],
    ['a stream that just ends', [{ type: 'sent' }] as const],
    [
      'a refused connection',
      [{ type: 'error', error: new GatewayError('provider_unavailable', 'refused', { retrySame: 'no' }) }] as const,
    ],
  ])('%s is replaced by the next candidate, unseen', async (_what, steps) => {
    const { stream, books, events } = await pair(() => steps);
    const opened = await stream('hello');
    expect(opened.model).toBe('second/b');
    expect((await partsOf(opened)).map(({ type }) => type)).toEqual(['text-delta', 'usage', 'end']);
    expect((await books())[0]).toMatchObject({ status: 'success', model: 'second/b' });
    expect(events).toMatchObject([{ model: 'second/b', fallbackReason: expect.any(String) }]);
  });

  it('an empty piece of reasoning or text is none', async () => {
    const { stream } = await pair((call) =>
      call === 1
        ? [{ type: 'sent' }, { type: 'reasoning-delta', text: '' }, text(''), failed()]
        : [{ type: 'sent' }, text('ok'), FINISH],
    );
    expect(await partsOf(await stream('hello'))).toMatchObject([text('ok'), { type: 'usage' }, { type: 'end' }]);
  });

  it('silence is timed, and the next candidate asked', async () => {
    const { stream } = await pair(() => [{ type: 'sent' }, { type: 'ping' }, { type: 'hang' }], {
      limits: { firstTokenMs: 40, firstTokenSlowMs: 40 },
    });
    expect((await stream('hello')).model).toBe('second/b');
  });

  it('the failure of everybody is a rejection with its attempts, booked once', async () => {
    const { stream, books, events } = await pair(() => refusal('provider_error', 'boom'), {
      models: [model('first/a')],
    });
    const error = await failure(stream('hello'));
    expect(error).toMatchObject({ code: 'all_failed', requestId: expect.any(String) });
    expect(error.attempts.map(({ error }) => error)).toEqual(['provider_error', 'provider_error']);
    expect((await books())[0]).toMatchObject({ status: 'failed', error: 'all_failed' });
    expect(events).toMatchObject([{ status: 'failed', error: 'all_failed', streamed: true, costNanoUsd: 0 }]);
  });
});

describe('after its first content', () => {
  const cut = (code: 'stream_truncated' | 'provider_overloaded' | 'rate_limited' | 'malformed_response'): Step => ({
    type: 'error',
    error: new GatewayError(code, 'cut'),
  });

  it.each([
    ['a cut', cut('stream_truncated'), 'stream_truncated'],
    ['an error event', cut('provider_overloaded'), 'provider_overloaded'],
    ['an error that rests the key', cut('rate_limited'), 'rate_limited'],
    ['something that is no protocol', cut('malformed_response'), 'malformed_response'],
    ['silence', { type: 'hang' } as const, 'provider_timeout'],
  ])(
    '%s ends it with that error: nothing is repeated, replaced, cached or booked as success',
    async (_what, step, code) => {
      const { stream, books, events, first, second, store } = await pair(
        () => [{ type: 'sent' }, text('half an ans'), step],
        { limits: { idleMs: 40 } },
      );
      const parts = await partsOf(await stream('hello there'));
      expect(parts.map(({ type }) => type)).toEqual(['text-delta', 'error']);
      const last = parts.at(-1);
      if (last?.type !== 'error') throw new Error('no error');
      expect(last.error).toMatchObject({ code, requestId: expect.any(String) });
      expect(last.error.attempts).toMatchObject([{ status: 'truncated', error: code }]);
      expect(first.calls).toHaveLength(1);
      expect(second.calls).toHaveLength(0);
      const [row] = await books();
      expect(row).toMatchObject({ status: 'truncated', error: code });
      expect(row?.attempts).toMatchObject([{ status: 'truncated', usage: { source: 'estimated' } }]);
      expect(row?.costNanoUsd).toBe(15_000);
      expect(events).toMatchObject([{ status: 'truncated', error: code }]);
      expect(store.health.snapshot().map(({ target }) => target.provider)).toEqual(['first']);
      expect((await stream('hello there')).cache).toBe('miss');
      expect(first.calls.length + second.calls.length).toBe(2);
    },
  );

  it('a stream that just ends is truncated', async () => {
    const { stream } = await pair(() => [{ type: 'sent' }, text('half')]);
    expect(errorOf(await partsOf(await stream('hello')))?.code).toBe('stream_truncated');
  });

  it('what the provider reported is kept in the books', async () => {
    const { stream, books } = await pair(() => [
      { type: 'sent' },
      { type: 'usage', usage: { ...USAGE, inputTokens: 1_234 } },
      text('half'),
      cut('stream_truncated'),
    ]);
    await partsOf(await stream('hello'));
    expect((await books())[0]?.attempts[0]?.usage).toMatchObject({ inputTokens: 1_234, source: 'partial' });
  });

  it("the caller's deadline ends it, and nobody is blamed", async () => {
    const clock = createFakeClock();
    const half = () => [{ type: 'sent' }, text('half'), { type: 'hang' }] as const;
    const { stream, books, store } = await pair(half, { clock });
    const opened = await stream('hello', { deadlineMs: 60 });
    await clock.advance(60);
    const parts = await partsOf(opened);
    expect(errorOf(parts)?.code).toBe('deadline_exceeded');
    expect((await books())[0]).toMatchObject({ status: 'truncated', attempts: [{ status: 'cancelled' }] });
    expect(store.health.snapshot()).toEqual([]);
  });
});

function errorOf(parts: Awaited<ReturnType<typeof partsOf>>): GatewayError | undefined {
  const last = parts.at(-1);
  return last?.type === 'error' ? last.error : undefined;
}
