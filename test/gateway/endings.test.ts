import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { ModelRef } from '../../src/core/model.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Provider } from '../../src/core/provider.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { chat, failure, type HarnessOptions, model, openGateway } from '../support/gateway.ts';
import {
  answer,
  createScriptedProvider,
  refusal,
  type ScriptedProvider,
  type Step,
} from '../support/scripted-provider.ts';
import { until } from '../support/until.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

type Scripts = Readonly<Record<string, (call: number) => readonly Step[]>>;

/** A gateway over providers of one model each, in this order. */
async function gatewayOf(scripts: Scripts, more: Partial<HarnessOptions> = {}) {
  const providers = Object.entries(scripts).map(([id, script]) =>
    createScriptedProvider(id, (_request, call) => script(call)),
  );
  open = await openGateway({ providers, models: providers.map(({ id }) => model(`${id}/m` as ModelRef)), ...more });
  return { ...open, providers };
}

/** The system's clock, whose monotonic time a test can push ahead. */
function pushedClock(): Clock & { push(spanMs: number): void } {
  let aheadMs = 0;
  return {
    ...SYSTEM_CLOCK,
    monotonicMs: () => SYSTEM_CLOCK.monotonicMs() + aheadMs,
    push(spanMs) {
      aheadMs += spanMs;
    },
  };
}

describe('the last attempt of a request', () => {
  it('is not followed by a wait for one more', async () => {
    const { gateway } = await gatewayOf({
      first: () => refusal('provider_error', 'boom'),
      second: () => refusal('provider_error', 'boom'),
    });
    const heard: string[] = [];
    const options = {
      signal: new AbortController().signal,
      onProgress: ({ phase, model: ref }: { phase: string; model: string }) => heard.push(`${phase} ${ref}`),
    };
    expect((await failure(gateway.complete(chat('hello'), options))).attempts).toHaveLength(3);
    expect(heard).toEqual(['waiting first/m', 'retrying first/m', 'waiting second/m']);
  });
});

describe('a request whose time is over between two attempts', () => {
  it.each([
    ['deadline', { deadlineMs: 500 }, 'deadline_exceeded'],
    ['total limit', {}, 'provider_timeout'],
  ] as const)('by its %s says so, and what was tried', async (_, hints, code) => {
    const clock = pushedClock();
    const refuseLate = () => {
      clock.push(10_000);
      return refusal('provider_error', 'boom');
    };
    const { ask, providers } = await gatewayOf(
      { first: refuseLate, second: () => answer('too late') },
      { clock, limits: { totalMs: 5_000 } },
    );
    const error = await failure(ask('hello', hints));
    expect(error.code).toBe(code);
    expect(error.attempts.map(({ error: why }) => why)).toEqual(['provider_error']);
    expect(providers[1]?.calls).toHaveLength(0);
  });
});

it("ends by the caller's deadline under that name, whatever failed before", async () => {
  const clock = createFakeClock();
  const { ask, providers } = await gatewayOf(
    {
      first: () => refusal('rate_limited', 'slow down', { status: 429 }),
      second: () => [{ type: 'sent' }, { type: 'hang' }],
    },
    { clock },
  );
  const failed = failure(ask('hello', { deadlineMs: 60 }));
  await until(() => providers[1]?.calls.length === 1);
  await clock.advance(60);
  const error = await failed;
  expect(error.code).toBe('deadline_exceeded');
  expect(error.attempts.map(({ error: why }) => why)).toEqual(['rate_limited', 'deadline_exceeded']);
});

it('is cancelled, not broken, when the caller of an embedding leaves while a retry waits', async () => {
  const scripted = createScriptedProvider('only', () => []);
  let calls = 0;
  const embed: NonNullable<Provider['embed']> = async (_input, { onSent }) => {
    calls += 1;
    onSent?.();
    throw new GatewayError('provider_overloaded', 'busy', { status: 503, retryAfterMs: 1_500 });
  };
  const provider: ScriptedProvider = { ...scripted, embed };
  open = await openGateway({ providers: [provider], models: [model('only/e', { capabilities: ['embedding'] })] });
  const caller = new AbortController();
  const request = { input: ['text'], caller: { tenant: 'local', client: 'test' } };
  const pending = failure(open.gateway.embed(request, { signal: caller.signal }));
  while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 30));
  caller.abort();
  expect(await pending).toMatchObject({ code: 'cancelled', attempts: [{ error: 'provider_overloaded' }] });
});

it('is told to come back when another request is just probing the only model', async () => {
  let healthy = false;
  const { ask, store, dataDir } = await gatewayOf({
    first: () => refusal('provider_error', 'boom'),
  });
  for (let request = 0; request < 5; request += 1) await failure(ask(`number ${request}`));
  expect(store.health.snapshot()[0]?.breaker.state).toBe('open');
  const later = Date.now() + 5_001;
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const recovered = createScriptedProvider('first', () => {
    healthy = true;
    return [{ type: 'sent' }, { type: 'gate', gate }, ...answer('back').slice(1)];
  });
  const restarted = await openGateway({
    providers: [recovered],
    models: [model('first/m')],
    dataDir,
    clock: { ...SYSTEM_CLOCK, nowMs: () => later },
  });
  // Both are planned before either holds the probe.
  const both = [restarted.ask('one'), restarted.ask('two')];
  const error = await failure(Promise.race(both));
  expect(error).toMatchObject({ code: 'all_cooling', retryable: true });
  expect(error.retryAfterMs).toBeGreaterThan(0);
  release();
  const ends = await Promise.allSettled(both);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(healthy).toBe(true);
  await restarted.close();
});

it('says that no model embeds, and which could, where providers are configured that have none', async () => {
  open = await openGateway({ providers: [createScriptedProvider('only', () => [])], models: [model('only/m')] });
  const request = { input: ['a'], caller: { tenant: 'local', client: 'test' } };
  const error = await failure(open.gateway.embed(request, { signal: new AbortController().signal }));
  expect(error).toMatchObject({
    code: 'capability_missing',
    message: 'No model of the configured providers is known to embed.',
    hint: expect.stringMatching(/OpenAI and Gemini .* capability "embedding" under `models`\.$/),
  });
});

describe('a disk that takes all the time of a call', () => {
  it('is to blame for it, and not the provider, which is not asked', async () => {
    const clock = pushedClock();
    const { ask, store, providers } = await gatewayOf(
      { only: () => answer('never asked') },
      { clock, limits: { totalMs: 60_000 } },
    );
    const { ledger } = store;
    const record = ledger.recordAttempt.bind(ledger);
    ledger.recordAttempt = (attempt) => record(attempt).finally(() => clock.push(60_000));
    for (let asked = 0; asked < 6; asked += 1) {
      const error = await failure(ask(`prompt ${asked}`, { cache: 'off' }));
      expect(error).toMatchObject({ code: 'storage_unavailable', attempts: [{ status: 'not_sent' }] });
    }
    expect(providers[0]?.calls).toEqual([]);
    expect(store.health.snapshot()).toEqual([]);
  });
});
