import { describe, expect, it } from 'vitest';
import { completionText } from '../../../src/core/completion.ts';
import { failure } from '../../support/gateway.ts';
import { answer, refusal } from '../../support/scripted-provider.ts';
import { cut, openLadder } from './ladder.ts';

/** 10 tokens in and 5 out, at 1 $ and 2 $ a million. */
const CHEAP_NANO_USD = 20_000;

describe('an answer that holds', () => {
  it('is given after one attempt, and the books say that it was checked', async () => {
    const { ask, books, strong, events } = await openLadder({});
    const given = await ask('Name the capital of France.');
    expect(given).toMatchObject({
      model: 'cheap/a',
      costNanoUsd: CHEAP_NANO_USD,
      attempts: [{ model: 'cheap/a' }],
      verification: { outcome: 'passed', first: 'cheap/a', checkCostNanoUsd: 0 },
    });
    expect(strong.calls).toHaveLength(0);
    const [booked] = await books();
    expect(booked?.verification).toEqual(given.verification);
    expect(booked?.attempts).toMatchObject([{ model: 'cheap/a', status: 'settled' }]);
    expect(booked?.attempts[0]).not.toHaveProperty('role');
    expect(events[0]?.verification).toEqual(given.verification);
  });
});

describe('a doubted answer', () => {
  it("gives way to the stronger model's; both are booked with their roles, and every sum is exact", async () => {
    const { ask, books, gateway } = await openLadder({ cheap: () => cut('half an') });
    const given = await ask('Name the capital of France.');
    expect(completionText(given.completion)).toBe('from strong');
    expect(given).toMatchObject({
      model: 'strong/c',
      costNanoUsd: 11 * CHEAP_NANO_USD,
      attempts: [{ model: 'cheap/a' }, { model: 'strong/c', role: 'escalation' }],
      verification: { outcome: 'escalated', doubt: 1, reasons: ['truncated'], first: 'cheap/a' },
    });
    const [booked] = await books();
    expect(booked).toMatchObject({
      status: 'success',
      model: 'strong/c',
      costNanoUsd: 11 * CHEAP_NANO_USD,
      attempts: [{ model: 'cheap/a' }, { model: 'strong/c', role: 'escalation' }],
      verification: { outcome: 'escalated' },
    });
    const report = await gateway.costReport({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, groupBy: 'model' });
    expect(report.totals).toMatchObject({ requests: 1, attempts: 2, failedAttempts: 0, costNanoUsd: 220_000 });
    expect(report.groups.map(({ key, costNanoUsd }) => [key, costNanoUsd])).toEqual([
      ['strong/c', 200_000],
      ['cheap/a', 20_000],
    ]);
  });

  it('counts once when the same traffic is priced on another model', async () => {
    const { ask, gateway, books } = await openLadder({ cheap: () => cut('half an') });
    await ask('Name the capital of France.');
    await books();
    const report = await gateway.costReport({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, baseline: 'cheap/a' });
    expect(report.baseline?.costNanoUsd).toBe(CHEAP_NANO_USD);
  });

  it('is given all the same, marked, when nobody stronger can answer', async () => {
    const { ask, books } = await openLadder({
      cheap: () => cut('half an'),
      strong: () => refusal('provider_overloaded', 'full'),
      spare: () => refusal('provider_overloaded', 'full'),
      more: { limits: { attemptsMax: 4 } },
    });
    const given = await ask('Name the capital of France.');
    expect(given).toMatchObject({
      model: 'cheap/a',
      verification: { outcome: 'kept', keptBecause: 'all_failed', first: 'cheap/a' },
    });
    expect(completionText(given.completion)).toBe('half an');
    const [booked] = await books();
    expect(booked).toMatchObject({ status: 'success', model: 'cheap/a', verification: { outcome: 'kept' } });
    expect(booked?.attempts.map(({ role, status }) => [role, status])).toEqual([
      [undefined, 'settled'],
      ['escalation', 'failed_unbilled'],
      ['escalation', 'failed_unbilled'],
      ['escalation', 'failed_unbilled'],
    ]);
  });

  it('goes on to the next stronger model when the first of them fails, which is no fallback of the plan', async () => {
    const { ask, events } = await openLadder({
      cheap: () => cut('half an'),
      strong: () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
    });
    expect(await ask('Name the capital of France.')).toMatchObject({
      model: 'spare/d',
      attempts: [{ model: 'cheap/a' }, { model: 'strong/c' }, { model: 'spare/d' }],
      verification: { outcome: 'escalated' },
    });
    expect(events[0]?.fallbackReason).toBeUndefined();
  });

  it('of a model that stood in for the first says why it did', async () => {
    const { ask, events } = await openLadder({
      cheap: () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
      peer: () => cut('half an'),
    });
    expect(await ask('Name the capital of France.')).toMatchObject({
      model: 'strong/c',
      verification: { outcome: 'escalated', first: 'second/b' },
    });
    expect(events[0]?.fallbackReason).toBe('rate_limited');
  });

  it('is kept when the stronger model declines', async () => {
    const declines = [
      { type: 'sent' },
      { type: 'text-delta', text: 'I cannot.', isRefusal: true },
      { type: 'finish', finishReason: { unified: 'refusal', raw: 'refusal' }, model: 'scripted' },
    ] as const;
    const { ask } = await openLadder({ cheap: () => cut('half an'), strong: () => declines });
    expect(await ask('Name the capital of France.')).toMatchObject({
      model: 'cheap/a',
      verification: { outcome: 'kept', keptBecause: 'content_filtered' },
    });
  });

  it('is kept when attempts are spent', async () => {
    const { ask, strong } = await openLadder({
      cheap: (call) => (call < 3 ? refusal('provider_overloaded', 'full') : cut('half an')),
      peer: () => cut('half an'),
    });
    const given = await ask('Name the capital of France.');
    expect(given.verification).toMatchObject({ outcome: 'kept', keptBecause: 'attempts_spent' });
    expect(given.attempts).toHaveLength(3);
    expect(strong.calls).toHaveLength(0);
  });
});

