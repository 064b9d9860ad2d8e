import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { nanoUsd } from '../../src/core/money.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { chat, failure, type HarnessOptions, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider, type Step, USAGE } from '../support/scripted-provider.ts';
import { inspect } from '../support/store.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function single(script: (call: number) => readonly Step[], more: Partial<HarnessOptions> = {}) {
  const provider = createScriptedProvider('only', (_request, call) => script(call));
  open = await openGateway({ providers: [provider], models: [model('only/m')], ...more });
  return { ...open, provider };
}

const TRUNCATED: Step = { type: 'error', error: new GatewayError('stream_truncated', 'cut') };

describe('a cut answer', () => {
  it('is never a success, never cached, and booked with what it burnt', async () => {
    const { ask, books, provider } = await single(() => [
      { type: 'sent' },
      { type: 'text-delta', text: 'half an ans' },
      TRUNCATED,
    ]);
    expect((await failure(ask('hello there'))).code).toBe('all_failed');
    const [request] = await books();
    expect(request?.status).toBe('failed');
    const [attempt] = request?.attempts ?? [];
    const usage = { inputTokens: 9, outputTokens: 3, source: 'estimated' };
    expect(attempt).toMatchObject({ status: 'truncated', error: 'stream_truncated', usage, costNanoUsd: 15_000 });
    await failure(ask('hello there'));
    expect(provider.calls).toHaveLength(2);
  });

  it('keeps the usage the provider had reported', async () => {
    const usage = { ...NO_USAGE, inputTokens: 1_234, outputTokens: 1, source: 'reported' as const };
    const { ask, books } = await single(() => [
      { type: 'sent' },
      { type: 'usage', usage },
      { type: 'text-delta', text: 'a longer piece of an answer that costs more than one token' },
      TRUNCATED,
    ]);
    await failure(ask('hello'));
    const attempt = (await books())[0]?.attempts[0];
    expect(attempt?.usage).toMatchObject({ inputTokens: 1_234, source: 'partial' });
    expect(attempt?.usage?.outputTokens).toBeGreaterThan(5);
  });

  it('is replaced by the next candidate, and both are booked', async () => {
    const cut = createScriptedProvider('cut', () => [
      { type: 'sent' },
      { type: 'text-delta', text: 'half' },
      TRUNCATED,
    ]);
    const whole = createScriptedProvider('whole', () => answer('all of it'));
    open = await openGateway({ providers: [cut, whole], models: [model('cut/m'), model('whole/m')] });
    const result = await open.ask('hello');
    expect(result.completion.content).toEqual([{ type: 'text', text: 'all of it' }]);
    const attempts = (await open.books())[0]?.attempts ?? [];
    expect(attempts.map(({ status }) => status)).toEqual(['truncated', 'settled']);
    expect(result.costNanoUsd).toBe(attempts.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0));
  });
});

describe('usage', () => {
  it('is estimated and marked when the provider reports none', async () => {
    const { ask } = await single(() => answer('an answer of some words', NO_USAGE));
    const { completion, costNanoUsd } = await ask('a question');
    expect(completion.usage).toMatchObject({ inputTokens: 9, outputTokens: 5, source: 'estimated' });
    expect(costNanoUsd).toBe(19_000);
  });

  it('of zero beside an answer is no count: estimated, marked and paid for', async () => {
    const { ask, books } = await single(() => answer('an answer of some words', { ...NO_USAGE, source: 'reported' }));
    const { completion, costNanoUsd } = await ask('a question');
    expect(completion.usage).toMatchObject({ inputTokens: 9, outputTokens: 5, source: 'estimated' });
    expect([costNanoUsd, (await books())[0]?.costNanoUsd]).toEqual([19_000, 19_000]);
  });

  it('of a model without a price costs an unknown amount, not nothing', async () => {
    const { price: _price, ...unpriced } = model('only/m');
    const { ask, books } = await single(() => answer('ok'), { models: [unpriced] });
    expect((await ask('hello')).costNanoUsd).toBeUndefined();
    expect((await books())[0]?.costNanoUsd).toBeNull();
  });
});

