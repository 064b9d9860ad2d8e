import { afterEach, describe, expect, test } from 'vitest';
import { nanoUsdFromUsd } from '../../../src/core/money.ts';
import type { Budget, QuotaUse } from '../../../src/core/quota.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { calendarSpan } from '../../../src/gateway/money/windows.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { chat, failure, type HarnessOptions, model, openGateway, partsOf } from '../../support/gateway.ts';
import {
  answer,
  createScriptedProvider,
  refusal,
  type ScriptedProvider,
  type Step,
} from '../../support/scripted-provider.ts';

/** Noon of a day in UTC. */
const NOON_MS = Date.UTC(2026, 10, 21, 12);
const DAY: Budget['window'] = { type: 'calendar', unit: 'day', timeZone: 'UTC' };

function budget(limitUsd: number, more: Partial<Budget> = {}): Budget {
  return {
    name: 'daily',
    scope: { by: 'global' },
    limitNanoUsd: nanoUsdFromUsd(limitUsd),
    window: DAY,
    mode: 'hard',
    onReached: 'refuse',
    alertAt: [],
    unknownPrice: 'refuse',
    ...more,
  };
}

/** A clock whose wall stands still until it is moved; spans go on. */
function movableClock(startMs = NOON_MS) {
  let nowMs = startMs;
  return {
    clock: { ...SYSTEM_CLOCK, nowMs: () => nowMs },
    moveTo(atMs: number) {
      nowMs = atMs;
    },
  };
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function open(options: Partial<HarnessOptions> & { readonly provider?: ScriptedProvider }) {
  const provider = options.provider ?? createScriptedProvider('one', () => answer('fine', spent(1_000, 1_000)));
  const harness = await openGateway({ models: [model('one/m')], providers: [provider], ...options });
  opened.push(harness.close);
  const use = (window: Budget['window'] = DAY, name = 'daily', key = ''): Promise<QuotaUse | undefined> => {
    if (window.type !== 'calendar') throw new Error('only calendar windows');
    const { startMs } = calendarSpan(window.unit, window.timeZone, (options.clock ?? SYSTEM_CLOCK).nowMs());
    return harness.store.ledger
      .quotaUse([{ quota: `budget ${name}`, key, bucketMs: startMs, fromMs: startMs }])
      .then(([first]) => first);
  };
  return { ...harness, provider, use };
}

/** 1 $ in and 2 $ out a million: a thousand of each are 0.003 $. */
function spent(inputTokens: number, outputTokens: number) {
  return { ...NO_USAGE, inputTokens, outputTokens, source: 'reported' as const };
}

describe('a hard budget', () => {
  test('counts what was spent, and nothing is left reserved', async () => {
    const { ask, use, provider } = await open({ budgets: [budget(1)] });
    await ask('hello', { cache: 'off' });
    await ask('hello again', { cache: 'off' });
    expect(await use()).toEqual({ settled: 6_000_000, reserved: 0, unknown: 0, extended: 0, unpriced: 0 });
    expect(provider.calls).toHaveLength(2);
  });

  test('refuses before anything is sent, and says what is spent, when there is more, and until when to wait', async () => {
    const { clock, moveTo } = movableClock();
    const { ask, provider } = await open({ budgets: [budget(0.00301)], clock });
    await ask('one', { cache: 'off' });
    const error = await failure(ask('two', { cache: 'off' }));
    expect(error).toMatchObject({ code: 'budget_exceeded', httpStatus: 402, retryAfterMs: 12 * 3_600_000 });
    expect(error.message).toContain('budget "daily" has $0.003 of $0.00301 used');
    expect(error.message).toContain('2026-11-22T00:00Z');
    expect(provider.calls).toHaveLength(1);
    moveTo(Date.UTC(2026, 10, 22));
    await ask('three', { cache: 'off' });
    expect(provider.calls).toHaveLength(2);
  });

  test('reserves the largest cost while an attempt is under way', async () => {
    const gate = Promise.withResolvers<void>();
    const waiting: readonly Step[] = [
      { type: 'sent' },
      { type: 'gate', gate: gate.promise },
      ...answer('x', spent(10, 10)).slice(1),
    ];
    const { ask, use } = await open({
      budgets: [budget(1)],
      provider: createScriptedProvider('one', () => waiting),
    });
    const asked = ask('hello', { cache: 'off' }, { maxOutputTokens: 1_000 });
    while ((await use())?.reserved === 0 || (await use()) === undefined)
      await new Promise((done) => setTimeout(done, 5));
    const during = await use();
    expect(during?.settled).toBe(0);
    // The input is a few tokens; the output is 1,000 at 2 $ a million.
    expect(during?.reserved).toBeGreaterThanOrEqual(2_000_000);
    expect(during?.reserved).toBeLessThan(2_200_000);
    gate.resolve();
    await asked;
    expect(await use()).toMatchObject({ settled: 30_000, reserved: 0 });
  });

  test('cuts the answer to what is left where that is of use, and the attempt says so', async () => {
    const { ask, provider } = await open({ budgets: [budget(0.0065)] });
    const first = await ask('one', { cache: 'off' });
    expect(first.attempts.at(-1)?.outputTokensCut).toBeGreaterThan(1_000);
    const second = await ask('two', { cache: 'off' });
    // 0.0035 $ were left: 1,750 tokens without the input.
    const cut = second.attempts.at(-1)?.outputTokensCut ?? 0;
    expect(cut).toBeGreaterThan(1_500);
    expect(cut).toBeLessThan(1_750);
    expect(provider.calls.at(-1)?.request.maxOutputTokens).toBe(cut);
  });

  test('tells the provider a limit that is only ours, so that no answer is dearer than what was reserved', async () => {
    const { ask, provider } = await open({
      models: [model('one/m', { isOutputMaxConfigured: true })],
      budgets: [budget(1)],
    });
    const given = await ask('hello', { cache: 'off' });
    expect(provider.calls[0]?.request.maxOutputTokens).toBe(4_000);
    expect(given.outputTokensCut).toBeUndefined();
  });

  test('leaves a vendor its own limit, which it keeps anyway', async () => {
    const { ask, provider } = await open({ budgets: [budget(1)] });
    await ask('hello', { cache: 'off' });
    expect(provider.calls[0]?.request.maxOutputTokens).toBeUndefined();
  });

  test('does not count what the cache answers, and lets it through when nothing is left', async () => {
    const { ask, use, provider } = await open({ budgets: [budget(0.00301)] });
    await ask('one');
    const again = await ask('one');
    expect(again.cache).toBe('hit');
    expect(provider.calls).toHaveLength(1);
    expect((await use())?.settled).toBe(3_000_000);
  });

  test('holds for streams, and for what a caller leaves in the middle', async () => {
    const controller = new AbortController();
    const provider = createScriptedProvider('one', () => [
      { type: 'sent' },
      { type: 'text-delta', text: 'some words of an answer' },
      { type: 'hang' },
    ]);
    const { stream, use, books } = await open({ budgets: [budget(1)], provider });
    const streamed = await stream('hello', { cache: 'off' }, { signal: controller.signal });
    const all = partsOf(streamed);
    controller.abort();
    await all;
    const [request] = await books();
    const cost = request?.costNanoUsd ?? 0;
    expect(cost).toBeGreaterThan(0);
    expect(await use()).toMatchObject({ settled: cost, reserved: 0 });
  });

  test('cuts streams as well, and says so before their first content', async () => {
    const { stream, provider } = await open({ budgets: [budget(0.003)] });
    const streamed = await stream('hello', { cache: 'off' });
    expect(streamed.outputTokensCut).toBeLessThan(1_500);
    await partsOf(streamed);
    expect(provider.calls[0]?.request.maxOutputTokens).toBe(streamed.outputTokensCut);
  });

  test('keeps held what a caller who leaves may have made the provider do unseen', async () => {
    const hang = () => [{ type: 'sent' }, { type: 'hang' }] as const;
    const budgets = [budget(1)];
    const leave = async (harness: Awaited<ReturnType<typeof open>>, upstream: 'whole' | 'streamed') => {
      const controller = new AbortController();
      const asked = harness.gateway.complete(chat('hello', { cache: 'off' }, { maxOutputTokens: 1_000 }), {
        signal: controller.signal,
        upstream,
      });
      setTimeout(() => controller.abort(), 30);
      await failure(asked);
      await harness.books();
      return harness.use();
    };
    const plain = await open({ budgets, provider: createScriptedProvider('one', hang) });
    // What is streamed ends when its reader leaves; an answer asked for whole may be finished all the same.
    expect(await leave(plain, 'streamed')).toMatchObject({ reserved: 0, unknown: 0 });
    expect((await leave(plain, 'whole'))?.unknown).toBeGreaterThan(1_900_000);
    const thinking = await open({
      budgets,
      models: [model('one/m', { capabilities: ['reasoning'] })],
      provider: createScriptedProvider('one', hang),
    });
    // Two tokens a millisecond at 2 $ a million, for some 30 ms.
    const held = (await leave(thinking, 'streamed'))?.unknown ?? 0;
    expect(held).toBeGreaterThan(100_000);
    expect(held).toBeLessThanOrEqual(2_100_000);
  });

  test('frees what failed without being billed, and counts the candidate that answered', async () => {
    const bad = createScriptedProvider('bad', () => refusal('provider_error', 'no', { retrySame: 'no' }));
    const good = createScriptedProvider('good', () => answer('fine', spent(1_000, 1_000)));
    const { ask, use } = await open({
      models: [model('bad/m'), model('good/m')],
      providers: [bad, good],
      budgets: [budget(1)],
    });
    await ask('hello', { cache: 'off' });
    expect(await use()).toMatchObject({ settled: 3_000_000, reserved: 0 });
  });

  test('takes back what never left', async () => {
    const provider = createScriptedProvider('one', (_request, call) =>
      call === 1 ? [{ type: 'error', error: refused() }] : answer('fine', spent(1_000, 1_000)),
    );
    const { ask, use } = await open({ budgets: [budget(1)], provider });
    await failure(ask('hello', { cache: 'off' }));
    expect(await use()).toMatchObject({ settled: 0, reserved: 0 });
  });
});

function refused() {
  const [step] = refusal('provider_unavailable', 'refused', { retrySame: 'no' }).slice(1);
  if (step?.type !== 'error') throw new Error('no error');
  return step.error;
}

describe('models of unknown price', () => {
  const { price: _price, ...unpriced } = model('one/m');

  test('are refused under a hard budget', async () => {
    const { ask, provider } = await open({ models: [unpriced], budgets: [budget(1)] });
    const error = await failure(ask('hello', { cache: 'off' }));
    expect(error).toMatchObject({ code: 'price_unknown' });
    expect(error.message).toContain('budget "daily" does not allow');
    expect(provider.calls).toHaveLength(0);
  });

  test('are counted apart where the budget allows them', async () => {
    const { ask, use } = await open({ models: [unpriced], budgets: [budget(1, { unknownPrice: 'allow' })] });
    await ask('hello', { cache: 'off' });
    expect(await use()).toMatchObject({ settled: 0, reserved: 0, unpriced: 1 });
  });
});

test('free models go on when nothing is left', async () => {
  const free = { fromInputTokens: 0, inputPerMTok: 0 as never, outputPerMTok: 0 as never };
  const { ask, provider } = await open({
    models: [model('one/m', { price: { tiers: [free], version: 'local' } })],
    budgets: [budget(0), budget(0, { name: 'soft', mode: 'soft' })],
  });
  expect((await ask('hello', { cache: 'off' })).costNanoUsd).toBe(0);
  expect(provider.calls).toHaveLength(1);
});

describe('scopes', () => {
  test('each has its own: what one team spends is not taken from the other', async () => {
    const { gateway } = await open({ budgets: [budget(0.00301, { scope: { by: 'team' } })] });
    const ask = (team?: string) =>
      gateway.complete(chat('hi', { cache: 'off' }, { caller: { tenant: 't', client: 'c', ...(team && { team }) } }), {
        signal: new AbortController().signal,
      });
    await ask('red');
    expect((await failure(ask('red'))).message).toContain('of red');
    await ask('blue');
    // Nobody's team has no budget.
    await ask();
    await ask();
  });

  test('metadata of one value alone', async () => {
    const scope = { by: 'metadata', metadataKey: 'project', value: 'alpha' } as const;
    const { ask } = await open({ budgets: [budget(0.00301, { scope })] });
    const alpha = { metadata: { project: 'alpha' } };
    await ask('hi', { cache: 'off' }, alpha);
    await failure(ask('hi', { cache: 'off' }, alpha));
    await ask('hi', { cache: 'off' }, { metadata: { project: 'beta' } });
  });

  test('a provider that has spent its own is passed over for the next one', async () => {
    const one = createScriptedProvider('one', () => answer('one', spent(1_000, 1_000)));
    const two = createScriptedProvider('two', () => answer('two', spent(1_000, 1_000)));
    const { ask } = await open({
      models: [model('one/m'), model('two/m')],
      providers: [one, two],
      budgets: [budget(0.00301, { scope: { by: 'provider' } })],
    });
    expect((await ask('a', { cache: 'off' })).model).toBe('one/m');
    expect((await ask('b', { cache: 'off' })).model).toBe('two/m');
    expect(await failure(ask('c', { cache: 'off' }))).toMatchObject({ code: 'budget_exceeded' });
  });

  test('all budgets that concern a request must allow it', async () => {
    const { ask, use } = await open({
      budgets: [budget(1), budget(0.00301, { name: 'small', scope: { by: 'tenant' } })],
    });
    await ask('a', { cache: 'off' });
    const error = await failure(ask('b', { cache: 'off' }));
    expect(error.message).toContain('"small" of local');
    expect(error.message).not.toContain('"daily"');
    expect((await use())?.settled).toBe(3_000_000);
  });

  test('a request has its own over all its attempts', async () => {
    const bad = createScriptedProvider('bad', () => answer('not json', spent(1_000, 1_000)));
    const { ask } = await open({
      models: [model('bad/m')],
      providers: [bad],
      budgets: [budget(0.00305, { window: { type: 'request' } })],
    });
    const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
    const error = await failure(
      ask('hi', { cache: 'off' }, { responseFormat: { type: 'json-schema', schema, name: 'x' } } as never),
    );
    // The repair would have cost more than was left.
    expect(error.attempts).toHaveLength(1);
    expect(bad.calls).toHaveLength(1);
    await failure(
      ask('hi again', { cache: 'off' }, { responseFormat: { type: 'json-schema', schema, name: 'x' } } as never),
    );
    expect(bad.calls).toHaveLength(2);
  });
});

describe('a soft budget', () => {
  test('lets what is under way pass it, then refuses', async () => {
    const { ask, provider, use } = await open({ budgets: [budget(0.00301, { mode: 'soft' })] });
    await Promise.all([1, 2, 3].map((n) => ask(`q${n}`, { cache: 'off' })));
    expect(provider.calls).toHaveLength(3);
    expect((await use())?.settled).toBe(9_000_000);
    expect(await failure(ask('late', { cache: 'off' }))).toMatchObject({ code: 'budget_exceeded' });
  });
});

describe('a budget that is reached', () => {
  test('sends the request to a cheaper tier where it says so', async () => {
    const dear = { fromInputTokens: 0, inputPerMTok: 10_000_000_000 as never, outputPerMTok: 20_000_000_000 as never };
    const big = createScriptedProvider('big', () => answer('big', spent(1_000, 1_000)));
    const small = createScriptedProvider('small', () => answer('small', spent(1_000, 1_000)));
    const { ask } = await open({
      models: [model('big/m', { price: { tiers: [dear], version: 'test' } }), model('small/m')],
      providers: [big, small],
      table: {
        tiers: {
          trivial: ['small/m'],
          simple: ['small/m'],
          medium: ['small/m'],
          complex: ['big/m'],
          expert: ['big/m'],
        },
      },
      budgets: [budget(0.0345, { onReached: 'downgrade' })],
    });
    expect((await ask('a', { cache: 'off', tier: 'complex' })).model).toBe('big/m');
    const second = await ask('b', { cache: 'off', tier: 'complex' });
    expect(second.model).toBe('small/m');
    // Whoever names a model gets that one or none.
    expect(await failure(ask('c', { cache: 'off', model: 'big/m' }))).toMatchObject({ code: 'budget_exceeded' });
  });

  test('asks the person where the client can, goes on after yes, and asks once', async () => {
    const { gateway, use, provider } = await open({ budgets: [budget(0.00301, { onReached: 'ask' })] });
    const questions: string[] = [];
    const ask = (said: boolean | undefined) =>
      gateway.complete(chat('hi', { cache: 'off' }), {
        signal: new AbortController().signal,
        ...(said !== undefined && {
          onBudgetReached: async ({ text }: { text: string }) => {
            questions.push(text);
            return said;
          },
        }),
      });
    await ask(undefined);
    await failure(ask(undefined));
    await failure(ask(false));
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain('budget "daily"');
    await ask(true);
    expect(provider.calls).toHaveLength(2);
    const after = await use();
    expect(after?.settled).toBe(6_000_000);
    // It took 2,990,000 more than the limit, and nothing of what was allowed is left for others.
    expect(after?.extended).toBe(2_990_000);
  });

  test('takes no more than the person was told, whatever else it tries', async () => {
    // Each answer costs 0.0035 $ at most, and is never the JSON asked for: its repair would be another one.
    const provider = createScriptedProvider('one', () => answer('no json', spent(500, 1_500)));
    const { gateway, use } = await open({ provider, budgets: [budget(0.000001, { onReached: 'ask' })] });
    const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
    const told: number[] = [];
    const onBudgetReached = async ({ costMax }: { costMax: number }) => told.push(costMax) > 0;
    const request = chat('hi', { cache: 'off' }, {
      maxOutputTokens: 1_500,
      responseFormat: { type: 'json-schema', schema, name: 'x' },
    } as never);
    await failure(gateway.complete(request, { signal: new AbortController().signal, onBudgetReached }));
    expect(told).toHaveLength(1);
    expect(provider.calls.length).toBe(1);
    const after = await use();
    expect(after?.settled).toBe(3_500_000);
    expect(after?.extended).toBe(3_500_000 - 1_000);
  });

  test('names what is cheaper', async () => {
    const dear = { fromInputTokens: 0, inputPerMTok: 10_000_000_000 as never, outputPerMTok: 20_000_000_000 as never };
    const { ask } = await open({
      models: [model('one/big', { price: { tiers: [dear], version: 'test' } }), model('one/small')],
      table: {
        tiers: {
          trivial: ['one/small'],
          simple: ['one/small'],
          medium: ['one/big'],
          complex: ['one/big'],
          expert: ['one/big'],
        },
      },
      budgets: [budget(0.005)],
    });
    const error = await failure(ask('a', { cache: 'off', tier: 'complex' }));
    expect(error.hint).toContain('one/small is cheaper');
  });
});

describe('a preview', () => {
  test('says whom budgets refuse, and shows the cost as they cut it', async () => {
    const { ask, gateway } = await open({
      models: [model('one/m'), model('one/n')],
      budgets: [budget(0.00301, { scope: { by: 'model', value: 'one/m' } }), budget(0.006, { name: 'all' })],
    });
    const before = await gateway.preview(chat('one', { cache: 'off' }));
    expect(before.plan.candidates[0]?.costMax).toBe(3_010_000);
    await ask('one', { cache: 'off' });
    const { plan } = await gateway.preview(chat('two', { cache: 'off' }));
    expect(plan.candidates.map(({ model: { ref } }) => ref)).toEqual(['one/n']);
    expect(plan.candidates[0]?.costMax).toBe(3_000_000);
    expect(plan.rejected[0]).toMatchObject({ model: 'one/m', code: 'budget_exceeded' });
    expect((await ask('two', { cache: 'off' })).model).toBe('one/n');
  });
});

describe('rate limits', () => {
  test('of requests: 429 with when to come back', async () => {
    const { clock, moveTo } = movableClock();
    const limit = {
      name: 'calm',
      scope: { by: 'tenant' },
      window: { type: 'calendar', unit: 'minute', timeZone: 'UTC' },
      requests: 2,
    } as const;
    const { ask } = await open({ rateLimits: [limit], clock });
    await ask('a', { cache: 'off' });
    await ask('b', { cache: 'off' });
    const error = await failure(ask('c', { cache: 'off' }));
    expect(error).toMatchObject({ code: 'rate_limited', httpStatus: 429, retryAfterMs: 60_000 });
    expect(error.message).toContain('rate limit "calm" of requests of local has 2 of 2 used');
    moveTo(NOON_MS + 60_000);
    await ask('d', { cache: 'off' });
  });

  test('of a rolling window give back what has grown old, and say when', async () => {
    const { clock, moveTo } = movableClock();
    const limit = {
      name: 'roll',
      scope: { by: 'global' },
      window: { type: 'rolling', lengthMs: 60_000 },
      requests: 2,
    } as const;
    const { ask } = await open({ rateLimits: [limit], clock });
    await ask('a', { cache: 'off' });
    moveTo(NOON_MS + 30_000);
    await ask('b', { cache: 'off' });
    const error = await failure(ask('c', { cache: 'off' }));
    const waitMs = error.retryAfterMs ?? 0;
    expect(waitMs).toBeGreaterThanOrEqual(30_000);
    expect(waitMs).toBeLessThanOrEqual(31_000);
    moveTo(NOON_MS + 30_000 + waitMs);
    await ask('d', { cache: 'off' });
    await failure(ask('e', { cache: 'off' }));
  });
});
