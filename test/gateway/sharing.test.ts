import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../src/core/money.ts';
import { chat, failure, model } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../support/scripted-provider.ts';
import { until } from '../support/until.ts';
import { gate, gatewayOf, single } from './gateway-pair.ts';

describe('identical requests at the same time', () => {
  it('share one upstream call, booked once', async () => {
    const wait = gate();
    const { ask, books, provider } = await single(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('shared').slice(1),
    ]);
    const pending = Promise.all([ask('same'), ask('same'), ask('same')]);
    await until(() => provider.calls.length > 0);
    wait.release();
    const answers = await pending;
    expect(provider.calls).toHaveLength(1);
    expect(answers.map(({ costNanoUsd }) => costNanoUsd).sort()).toEqual([0, 0, 20_000]);
    const requests = await books();
    const leader = requests.find(({ cache }) => cache === 'miss');
    expect(requests.map(({ cache }) => cache).sort()).toEqual(['coalesced', 'coalesced', 'miss']);
    expect(requests.filter(({ coalescedInto }) => coalescedInto === leader?.id)).toHaveLength(2);
    expect(requests.flatMap(({ attempts }) => attempts)).toHaveLength(1);
  });

  it('are as many calls where the cache is turned off: who takes samples wants each', async () => {
    const { ask, books, provider } = await single((call) => answer(`answer ${call}`), { cacheEnabled: false });
    const answers = await Promise.all([ask('same'), ask('same'), ask('same')]);
    expect(provider.calls).toHaveLength(3);
    expect(answers.map(({ cache }) => cache)).toEqual(['off', 'off', 'off']);
    expect(answers.map(({ costNanoUsd }) => costNanoUsd)).toEqual([20_000, 20_000, 20_000]);
    expect((await books()).map(({ cache }) => cache)).toEqual(['off', 'off', 'off']);
  });

  it('go on for the others when the one that started leaves', async () => {
    const wait = gate();
    const { gateway, ask, books, provider } = await single(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('shared').slice(1),
    ]);
    const leader = new AbortController();
    const left = failure(gateway.complete(chat('same'), { signal: leader.signal }));
    const stays = ask('same');
    await until(() => provider.calls.length > 0);
    leader.abort();
    expect((await left).code).toBe('cancelled');
    wait.release();
    expect((await stays).completion.content).toEqual([{ type: 'text', text: 'shared' }]);
    expect(provider.aborted()).toBe(0);
    expect((await books()).map(({ status, cache }) => `${cache} ${status}`).sort()).toEqual([
      'coalesced success',
      'miss cancelled',
    ]);
  });

  it('end the upstream call when the last of them leaves', async () => {
    const { gateway, books, provider } = await single(() => [{ type: 'sent' }, { type: 'hang' }]);
    const callers = [new AbortController(), new AbortController()];
    const left = callers.map(({ signal }) => failure(gateway.complete(chat('same'), { signal })));
    await until(() => provider.calls.length > 0);
    callers[0]?.abort();
    await left[0];
    expect(provider.aborted()).toBe(0);
    callers[1]?.abort();
    await left[1];
    expect((await books()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(provider.aborted()).toBe(1);
  });

  it('start a new call while the old one is being given up', async () => {
    const { ask, gateway, provider } = await single((call) =>
      call === 1 ? [{ type: 'sent' }, { type: 'hang' }] : answer('fresh'),
    );
    const caller = new AbortController();
    const left = failure(gateway.complete(chat('same'), { signal: caller.signal }));
    await until(() => provider.calls.length === 1);
    caller.abort();
    expect((await ask('same')).completion.content).toEqual([{ type: 'text', text: 'fresh' }]);
    expect((await left).code).toBe('cancelled');
    expect(provider.calls).toHaveLength(2);
  });

  it('all hear the progress, latecomers included', async () => {
    const wait = gate();
    const { gateway, provider } = await single(() => [
      { type: 'sent' },
      { type: 'text-delta', text: 'twelve chars' },
      { type: 'gate', gate: wait.promise },
      ...answer('').slice(3),
    ]);
    const heard: string[][] = [[], []];
    const options = (index: number) => ({
      signal: new AbortController().signal,
      onProgress: ({ phase, outputTokens }: { phase: string; outputTokens: number }) =>
        heard[index]?.push(`${phase} ${outputTokens}`),
    });
    const first = gateway.complete(chat('same'), options(0));
    await until(() => provider.calls.length > 0 && (heard[0]?.length ?? 0) > 1);
    const second = gateway.complete(chat('same'), options(1));
    await until(() => (heard[1]?.length ?? 0) > 0);
    wait.release();
    await Promise.all([first, second]);
    expect(heard).toEqual([['waiting 0', 'receiving 3'], ['receiving 3']]);
  });

  it('do not share with one that may go on to other models', async () => {
    const wait = gate();
    const first = createScriptedProvider('first', () => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...refusal('provider_error', 'boom', { retrySame: 'no' }).slice(1),
    ]);
    const second = createScriptedProvider('second', () => answer('from second'));
    const { ask } = await gatewayOf({ providers: [first, second], models: [model('first/a'), model('second/b')] });
    const free = ask('same');
    const forced = failure(ask('same', { model: 'first/a' }));
    await until(() => first.calls.length === 2);
    wait.release();
    expect((await free).model).toBe('second/b');
    expect(await forced).toMatchObject({ code: 'provider_error', model: 'first/a' });
  });

  it('do not share when a deadline, the cost limit, the cache mode or the tenant differs', async () => {
    const wait = gate();
    const { ask, provider } = await single(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('x').slice(1),
    ]);
    const all = [
      ask('same'),
      ask('same', { deadlineMs: 15_000 }),
      // High enough to leave the answer's length alone.
      ask('same', { costMax: nanoUsd(1_000_000_000) }),
      ask('same', { cache: 'refresh' }),
      ask('same', { cache: 'off' }),
      ask('same', {}, { caller: { tenant: 'other', client: 'test' } }),
    ];
    await until(() => provider.calls.length === 6);
    wait.release();
    await Promise.all(all);
    expect(provider.calls).toHaveLength(6);
  });
});
