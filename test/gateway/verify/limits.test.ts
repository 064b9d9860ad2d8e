import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import type { Budget } from '../../../src/core/quota.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { chat, failure } from '../../support/gateway.ts';
import { answer, refusal } from '../../support/scripted-provider.ts';
import { cut, HANG, openLadder, type Script } from './ladder.ts';

const QUESTION = 'Name the capital of France.';

describe('a cost limit', () => {
  it('that leaves nothing for a stronger model keeps the answer', async () => {
    const { ask, strong, spare } = await openLadder({ cheap: () => cut('half an') });
    // Room for one answer of 100 tokens of the cheap one, and not for a second of anybody.
    const given = await ask(QUESTION, { costMax: nanoUsd(330_000) }, { maxOutputTokens: 100 });
    expect(given).toMatchObject({
      model: 'cheap/a',
      verification: { outcome: 'kept', keptBecause: 'budget_exceeded' },
    });
    expect(strong.calls.length + spare.calls.length).toBe(0);
  });

  it('passes over a stronger model that is too dear', async () => {
    const { ask } = await openLadder({ cheap: () => cut('half an') });
    const given = await ask(QUESTION, { costMax: nanoUsd(400_000) }, { maxOutputTokens: 100 });
    expect(given).toMatchObject({ model: 'spare/d', verification: { outcome: 'escalated' } });
    expect(given.costNanoUsd).toBeLessThanOrEqual(400_000);
  });

  it('cuts the stronger answer to what the first one left, where the caller set no length', async () => {
    const { ask, strong } = await openLadder({ cheap: () => cut('half an') });
    const costMax = nanoUsd(60_000_000);
    await ask(QUESTION, { costMax });
    const [call] = strong.calls;
    // 20 $ a million tokens of output; the first answer took 20,000 nano-dollars.
    expect(call?.request.maxOutputTokens).toBeLessThan(60_000_000 / 20_000);
    expect(call?.request.maxOutputTokens).toBeGreaterThan(0.9 * (60_000_000 / 20_000));
  });
});

describe('a budget for each request', () => {
  const each = (limit: number, mode: Budget['mode'] = 'hard') => ({
    name: 'each',
    scope: { by: 'global' as const },
    limitNanoUsd: nanoUsd(limit),
    window: { type: 'request' as const },
    mode,
    onReached: 'refuse' as const,
    alertAt: [],
    unknownPrice: 'refuse' as const,
  });
  const longest: Script = (_call, { maxOutputTokens = 4_000 }) =>
    answer('Paris', { ...NO_USAGE, inputTokens: 5, outputTokens: maxOutputTokens, source: 'reported' });

  it('holds for the answer and its peer together', async () => {
    // 4,000 tokens of output are 8,000,000: room for one such answer, and not for another beside it.
    const budgets = [each(9_000_000)];
    const more = { budgets };
    const { ask, second } = await openLadder({ cheap: longest, peer: longest, verify: { peer: true }, more });
    const given = await ask(QUESTION, { cache: 'off' });
    expect(given.costNanoUsd).toBeLessThanOrEqual(9_000_000);
    expect(second.calls).toHaveLength(0);
  });

  it.each([
    ['there is some for both', each(17_000_000)],
    ['it is soft, and not reached by the answer', each(9_000_000, 'soft')],
    ['it is for another tenant', { ...each(9_000_000), scope: { by: 'tenant', value: 'another' } as const }],
  ])('leaves room for a peer where %s', async (_where, budget) => {
    const more = { budgets: [budget] };
    const { ask, second } = await openLadder({ cheap: longest, peer: longest, verify: { peer: true }, more });
    const given = await ask(QUESTION, { cache: 'off' });
    expect(second.calls).toHaveLength(1);
    expect(given.costNanoUsd).toBeLessThanOrEqual(17_000_000);
  });
});

it('the attempts of a request are limited for the answer and its peer together', async () => {
  const down: Script = () => refusal('provider_error', 'boom');
  const { ask, cheap, second, strong, spare } = await openLadder({
    cheap: down,
    peer: down,
    strong: down,
    spare: down,
    verify: { peer: true },
    table: { fallback: ['strong/c', 'spare/d'] },
    more: { limits: { attemptsMax: 3 } },
  });
  await failure(ask(QUESTION));
  expect([cheap, second, strong, spare].flatMap(({ calls }) => calls)).toHaveLength(3);
});

