import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Provider } from '../../src/core/provider.ts';
import { chat, failure, model } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal, type ScriptedProvider, USAGE } from '../support/scripted-provider.ts';
import { until } from '../support/until.ts';
import { gate, gatewayOf, pair } from './gateway-pair.ts';
import { budget, open } from './money/budget-harness.ts';

describe('the observer hears once of', () => {
  it('an answer, with its decision, attempts, tokens and cost, and none of its content', async () => {
    const { ask, events } = await pair((call) =>
      call === 1 ? refusal('provider_error', 'boom') : answer('secret answer'),
    );
    const given = await ask('secret question');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      id: given.requestId,
      kind: 'chat',
      tenant: 'local',
      client: 'test',
      status: 'success',
      cache: 'miss',
      streamed: false,
      plan: {
        candidates: [{ model: { ref: 'first/a' } }, { model: { ref: 'second/b' } }],
        strategy: 'complexity',
        tier: given.plan.tier,
        reason: given.plan.reason,
        configHash: 'test',
      },
      model: 'first/a',
      attempts: [
        { model: 'first/a', status: 'failed_unbilled', error: 'provider_error', startedAtMs: expect.any(Number) },
        { model: 'first/a', status: 'settled', usage: USAGE, firstTokenMs: expect.any(Number) },
      ],
      usage: USAGE,
      costNanoUsd: given.costNanoUsd,
    });
    expect(events[0]?.fallbackReason).toBeUndefined();
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('an answer of another candidate, and why', async () => {
    const { ask, events } = await pair(() =>
      refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
    );
    await ask('one');
    expect(events[0]).toMatchObject({ model: 'second/b', fallbackReason: 'rate_limited' });
  });

  it('a failure, a cancel and a hit', async () => {
    const { ask, gateway, events } = await pair((call) =>
      call === 1 ? answer('ok') : refusal('content_filtered', 'no', { status: 400 }),
    );
    await ask('hello');
    await ask('hello');
    await failure(ask('other'));
    await failure(gateway.complete(chat('third'), { signal: AbortSignal.abort() }));
    expect(events.map(({ status, cache, error }) => [status, cache, error])).toEqual([
      ['success', 'miss', undefined],
      ['success', 'hit', undefined],
      ['failed', 'miss', 'content_filtered'],
      ['cancelled', 'miss', 'cancelled'],
    ]);
    expect(events[1]).toMatchObject({ attempts: [], costNanoUsd: 0 });
  });

  it('each of two requests that share a call', async () => {
    const { ask, events } = await pair(() => answer('ok'));
    await Promise.all([ask('hello'), ask('hello')]);
    expect(events.map(({ cache, attempts }) => [cache, attempts.length])).toEqual([
      ['miss', 1],
      ['coalesced', 0],
    ]);
  });

  it('two that share a call which fails: its attempts count for the one that began it', async () => {
    const { ask, events } = await pair(() => refusal('content_filtered', 'no', { status: 400 }));
    const failures = await Promise.all([failure(ask('hello')), failure(ask('hello'))]);
    expect(failures.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expect(events.map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['failed', 1],
      ['failed', 0],
    ]);
  });

  it('a call whose caller left while it ran, with what was sent and may be billed', async () => {
    const { gateway, events, first } = await pair(() => [{ type: 'sent' }, { type: 'hang' }]);
    const caller = new AbortController();
    const left = failure(gateway.complete(chat('hello'), { signal: caller.signal }));
    await until(() => first.calls.length > 0);
    caller.abort();
    expect((await left).code).toBe('cancelled');
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ status: 'cancelled', attempts: [{ model: 'first/a', status: 'cancelled' }] }]);
    expect(events[0]?.costNanoUsd).toBe(8_000);
  });

  it('what was paid before its caller left, who waited for the books of the next attempt', async () => {
    const cut = refusal('provider_error', 'cut', { usage: USAGE });
    const { gateway, events, dataDir, provider } = await open({
      provider: createScriptedProvider('one', () => cut),
      budgets: [budget(1)],
    });
    const other = new Database(join(dataDir, 'ledger.db'));
    onTestFinished(() => void other.close());
    const caller = new AbortController();
    const left = gateway.complete(chat('hello'), {
      signal: caller.signal,
      onProgress({ phase }) {
        if (phase !== 'retrying') return;
        other.exec('BEGIN IMMEDIATE');
        setTimeout(() => caller.abort(), 100);
      },
    });
    expect((await failure(left)).code).toBe('cancelled');
    await until(() => events.length > 0);
    other.exec('ROLLBACK');
    const attempts = [{ status: 'settled', error: 'provider_error', usage: USAGE, costNanoUsd: 20_000 }];
    expect(events).toMatchObject([{ status: 'cancelled', attempts, usage: USAGE, costNanoUsd: 20_000 }]);
    expect(provider.calls).toHaveLength(1);
  });

  it('one that left a call which went on for another', async () => {
    const wait = gate();
    const { ask, gateway, events, first } = await pair(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('ok').slice(1),
    ]);
    const caller = new AbortController();
    const left = failure(gateway.complete(chat('hello'), { signal: caller.signal }));
    const stays = ask('hello');
    await until(() => first.calls.length > 0);
    caller.abort();
    await left;
    wait.release();
    await stays;
    await until(() => events.length > 1);
    expect(events.map(({ status, attempts }) => [status, attempts.length]).sort()).toEqual([
      ['cancelled', 1],
      ['success', 0],
    ]);
  });

  it('an embedding', async () => {
    const embed: NonNullable<Provider['embed']> = async (_input, { onSent }) => {
      onSent?.();
      return { embeddings: [[1]], usage: USAGE, model: 'e' };
    };
    const provider: ScriptedProvider = { ...createScriptedProvider('only', () => []), embed };
    const { gateway, events } = await gatewayOf({
      providers: [provider],
      models: [model('only/e', { capabilities: ['embedding'] })],
    });
    const request = { input: ['text'], caller: { tenant: 'local', client: 'test' } };
    await gateway.embed(request, { signal: new AbortController().signal });
    expect(events).toMatchObject([
      { kind: 'embed', status: 'success', model: 'only/e', plan: { candidates: [{ model: { ref: 'only/e' } }] } },
    ]);
  });

  it('nothing that was refused before it was a request', async () => {
    const { ask, events } = await pair(() => answer('ok'));
    await failure(ask('hello', { model: 'nobody/x' }));
    expect(events).toEqual([]);
  });
});
