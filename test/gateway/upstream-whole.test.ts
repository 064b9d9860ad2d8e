import { describe, expect, it } from 'vitest';
import { NO_USAGE, type Usage } from '../../src/core/usage.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { chat, failure, model } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';
import { until } from '../support/until.ts';
import { gatewayOf, pair } from './gateway-pair.ts';

const SAID = 'an answer of some words';

describe('an upstream call that is asked for whole', () => {
  it('has no limit but the total one, and the same books', async () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, 120));
    const first = createScriptedProvider('first', () => [
      { type: 'sent' },
      { type: 'gate', gate: late },
      ...answer('late').slice(1),
    ]);
    const { gateway, books, events } = await gatewayOf({
      providers: [first],
      models: [model('first/a')],
      limits: { firstTokenMs: 30, firstTokenSlowMs: 30, idleMs: 30 },
    });
    const { signal } = new AbortController();
    const whole = await gateway.complete(chat('hello'), { signal, upstream: 'whole' });
    expect(whole.completion.content).toEqual([{ type: 'text', text: 'late' }]);
    expect(first.wholeCalls()).toBe(1);
    expect((await books())[0]).toMatchObject({ status: 'success', attempts: [{ status: 'settled' }] });
    expect(events[0]?.firstTokenMs).toBeUndefined();
  });

  it('without a word about usage is estimated from its text', async () => {
    const { gateway } = await pair(() => answer(SAID, NO_USAGE));
    const { signal } = new AbortController();
    const { completion } = await gateway.complete(chat('hello'), { signal, upstream: 'whole' });
    expect(completion.usage).toMatchObject({ inputTokens: 8, outputTokens: 5, source: 'estimated' });
  });

  it.each<[string, Partial<Usage>, Partial<Usage>]>([
    ['went in is estimated by its text', { inputTokens: 17 }, { inputTokens: 17, outputTokens: 5 }],
    ['came out keeps that', { outputTokens: 2 }, { inputTokens: 8, outputTokens: 2 }],
  ])('whose provider counts only what %s', async (_what, counted, usage) => {
    const { gateway } = await pair(() => answer(SAID, { ...NO_USAGE, ...counted, source: 'partial' }));
    const { signal } = new AbortController();
    const { completion } = await gateway.complete(chat('hello'), { signal, upstream: 'whole' });
    expect(completion.usage).toMatchObject({ ...usage, source: 'partial' });
  });

  it('ends by the total limit', async () => {
    const clock = createFakeClock();
    const limits = { totalMs: 50 };
    const { gateway, first } = await pair(() => [{ type: 'sent' }, { type: 'hang' }], { limits, clock });
    const { signal } = new AbortController();
    const failed = failure(gateway.complete(chat('hello'), { signal, upstream: 'whole' }));
    await until(() => first.calls.length === 1);
    await clock.advance(limits.totalMs);
    const error = await failed;
    expect(error.attempts[0]?.error).toBe('provider_timeout');
  });
});