describe('silence', () => {
  it('before the first content is timed, pings notwithstanding', async () => {
    const { ask, books, provider } = await single(() => [{ type: 'sent' }, { type: 'ping' }, { type: 'hang' }], {
      limits: { firstTokenMs: 40, firstTokenSlowMs: 40 },
    });
    const error = await failure(ask('hello'));
    expect(error.attempts[0]).toMatchObject({ error: 'provider_timeout', status: 'unknown' });
    expect(provider.aborted()).toBe(1);
    // The prompt may be billed.
    expect((await books())[0]?.attempts[0]?.costNanoUsd).toBe(8_000);
  });

  it.each([
    ['longer from a model of this machine, which may have to load first', 30, 5_000],
    ['from a model of this machine never shorter than from others', 5_000, 30],
  ])('is borne %s', async (_what, firstTokenMs, firstTokenSlowMs) => {
    const loaded = new Promise<void>((resolve) => setTimeout(resolve, 120));
    const { ask } = await single(
      () => [{ type: 'sent' }, { type: 'gate', gate: loaded }, ...answer('ready').slice(1)],
      {
        models: [model('only/m', { tags: ['local'] })],
        limits: { firstTokenMs, firstTokenSlowMs },
      },
    );
    expect((await ask('hello')).completion.content).toEqual([{ type: 'text', text: 'ready' }]);
  });

  it.each([
    { firstTokenMs: 20, firstTokenSlowMs: 40, setting: 'firstTokenSlowMs' },
    { firstTokenMs: 40, firstTokenSlowMs: 20, setting: 'firstTokenMs' },
  ])('of a model of this machine names the setting that limits it: $setting', async ({ setting, ...limits }) => {
    const { ask } = await single(() => [{ type: 'sent' }, { type: 'hang' }], {
      models: [model('only/m', { tags: ['local'] })],
      limits,
    });
    expect(await failure(ask('hello', { model: 'only/m' }))).toMatchObject({ hint: `The limit is limits.${setting}.` });
  });

  it('after content is timed by the idle limit', async () => {
    const { ask } = await single(() => [{ type: 'sent' }, { type: 'text-delta', text: 'one' }, { type: 'hang' }], {
      limits: { idleMs: 40 },
    });
    expect((await failure(ask('hello'))).attempts[0]).toMatchObject({ error: 'provider_timeout', status: 'truncated' });
  });

  it('is not taken for a dead process before the call is over: its attempt expires a minute after that', async () => {
    const { ask, dataDir } = await single(() => answer('ok'), { limits: { totalMs: 500_000 } });
    await ask('hello');
    const [row] = inspect<{ lifeMs: number }>(
      join(dataDir, 'ledger.db'),
      'SELECT expires_at_ms - started_at_ms AS lifeMs FROM attempts',
    );
    expect(row?.lifeMs).toBeGreaterThan(550_000);
    expect(row?.lifeMs).toBeLessThanOrEqual(560_000);
  });

  it("never outlasts the caller's deadline, and nobody is blamed for it", async () => {
    const { ask, store } = await single(() => [{ type: 'sent' }, { type: 'hang' }]);
    expect((await failure(ask('hello', { deadlineMs: 40 }))).code).toBe('deadline_exceeded');
    expect(store.health.snapshot()).toEqual([]);
  });
});

