import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chat, failure, model } from '../../support/gateway.ts';
import { answer, createScriptedProvider } from '../../support/scripted-provider.ts';
import { change } from '../../support/store.ts';
import { eventually } from '../../support/until.ts';
import { budget, DAY, movableClock, NOON_MS, open, spent } from './budget-harness.ts';

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
    expect((await failure(ask(undefined))).code).toBe('budget_exceeded');
    expect((await failure(ask(false))).code).toBe('budget_exceeded');
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain('budget "daily"');
    await ask(true);
    expect(provider.calls).toHaveLength(2);
    const after = await use();
    expect(after?.settled).toBe(6_000_000);
    // It took 2,990,000 more than the limit, and nothing of what was allowed is left for others.
    expect(after?.extended).toBe(2_990_000);
  });

  test('leaves nobody what a person allowed and was not taken, also where the answer came after some time', async () => {
    const { clock, moveTo } = movableClock();
    const window = { type: 'rolling', lengthMs: 60_000 } as const;
    const { ask, gateway, store } = await open({ budgets: [budget(0.00301, { window, onReached: 'ask' })], clock });
    await ask('one', { cache: 'off' });
    const { signal } = new AbortController();
    const onBudgetReached = async () => {
      moveTo(NOON_MS + 10_000);
      return true;
    };
    await gateway.complete(chat('two', { cache: 'off' }), { signal, onBudgetReached });
    const whole = { quota: 'budget daily', key: '', bucketMs: NOON_MS, fromMs: 0, keptMs: 60_000 };
    const after = { settled: 6_000_000, reserved: 0, extended: 2_990_000 };
    await eventually(async () => expect(await store.ledger.quotaUse([whole])).toMatchObject([after]));
  });

  test('softly, and that a person allowed to one, stays closed to the others meanwhile', async () => {
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
    const answered = answer('fine', spent(1_000, 1_000));
    const provider = createScriptedProvider('one', (_request, call) =>
      call === 2 ? [{ type: 'sent' }, { type: 'gate', gate }, ...answered.slice(1)] : answered,
    );
    const { ask, gateway, use } = await open({
      provider,
      budgets: [budget(0.003, { mode: 'soft', onReached: 'ask' })],
    });
    await ask('one', { cache: 'off' });
    const { signal } = new AbortController();
    const allowed = gateway.complete(chat('two', { cache: 'off' }), { signal, onBudgetReached: async () => true });
    await eventually(() => expect(provider.calls).toHaveLength(2));
    const other = await ask('three', { cache: 'off' }).catch(({ code }) => code);
    letGo();
    await allowed;
    expect(other).toBe('budget_exceeded');
    expect(await use()).toMatchObject({ settled: 6_000_000, reserved: 0 });
  });

  test('and was allowed all the same gives its answer while the books are locked', async () => {
    const locking: { other?: Database.Database } = {};
    const provider = createScriptedProvider('one', () => {
      locking.other?.exec('BEGIN IMMEDIATE');
      return answer('fine', spent(1_000, 1_000));
    });
    const { ask, gateway, use, dataDir } = await open({ provider, budgets: [budget(0.00301, { onReached: 'ask' })] });
    await ask('hi', { cache: 'off' });
    const other = new Database(join(dataDir, 'ledger.db'));
    onTestFinished(() => void other.close());
    locking.other = other;
    const { signal } = new AbortController();
    const request = chat('hi', { cache: 'off' });
    const asked = gateway.complete(request, { signal, onBudgetReached: async () => true });
    let isAnswered = false;
    void asked.then(() => {
      isAnswered = true;
    });
    await eventually(() => expect(isAnswered).toBe(true));
    other.exec('ROLLBACK');
    const after = { settled: 6_000_000, reserved: 0, extended: 2_990_000 };
    await eventually(async () => expect(await use()).toMatchObject(after));
  });

  test('and was allowed all the same gives its answer also where the books do not take back the rest', async () => {
    const { ask, gateway, provider, dataDir } = await open({ budgets: [budget(0.00301, { onReached: 'ask' })] });
    await ask('hi', { cache: 'off' });
    change(
      join(dataDir, 'ledger.db'),
      `CREATE TRIGGER no_less BEFORE UPDATE OF extended ON quota_counters WHEN new.extended < old.extended
       BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
    const { signal } = new AbortController();
    await gateway.complete(chat('hi', { cache: 'off' }), { signal, onBudgetReached: async () => true });
    expect(provider.calls).toHaveLength(2);
  });

  test('asks once for a request, however many models it refuses', async () => {
    const models = [model('one/m'), model('one/n')];
    const { gateway, provider } = await open({ models, budgets: [budget(0, { onReached: 'ask' })] });
    let questions = 0;
    const onBudgetReached = async () => {
      questions += 1;
      return false;
    };
    const signal = new AbortController().signal;
    const error = await failure(gateway.complete(chat('hi', { cache: 'off' }), { signal, onBudgetReached }));
    expect(error).toMatchObject({ code: 'budget_exceeded' });
    expect([questions, provider.calls.length]).toEqual([1, 0]);
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

  test('asks nobody where a rate limit refuses as well: a yes would not help', async () => {
    const rateLimits = [{ name: 'few', scope: { by: 'tenant' }, window: DAY, requests: 1 }] as const;
    const { ask, gateway } = await open({ budgets: [budget(0.00301, { onReached: 'ask' })], rateLimits });
    await ask('hi', { cache: 'off' });
    let isAsked = false;
    const onBudgetReached = async () => {
      isAsked = true;
      return true;
    };
    const signal = new AbortController().signal;
    const error = await failure(gateway.complete(chat('hi', { cache: 'off' }), { signal, onBudgetReached }));
    expect(error.code).toBe('budget_exceeded');
    expect(isAsked).toBe(false);
  });

  test('of each request alone asks too, and a yes is enough for this one', async () => {
    const { gateway, provider } = await open({
      budgets: [budget(0.000001, { window: { type: 'request' }, onReached: 'ask' })],
    });
    const questions: string[] = [];
    const ask = (said: boolean) =>
      gateway.complete(chat('hi', { cache: 'off' }), {
        signal: new AbortController().signal,
        onBudgetReached: async ({ text }) => {
          questions.push(text);
          return said;
        },
      });
    expect((await ask(true)).model).toBe('one/m');
    const error = await failure(ask(false));
    expect(error.code).toBe('budget_exceeded');
    // Neither the clock nor the end of another request makes room for it.
    expect(error.retryAfterMs).toBeUndefined();
    expect([questions.length, provider.calls.length]).toEqual([2, 1]);
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
