import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chat, failure, model, partsOf } from '../../support/gateway.ts';
import { answer, createScriptedProvider, refusal, type Step } from '../../support/scripted-provider.ts';
import { eventually } from '../../support/until.ts';
import { budget, movableClock, open, spent } from './budget-harness.ts';

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

  test('reserves no more than a usual answer where nobody named a limit, so that others have room', async () => {
    const gate = Promise.withResolvers<void>();
    const provider = createScriptedProvider('one', () => [
      { type: 'sent' },
      { type: 'gate', gate: gate.promise },
      ...answer('x', spent(10, 10)).slice(1),
    ]);
    const long = model('one/m', { contextTokens: 200_000, outputTokensMax: 64_000 });
    const { ask, use } = await open({ models: [long], provider, budgets: [budget(0.05)] });
    onTestFinished(() => gate.resolve());
    const asked = Promise.all(['one', 'two'].map((prompt) => ask(prompt, { cache: 'off' })));
    await Promise.race([asked, expect.poll(() => provider.calls.length).toBe(2)]);
    // 8,192 tokens at 2 $ a million, twice, and the input.
    expect((await use())?.reserved).toBeGreaterThan(2 * 16_384_000);
    expect((await use())?.reserved).toBeLessThan(2 * 16_500_000);
    gate.resolve();
    await asked;
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
    expect(request?.costNanoUsd).toBe(18_000);
    expect(await use()).toMatchObject({ settled: 18_000, reserved: 0 });
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
      await eventually(() => expect(harness.provider.aborted() < harness.provider.calls.length).toBe(true));
      setTimeout(() => controller.abort(), 20);
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
    const held = (await leave(thinking, 'streamed'))?.unknown;
    // Two tokens for each millisecond that it took, at 2 $ a million.
    const [request] = await thinking.books();
    const latencyMs = request?.attempts[0]?.latencyMs ?? 0;
    expect(latencyMs).toBeGreaterThan(0);
    expect(held).toBe(latencyMs * 2 * 2_000);
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

test('a hard budget for each request cuts every answer to it, and keeps nothing from the next request', async () => {
  const longest = createScriptedProvider('one', ({ maxOutputTokens = 4_000 }) =>
    answer('long', spent(5, maxOutputTokens)),
  );
  const budgets = [budget(0.005, { window: { type: 'request' } })];
  const { ask } = await open({ provider: longest, budgets });
  for (const prompt of ['one', 'two']) {
    const { costNanoUsd } = await ask(prompt, { cache: 'off' });
    expect(costNanoUsd).toBeLessThanOrEqual(5_000_000);
    expect(costNanoUsd).toBeGreaterThan(4_900_000);
  }
});

test('what was reserved after its caller had left is given back', async () => {
  const { ask, gateway, use, provider, dataDir } = await open({ budgets: [budget(1)] });
  const other = new Database(join(dataDir, 'ledger.db'));
  other.exec('BEGIN IMMEDIATE');
  const controller = new AbortController();
  const left = failure(gateway.complete(chat('hello', { cache: 'off' }), { signal: controller.signal }));
  // The request goes into a journal once the lock was held for long; its attempt waits for the lock.
  await expect.poll(() => readdirSync(dataDir).filter((name) => name.startsWith('spill-'))).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort();
  expect((await left).code).toBe('cancelled');
  other.exec('COMMIT');
  other.close();
  await ask('afterwards', { cache: 'off' });
  expect(provider.calls).toHaveLength(1);
  await expect.poll(() => use()).toMatchObject({ settled: 3_000_000, reserved: 0 });
});

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

  test('are refused by no budget of somebody else', async () => {
    const scope = { by: 'tenant', value: 'somebody else' } as const;
    const { ask } = await open({ models: [unpriced], budgets: [budget(1, { scope })] });
    expect((await ask('hi', { cache: 'off' })).model).toBe('one/m');
  });

  test('are counted apart by a soft budget too, which keeps nobody out for their price', async () => {
    const { ask, use } = await open({ models: [unpriced], budgets: [budget(1, { mode: 'soft' })] });
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

describe('a soft budget', () => {
  test('lets what is under way pass it, then refuses', async () => {
    const { ask, provider, use } = await open({ budgets: [budget(0.00301, { mode: 'soft' })] });
    await Promise.all([1, 2, 3].map((n) => ask(`q${n}`, { cache: 'off' })));
    expect(provider.calls).toHaveLength(3);
    expect((await use())?.settled).toBe(9_000_000);
    expect(await failure(ask('late', { cache: 'off' }))).toMatchObject({ code: 'budget_exceeded' });
  });
});