describe("the caller's cancel", () => {
  it('reaches the provider at once and books what was burnt', async () => {
    const { gateway, provider, books, store } = await single(() => [
      { type: 'sent' },
      { type: 'text-delta', text: 'some words already' },
      { type: 'hang' },
    ]);
    const caller = new AbortController();
    const pending = failure(gateway.complete(chat('hello'), { signal: caller.signal }));
    while (provider.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 10));
    caller.abort();
    expect((await pending).code).toBe('cancelled');
    const [request] = await books();
    expect(provider.aborted()).toBe(1);
    expect(request).toMatchObject({ status: 'cancelled', error: 'cancelled' });
    expect(request?.attempts[0]).toMatchObject({ status: 'cancelled', usage: { source: 'estimated' } });
    expect(request?.costNanoUsd).toBe(14_000);
    expect(store.health.snapshot()).toEqual([]);
  });

  it('before anything was sent leaves no attempt', async () => {
    const { gateway, books } = await single(() => answer('never'));
    const caller = new AbortController();
    caller.abort();
    expect((await failure(gateway.complete(chat('hello'), { signal: caller.signal }))).code).toBe('cancelled');
    expect((await books())[0]).toMatchObject({ status: 'cancelled', attempts: [] });
  });
});

describe('a cost limit', () => {
  it('cuts the answer short rather than refuse it, when the caller named no length', async () => {
    const { ask, gateway, provider } = await single(() => answer('ok'));
    // 2 $ a million tokens out: 3,000,000 nano-dollars leave fewer than 1,500 of the model's 4,000.
    const costMax = nanoUsd(3_000_000);
    const [candidate] = (await gateway.preview(chat('hello', { costMax }))).plan.candidates;
    expect(candidate?.costMax).toBeLessThanOrEqual(costMax);
    await ask('hello', { costMax });
    const sent = provider.calls[0]?.request.maxOutputTokens ?? 0;
    expect(sent).toBe(candidate?.outputTokensCap);
    expect(sent).toBeGreaterThan(1_400);
    expect(sent).toBeLessThan(1_500);
  });

  it('that leaves no room for a usual answer refuses, and so does one with a length that is too dear', async () => {
    const { ask, provider } = await single(() => answer('ok'));
    expect((await failure(ask('hello', { costMax: nanoUsd(50_000) }))).code).toBe('budget_exceeded');
    const long = ask('hello', { costMax: nanoUsd(3_000_000) }, { maxOutputTokens: 4_000 });
    expect((await failure(long)).code).toBe('budget_exceeded');
    expect(provider.calls).toHaveLength(0);
  });

  it('leaves an unfit answer unrepaired when the repair could exceed it', async () => {
    const usage = { ...USAGE, outputTokens: 1_000 };
    const { ask, provider } = await single(() => answer('not JSON', usage));
    const responseFormat = { type: 'json-schema', name: 'x', schema: { type: 'object' } } as const;
    await failure(ask('hello', { costMax: nanoUsd(3_000_000) }, { responseFormat }));
    expect(provider.calls).toHaveLength(1);
  });

  it('counts what earlier attempts of the request have spent', async () => {
    const usage = { ...USAGE, inputTokens: 4_000 };
    const cut = createScriptedProvider('cut', () => [
      { type: 'sent' },
      { type: 'usage', usage },
      { type: 'text-delta', text: 'x' },
      TRUNCATED,
    ]);
    const next = createScriptedProvider('next', () => answer('ok'));
    open = await openGateway({ providers: [cut, next], models: [model('cut/m'), model('next/m')] });
    // 500 tokens out cost 1,000,000 nano-dollars at the most; the cut answer alone burns four times as much.
    const error = await failure(open.ask('hello', { costMax: nanoUsd(3_000_000) }, { maxOutputTokens: 500 }));
    expect(error.code).toBe('all_failed');
    expect(next.calls).toHaveLength(0);
  });
});

describe('books that cannot be written', () => {
  it('let nothing be sent', async () => {
    const { ask, store, provider } = await single(() => answer('never'));
    await store.close();
    expect((await failure(ask('hello'))).code).toBe('storage_unavailable');
    expect(provider.calls).toHaveLength(0);
  });

  it('do not withhold an answer that is already paid for', async () => {
    let closed: Promise<void> | undefined;
    const { ask, store, provider } = await single(() => {
      closed = store.close();
      return answer('worth its price');
    });
    const { completion } = await ask('hello');
    expect(completion.content).toEqual([{ type: 'text', text: 'worth its price' }]);
    expect(provider.calls).toHaveLength(1);
    await closed;
  });
});