describe('an answer that is not the JSON asked for', () => {
  const responseFormat = {
    type: 'json-schema',
    name: 'city',
    schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  } as const;

  it('is not repaired but asked of the stronger model, whose data is given', async () => {
    const { ask, cheap } = await openLadder({
      cheap: () => answer('{"town":"Paris"}'),
      strong: () => answer('{"city":"Paris"}'),
    });
    const given = await ask('Name the capital of France.', {}, { responseFormat });
    expect(given).toMatchObject({
      data: { city: 'Paris' },
      model: 'strong/c',
      verification: { outcome: 'escalated', reasons: ['schema'] },
    });
    expect(cheap.calls).toHaveLength(1);
  });

  it('that fits is given with its data', async () => {
    const { ask, strong } = await openLadder({ cheap: () => answer('{"city":"Paris"}') });
    expect(await ask('Name the capital of France.', {}, { responseFormat })).toMatchObject({
      data: { city: 'Paris' },
      model: 'cheap/a',
      verification: { outcome: 'passed' },
    });
    expect(strong.calls).toHaveLength(0);
  });

  it('is never given: the request fails, and its attempts are all told of', async () => {
    const { ask, books } = await openLadder({
      cheap: () => answer('no JSON'),
      strong: () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
      spare: () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
    });
    const error = await failure(ask('Name the capital of France.', {}, { responseFormat }));
    expect(error.code).toBe('malformed_response');
    expect(error.attempts.map(({ model, role }) => [model, role])).toEqual([
      ['cheap/a', undefined],
      ['strong/c', 'escalation'],
      ['spare/d', 'escalation'],
    ]);
    expect(await books()).toMatchObject([{ status: 'failed', error: 'malformed_response', costNanoUsd: 20_000 }]);
  });
});