it('a request whose answer is checked counts once', async () => {
  const window = { type: 'calendar', unit: 'day', timeZone: 'UTC' } as const;
  const rateLimits = [{ name: 'calm', scope: { by: 'tenant' }, window, requests: 2 }] as const;
  const { ask, second } = await openLadder({ verify: { peer: true }, more: { rateLimits } });
  await ask(QUESTION, { cache: 'off' });
  await ask(QUESTION, { cache: 'off' });
  expect(second.calls).toHaveLength(2);
});

describe('a deadline', () => {
  it('that ends while the stronger model thinks gives the answer that is there', async () => {
    const { ask, strong, books } = await openLadder({ cheap: () => cut('half an'), strong: () => HANG });
    const given = await ask(QUESTION, { deadlineMs: 300 });
    expect(given).toMatchObject({
      model: 'cheap/a',
      verification: { outcome: 'kept', keptBecause: 'deadline_exceeded' },
    });
    expect(strong.aborted()).toBe(1);
    expect((await books())[0]?.attempts).toMatchObject([
      { status: 'settled' },
      { role: 'escalation', error: 'deadline_exceeded' },
    ]);
  });
});

describe('a caller who leaves while the stronger model thinks', () => {
  it('stops it; the request is cancelled and all of it booked', async () => {
    const { gateway, strong, books, outcomes } = await openLadder({ cheap: () => cut('half an'), strong: () => HANG });
    const caller = new AbortController();
    const asked = failure(gateway.complete(chat(QUESTION), { signal: caller.signal }));
    while (strong.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    caller.abort();
    expect((await asked).code).toBe('cancelled');
    const [booked] = await books();
    expect(booked).toMatchObject({
      status: 'cancelled',
      attempts: [{ status: 'settled' }, { role: 'escalation', status: 'cancelled' }],
    });
    expect(booked).not.toHaveProperty('verification');
    expect(strong.aborted()).toBe(1);
    expect(outcomes).toEqual([]);
  });
});

describe('the cache', () => {
  it('keeps the answer that was given, and finds it for the same question', async () => {
    const { ask, cheap, strong } = await openLadder({ cheap: () => cut('half an') });
    const first = await ask(QUESTION);
    const again = await ask(QUESTION);
    expect(again).toMatchObject({ cache: 'hit', model: 'strong/c', completion: { content: first.completion.content } });
    expect(again.verification).toBeUndefined();
    expect([cheap.calls.length, strong.calls.length]).toEqual([1, 1]);
  });

  it('never gives an unchecked answer for a checked one, or the other way round', async () => {
    const { ask, cheap } = await openLadder({});
    await ask(QUESTION, { tier: 'medium' });
    expect((await ask(QUESTION)).cache).toBe('miss');
    expect((await ask(QUESTION, { tier: 'medium' })).cache).toBe('hit');
    expect((await ask(QUESTION)).cache).toBe('hit');
    expect(cheap.calls).toHaveLength(2);
  });

  it('keeps no answer that was doubted and given all the same', async () => {
    const { ask, cheap } = await openLadder({
      cheap: () => answer('The answer is 41.'),
      peer: () => answer('The answer is 42.'),
      verify: { peer: true },
      more: { limits: { attemptsMax: 3 } },
      strong: () => cutNothing(),
      spare: () => cutNothing(),
    });
    expect((await ask('What is 6 × 7?')).verification?.outcome).toBe('kept');
    expect((await ask('What is 6 × 7?')).cache).toBe('miss');
    expect(cheap.calls).toHaveLength(2);
  });

  it('is shared by requests that are the same at the same time', async () => {
    const { ask, cheap, strong, books } = await openLadder({ cheap: () => cut('half an') });
    const both = await Promise.all([ask(QUESTION), ask(QUESTION)]);
    expect(both.map(({ model, cache }) => [model, cache])).toEqual([
      ['strong/c', 'miss'],
      ['strong/c', 'coalesced'],
    ]);
    expect([cheap.calls.length, strong.calls.length]).toEqual([1, 1]);
    expect((await books()).map(({ verification }) => verification?.outcome).sort()).toEqual(['escalated', undefined]);
  });
});

/** A refusal by the model: no replacement. */
function cutNothing() {
  return [
    { type: 'sent' },
    { type: 'finish', finishReason: { unified: 'content_filter', raw: 'safety' }, model: 'scripted' },
  ] as const;
}
