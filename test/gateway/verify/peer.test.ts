import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { chat, failure } from '../../support/gateway.ts';
import { answer, refusal, type Step } from '../../support/scripted-provider.ts';
import { cut, HANG, openLadder } from './ladder.ts';

const PEER = { peer: true } as const;
const QUESTION = 'A shelf holds 6 boxes of 7 jars. How many jars are on it?';

describe('a peer', () => {
  it('that agrees lets the answer stand; both are paid for', async () => {
    const { ask, books, strong } = await openLadder({
      verify: PEER,
      cheap: () => answer('6 × 7 = 42. The answer is 42.'),
      peer: () => answer('There are 42 jars on the shelf.\n#### 42'),
    });
    const given = await ask(QUESTION);
    expect(given).toMatchObject({
      model: 'cheap/a',
      costNanoUsd: 40_000,
      verification: { outcome: 'passed', first: 'cheap/a', peer: 'second/b', checkCostNanoUsd: 20_000 },
    });
    expect(strong.calls).toHaveLength(0);
    const [booked] = await books();
    expect(booked?.attempts.map(({ model, role }) => [model, role])).toEqual([
      ['cheap/a', undefined],
      ['second/b', 'peer'],
    ]);
    expect(booked?.costNanoUsd).toBe(40_000);
  });

  it('that says otherwise sends the question up', async () => {
    const { ask, outcomes } = await openLadder({
      verify: PEER,
      cheap: () => answer('The answer is 41.'),
      peer: () => answer('The answer is 42.'),
      strong: () => answer('The answer is 42.'),
    });
    const given = await ask(QUESTION);
    expect(given).toMatchObject({ model: 'strong/c', verification: { outcome: 'escalated', first: 'cheap/a' } });
    expect(given.attempts.map(({ role }) => role)).toEqual([undefined, 'peer', 'escalation']);
    expect(outcomes).toMatchObject([{ model: 'cheap/a', requestId: given.requestId }]);
    expect(outcomes[0]?.failure).toBeGreaterThan(0.5);
  });

  it('is asked at the same time, with the same question', async () => {
    const gate = Promise.withResolvers<void>();
    const gated = (text: string): readonly Step[] => [
      { type: 'sent' },
      { type: 'gate', gate: gate.promise },
      ...answer(text),
    ];
    const { ask, cheap, second } = await openLadder({
      verify: PEER,
      cheap: () => gated('The answer is 42.'),
      peer: () => gated('The answer is 42.'),
    });
    const asked = ask(QUESTION);
    while (cheap.calls.length + second.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    gate.resolve();
    await asked;
    expect(second.calls[0]?.request.messages).toEqual(cheap.calls[0]?.request.messages);
  });

  it('is not waited for when nothing it says could change the verdict', async () => {
    const { ask, second } = await openLadder({
      verify: PEER,
      cheap: () => cut('6 boxes of 7 jars are'),
      peer: () => HANG,
      // No wait of ours ends by itself.
      more: { clock: { ...SYSTEM_CLOCK, wakeAfter: () => () => {} } },
    });
    expect(await ask(QUESTION)).toMatchObject({ model: 'strong/c', verification: { outcome: 'escalated' } });
    expect(second.aborted()).toBe(1);
  });

  it('that fails is nobody’s failure: the answer is checked alone', async () => {
    const { ask, books } = await openLadder({
      verify: PEER,
      cheap: () => answer('6 × 7 = 42. The answer is 42.'),
      peer: () => refusal('provider_error', 'boom'),
    });
    expect(await ask(QUESTION)).toMatchObject({ model: 'cheap/a', verification: { peer: 'second/b' } });
    const [booked] = await books();
    expect(booked?.attempts).toMatchObject([
      { model: 'cheap/a', status: 'settled' },
      { model: 'second/b', role: 'peer', status: 'failed_unbilled', error: 'provider_error' },
    ]);
  });

  it('that keeps silent is waited for as long again as the first answer took, then stopped and booked', async () => {
    const { ask, second, books } = await openLadder({
      verify: PEER,
      cheap: () => answer('The answer is 42.'),
      peer: () => HANG,
    });
    expect(await ask(QUESTION)).toMatchObject({ model: 'cheap/a', verification: { outcome: 'passed' } });
    expect(second.aborted()).toBe(1);
    expect((await books())[0]?.attempts).toMatchObject([{ status: 'settled' }, { role: 'peer', status: 'cancelled' }]);
  });

  it('is not waited for when the answer is none anyway', async () => {
    const { ask, second } = await openLadder({ verify: PEER, cheap: () => cut('The ans'), peer: () => HANG });
    expect(await ask(QUESTION)).toMatchObject({
      model: 'strong/c',
      verification: { outcome: 'escalated', reasons: ['truncated'] },
    });
    expect(second.aborted()).toBe(1);
  });

  it('is stopped when the request fails, and its attempt is told of', async () => {
    const { ask, second, books, events } = await openLadder({
      verify: PEER,
      cheap: () => refusal('invalid_request', 'no', { status: 400 }),
      peer: () => HANG,
    });
    const error = await failure(ask(QUESTION));
    expect(error.attempts.map(({ model, role, status }) => [model, role, status])).toEqual([
      ['cheap/a', undefined, 'failed_unbilled'],
      ['second/b', 'peer', 'cancelled'],
    ]);
    expect(second.aborted()).toBe(1);
    expect((await books())[0]).toMatchObject({ status: 'failed', error: 'invalid_request' });
    // Nobody was asked in the place of the first.
    expect(events[0]?.fallbackReason).toBeUndefined();
  });

  it('is not taken for the answer of its model, which stood in for the first', async () => {
    const { ask, events } = await openLadder({
      verify: PEER,
      cheap: () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
      peer: (call) => (call === 1 ? HANG : answer('The answer is 42.')),
    });
    expect(await ask(QUESTION)).toMatchObject({ model: 'second/b' });
    expect(events).toMatchObject([{ fallbackReason: 'rate_limited', firstTokenMs: expect.any(Number) }]);
  });

  it('is stopped when the schema cannot be checked in time', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a|a)*$' } } };
    const responseFormat = { type: 'json-schema', name: 'slow', schema } as const;
    const { ask, second } = await openLadder({
      verify: PEER,
      cheap: () => answer(`{"a":"${'a'.repeat(40)}b"}`),
      peer: () => HANG,
    });
    const error = await failure(ask(QUESTION, {}, { responseFormat }));
    expect(error.code).toBe('invalid_request');
    expect(error.attempts.map(({ role }) => role)).toEqual([undefined, 'peer']);
    expect(second.aborted()).toBe(1);
  });

  it('is not asked when the cost limit holds no more than one answer', async () => {
    const { ask, second } = await openLadder({ verify: PEER });
    // The most one answer may cost: its input, and 4,000 tokens at 2 $ a million.
    const given = await ask(QUESTION, { costMax: nanoUsd(9_000_000) });
    expect(second.calls).toHaveLength(0);
    expect(given.verification).not.toHaveProperty('peer');
  });

  it('leaves with the caller, as does the first', async () => {
    const { gateway, cheap, second, books } = await openLadder({ verify: PEER, cheap: () => HANG, peer: () => HANG });
    const caller = new AbortController();
    const asked = failure(gateway.complete(chat(QUESTION), { signal: caller.signal }));
    while (cheap.calls.length + second.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    caller.abort();
    expect((await asked).code).toBe('cancelled');
    expect([(await books())[0]?.status, cheap.aborted(), second.aborted()]).toEqual(['cancelled', 1, 1]);
    expect((await books())[0]?.attempts.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });
});
