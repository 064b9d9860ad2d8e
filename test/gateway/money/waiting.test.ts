import { describe, expect, it } from 'vitest';
import type { RateLimit } from '../../../src/core/quota.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { chat, failure, model, partsOf } from '../../support/gateway.ts';
import { answer, createScriptedProvider, USAGE } from '../../support/scripted-provider.ts';
import { until } from '../../support/until.ts';
import { budget } from './budget-harness.ts';
import { held, ONE_PLACE, open } from './waiting-gateway.ts';

describe('a target that has no place', () => {
  it('is left for the next candidate at once', async () => {
    const [first, second] = [held('first'), createScriptedProvider('second', () => answer('from second'))];
    const { ask, books } = await open({ providers: [first.provider, second], slots: ONE_PLACE });
    const one = ask('one');
    await until(() => first.calls() === 1);
    expect((await ask('two')).model).toBe('second/m');
    first.letGo();
    expect((await one).model).toBe('first/m');
    // Who was turned away is no attempt.
    expect((await books()).map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  });

  it('is waited for where nobody else could answer, and its place handed on when one ends', async () => {
    const target = held();
    const { ask, waiting } = await open({ providers: [target.provider], slots: ONE_PLACE });
    const all = ['a', 'b', 'c', 'd'].map((prompt) => ask(prompt));
    await until(() => waiting.line.length === 3);
    await target.letAllGo(Promise.all(all));
    expect(target.calls()).toBe(4);
    expect(target.inFlightMax()).toBe(1);
  });

  it('that every candidate is short of is waited for at whichever is free first', async () => {
    const [first, second] = [held('first'), held('second')];
    const { ask, waiting } = await open({ providers: [first.provider, second.provider], slots: ONE_PLACE });
    const [one, two, three] = [ask('one'), ask('two'), ask('three')];
    await until(() => waiting.line.length === 1 && first.calls() === 1 && second.calls() === 1);
    first.letGo();
    await one;
    await until(() => first.calls() === 2);
    first.letGo();
    const answered = await three;
    expect(answered.model).toBe('first/m');
    second.letGo();
    await two;
  });

  it('refuses at once when nobody may wait: 429, when to come back, and nothing in the books but the request', async () => {
    const target = held();
    const limits = { queue: { max: 0, waitMs: 10_000 } };
    const { ask, books } = await open({ providers: [target.provider], slots: ONE_PLACE, limits });
    const one = ask('one');
    await until(() => target.calls() === 1);
    const error = await failure(ask('two'));
    expect(error).toMatchObject({ code: 'rate_limited', httpStatus: 429, retryable: true });
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(error.message).toContain('one/m: it is asked as much at once as it takes now');
    target.letGo();
    await one;
    expect((await books()).map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['failed', 0],
      ['success', 1],
    ]);
  });

  it('is waited for no longer than limits.queue.waitMs and the deadline of the call', async () => {
    const target = held();
    const limits = { queue: { max: 10, waitMs: 150 } };
    const { ask, gateway } = await open({ providers: [target.provider], slots: ONE_PLACE, limits });
    const one = ask('one');
    await until(() => target.calls() === 1);
    const signal = new AbortController().signal;
    const hurried = gateway.complete(chat('three', { cache: 'off', deadlineMs: 60 }), { signal });
    expect((await failure(hurried)).code).toBe('rate_limited');
    expect((await failure(ask('two'))).code).toBe('rate_limited');
    target.letGo();
    await one;
  });

  it('is no longer waited for by who left, and the next one gets his turn', async () => {
    const target = held();
    const { ask, waiting, books } = await open({ providers: [target.provider], slots: ONE_PLACE });
    const one = ask('one');
    await until(() => target.calls() === 1);
    const controller = new AbortController();
    const leaving = failure(ask('two', 'local', controller.signal));
    await until(() => waiting.line.length === 1);
    const staying = ask('three');
    await until(() => waiting.line.length === 2);
    controller.abort();
    expect((await leaving).code).toBe('cancelled');
    await target.letAllGo(Promise.all([one, staying]));
    expect((await books()).map(({ status }) => status).sort()).toEqual(['cancelled', 'success', 'success']);
  });

  it('has its place back when a stream has ended, and not before', async () => {
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
    const provider = createScriptedProvider('one', (_request, call) =>
      call === 1 ? [...answer('begun').slice(0, 2), { type: 'gate', gate }, ...answer('done').slice(1)] : answer('two'),
    );
    const { stream, ask, waiting } = await open({ providers: [provider], slots: ONE_PLACE });
    const opened = await stream('one', { cache: 'off' });
    const two = ask('two');
    await until(() => waiting.line.length === 1);
    expect(provider.calls).toHaveLength(1);
    goOn();
    await partsOf(opened);
    expect((await two).model).toBe('one/m');
  });

  it('lets each tenant have its turn, however many another one sends', async () => {
    const target = held();
    const { ask, waiting } = await open({ providers: [target.provider], slots: ONE_PLACE });
    const order: string[] = [];
    const sent = (tenant: string, number: number) =>
      ask(`${tenant} ${number}`, tenant).then(() => order.push(`${tenant} ${number}`));
    const all = Array.from({ length: 20 }, (_, number) => sent('noisy', number));
    await until(() => waiting.line.length === 19);
    all.push(sent('quiet', 0), sent('quiet', 1));
    await until(() => waiting.line.length === 21);
    await target.letAllGo(Promise.all(all));
    expect(order.indexOf('quiet 0')).toBeLessThanOrEqual(2);
    expect(order.indexOf('quiet 1')).toBeLessThanOrEqual(4);
  });
});

it('an embedding waits for its model as well', async () => {
  const target = held();
  const embedding = model('one/e', { capabilities: ['embedding'] });
  let underWay = 0;
  const provider = {
    ...target.provider,
    embed: async () => {
      underWay += 1;
      expect(underWay).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
      return { embeddings: [[1]], usage: USAGE, model: 'e' };
    },
  };
  const { gateway } = await open({ providers: [provider], models: [embedding], slots: ONE_PLACE });
  const caller = { tenant: 'local', client: 'test' };
  const all = ['a', 'b', 'c'].map((text) =>
    gateway.embed({ input: [text], caller }, { signal: new AbortController().signal }),
  );
  expect(await Promise.all(all)).toHaveLength(3);
});

describe('a rate limit', () => {
  const limit = (more: Partial<RateLimit>): RateLimit => ({
    name: 'calm',
    scope: { by: 'provider' },
    window: { type: 'rolling', lengthMs: 60_000 },
    ...more,
  });

  it('of concurrency is kept, and waited for', async () => {
    const target = held();
    const { ask } = await open({ providers: [target.provider], rateLimits: [limit({ concurrency: 2 })] });
    const all = Array.from({ length: 7 }, (_, number) => ask(String(number)));
    await target.letAllGo(Promise.all(all));
    expect(target.inFlightMax()).toBe(2);
    expect(target.calls()).toBe(7);
  });

  it('of concurrency that becomes free is told to who waits, who need not look for it', async () => {
    const target = held();
    const clock = { ...SYSTEM_CLOCK, wakeAfter: () => () => {} };
    const { ask, waiting } = await open({
      providers: [target.provider],
      rateLimits: [limit({ concurrency: 1 })],
      clock,
    });
    const all = Array.from({ length: 3 }, (_, number) => ask(String(number)));
    await until(() => target.calls() === 1 && waiting.line.length === 2);
    await target.letAllGo(Promise.all(all));
    expect(target.inFlightMax()).toBe(1);
  });

  it('of concurrency is kept with another process, and its end is noticed', async () => {
    const target = held();
    const rateLimits = [limit({ concurrency: 1 })];
    const first = await open({ providers: [target.provider], rateLimits });
    const second = await open({ providers: [target.provider], rateLimits, dataDir: first.dataDir });
    const one = first.ask('one');
    await until(() => target.calls() === 1);
    const two = second.ask('two');
    await until(() => second.waiting.line.length === 1);
    target.letGo();
    await one;
    await target.letAllGo(two);
    expect(target.inFlightMax()).toBe(1);
  });

  it('of requests is waited for when the clock frees it in time, fairly', async () => {
    const provider = createScriptedProvider('one', () => answer('fine'));
    const window = { type: 'rolling', lengthMs: 600 } as const;
    const { ask } = await open({ providers: [provider], rateLimits: [limit({ requests: 3, window })] });
    const order: string[] = [];
    const all = ['noisy', 'noisy', 'noisy', 'noisy', 'noisy', 'noisy', 'quiet'].map((tenant, index) =>
      ask(`${tenant} ${index}`, tenant).then(() => order.push(tenant)),
    );
    await Promise.all(all);
    expect(order).toHaveLength(7);
    expect(order.indexOf('quiet')).toBeLessThan(6);
    expect(provider.calls).toHaveLength(7);
  });

  it('of requests is not waited for when it will not be free in time', async () => {
    const provider = createScriptedProvider('one', () => answer('fine'));
    const { ask, waiting } = await open({ providers: [provider], rateLimits: [limit({ requests: 1 })] });
    await ask('one');
    let waitedMax = 0;
    const watching = setInterval(() => {
      waitedMax = Math.max(waitedMax, waiting.line.length);
    }, 1);
    const error = await failure(ask('two'));
    clearInterval(watching);
    expect(error).toMatchObject({ code: 'rate_limited', httpStatus: 429 });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(waitedMax).toBe(0);
  });

  it('of one target is no reason to wait while another one can answer', async () => {
    const [first, second] = ['first', 'second'].map((id) => createScriptedProvider(id, () => answer(`from ${id}`)));
    if (!first || !second) throw new Error('two providers');
    const only = limit({ requests: 1, scope: { by: 'provider', value: 'first' } });
    const { ask } = await open({ providers: [first, second], rateLimits: [only] });
    expect((await ask('one')).model).toBe('first/m');
    expect((await ask('two')).model).toBe('second/m');
  });
});

it('whoever is asked about a budget at one target keeps its place in the line of another', async () => {
  const [first, second] = [held('first'), held('second')];
  const asks = budget(0.000001, { scope: { by: 'model', value: 'first/m' }, onReached: 'ask' });
  const providers = [first.provider, second.provider];
  const { gateway, waiting } = await open({ providers, slots: ONE_PLACE, budgets: [asks] });
  let isAsked = false;
  const order: string[] = [];
  const ask = async (prompt: string, target: string, isAllowed: boolean) => {
    const onBudgetReached = async () => {
      isAsked ||= !isAllowed;
      return isAllowed;
    };
    const signal = new AbortController().signal;
    await gateway.complete(chat(prompt, { cache: 'off', model: target }), { signal, onBudgetReached });
    order.push(prompt);
  };
  const one = ask('at the first', 'first/m', true);
  const two = ask('at the second', 'second/m', true);
  await until(() => first.calls() === 1 && second.calls() === 1);
  const both = ask('at both', 'auto', false);
  await until(() => waiting.line.length === 1);
  const behind = ask('behind', 'second/m', true);
  await until(() => waiting.line.length === 2);
  first.letGo();
  await one;
  await until(() => isAsked);
  await second.letAllGo(Promise.all([two, both, behind]));
  expect(order).toEqual(['at the first', 'at the second', 'at both', 'behind']);
});
