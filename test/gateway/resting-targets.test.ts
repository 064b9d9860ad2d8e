import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { failure, model, openGateway, settingsFor } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal, type Step } from '../support/scripted-provider.ts';
import { gatewayOf, pair } from './gateway-pair.ts';

describe('a rate limit', () => {
  it('is served by another target at once, and the resting key is not asked again', async () => {
    const { ask, first, second } = await pair(() =>
      refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
    );
    expect((await ask('one')).model).toBe('second/b');
    expect((await ask('two')).model).toBe('second/b');
    expect([first.calls.length, second.calls.length]).toEqual([1, 2]);
  });

  it('moves to the next key of another account first', async () => {
    const keys = [
      { name: 'one', value: '1', weight: 1, account: 'shared' },
      { name: 'two', value: '2', weight: 1, account: 'shared' },
      { name: 'three', value: '3', weight: 1 },
    ];
    const { ask, first, second } = await pair(
      (call) =>
        call === 1 ? refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }) : answer('ok'),
      { settings: [{ ...settingsFor('first'), keys }, settingsFor('second')] },
    );
    expect((await ask('hello')).model).toBe('first/a');
    expect(first.calls.map(({ context }) => context.apiKey)).toEqual(['1', '3']);
    expect(second.calls).toHaveLength(0);
  });

  it('is not waited for, however short, while another target can answer', async () => {
    const { ask, first } = await pair((call) =>
      call === 1 ? refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 50 }) : answer('ok'),
    );
    expect((await ask('hello')).model).toBe('second/b');
    expect(first.calls).toHaveLength(1);
  });

  it('is waited for when it is short and nobody else can answer', async () => {
    const { ask, first } = await pair(
      (call) => (call === 1 ? refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 50 }) : answer('ok')),
      { models: [model('first/a')] },
    );
    expect((await ask('hello')).completion.content).toEqual([{ type: 'text', text: 'ok' }]);
    expect(first.calls).toHaveLength(2);
  });

  it("is not waited for beyond the caller's deadline", async () => {
    const { ask, first } = await pair(
      () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 1_500 }),
      { models: [model('first/a')] },
    );
    expect(await failure(ask('hello', { deadlineMs: 1_000 }))).toMatchObject({ code: 'all_failed' });
    expect(first.calls).toHaveLength(1);
  });

  it('sends the caller back at once when the limit of attempts left a candidate no turn', async () => {
    const { ask, second } = await pair(
      () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 20_000_000 }),
      { limits: { attemptsMax: 1 } },
    );
    const error = await failure(ask('one'));
    expect(error).toMatchObject({ code: 'all_failed', retryable: true, retryAfterMs: undefined });
    expect(error.hint).toContain('second/b');
    expect(second.calls).toHaveLength(0);
    expect((await ask('two')).model).toBe('second/b');
  });

  it('ends the request at once when everybody rests, with the soonest end', async () => {
    const { ask, first, second } = await pair(
      () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 30_000 }),
      {
        models: [model('first/a')],
      },
    );
    const over = { code: 'all_failed', retryAfterMs: 30_000, httpStatus: 503 };
    expect(await failure(ask('one'))).toMatchObject(over);
    const error = await failure(ask('two'));
    expect(error).toMatchObject({ code: 'all_cooling', retryable: true, httpStatus: 503 });
    expect(error.retryAfterMs).toBeGreaterThan(29_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(30_000);
    expect(first.calls).toHaveLength(1);
    expect(second.calls).toHaveLength(0);
  });
});

describe('a request that every candidate puts off', () => {
  const limited = refusal('rate_limited', 'slow down', { status: 429 });

  it('is told to come back when the first of them rests no more, though none said when', async () => {
    const { ask } = await pair(() => limited, { models: [model('first/a')] });
    const back = { code: 'all_failed', retryable: true, retryAfterMs: 1_000, httpStatus: 503 };
    expect(await failure(ask('hello'))).toMatchObject(back);
  });

  it('has failed like any other when one of them is broken', async () => {
    const { ask } = await pair(
      (call) => (call === 1 ? limited : refusal('provider_auth', 'bad key', { status: 401 })),
      {
        models: [model('first/a'), model('first/b')],
      },
    );
    expect(await failure(ask('hello'))).toMatchObject({ code: 'all_failed', retryAfterMs: 1_000, httpStatus: 502 });
  });
});

describe('a request that one model failed in passing', () => {
  it.each([
    { status: 500, passing: refusal('provider_error', 'broken', { status: 500 }) },
    { status: 302, passing: refusal('provider_unavailable', 'moved', { status: 302, retrySame: 'no' }) },
  ])('may be repeated at once, however long another rests: $status', async ({ passing }) => {
    const { ask } = await gatewayOf({
      providers: [
        createScriptedProvider('first', () => refusal('provider_auth', 'bad key', { status: 401 })),
        createScriptedProvider('second', () => passing),
      ],
      models: [model('first/a'), model('second/b')],
    });
    for (const prompt of ['one', 'two']) {
      const error = await failure(ask(prompt));
      expect(error).toMatchObject({ code: 'all_failed', retryable: true, retryAfterMs: undefined });
    }
  });
});

describe('a request that one model could not be reached for', () => {
  it('is told to come back when that is tried again, however long another rests', async () => {
    const { ask } = await gatewayOf({
      providers: [
        createScriptedProvider('first', () => refusal('rate_limited', 'slow down', { retryAfterMs: 30_000 })),
        createScriptedProvider('second', () =>
          refusal('provider_unavailable', 'refused', { retrySame: 'no', status: undefined }).slice(1),
        ),
      ],
      models: [model('first/a'), model('second/b')],
    });
    expect(await failure(ask('hello'))).toMatchObject({ code: 'all_failed', retryable: true, retryAfterMs: 5_000 });
  });
});

describe('a connection that this process could not open', () => {
  it('makes nobody rest: the next candidate is tried, and each is asked again', async () => {
    const error = new GatewayError('provider_unavailable', 'no file left.', {
      isLocal: true,
      retrySame: 'no',
      retryAfterMs: 1_000,
    });
    const { ask, first } = await pair(() => [{ type: 'error', error }], {
      models: [model('first/a'), model('first/b')],
    });
    for (let count = 1; count <= 4; count += 1) {
      expect(await failure(ask(`${count}`))).toMatchObject({
        code: 'all_failed',
        httpStatus: 503,
        retryAfterMs: 1_000,
      });
      expect(first.calls).toHaveLength(2 * count);
    }
  });
});

describe('an outage whose end the provider names', () => {
  const down = (retryAfterMs: number) => refusal('provider_unavailable', 'down', { status: 503, retryAfterMs });

  it('is not waited for while another target can answer, and the target rests as long', async () => {
    const { ask, first, second } = await pair(() => down(30_000));
    expect((await ask('one')).model).toBe('second/b');
    expect((await ask('two')).model).toBe('second/b');
    expect([first.calls.length, second.calls.length]).toEqual([1, 2]);
  });

  it('is waited for when it is short and nobody else can answer', async () => {
    const { ask, first } = await pair((call) => (call === 1 ? down(50) : answer('ok')), {
      models: [model('first/a')],
    });
    expect((await ask('one')).completion.content).toEqual([{ type: 'text', text: 'ok' }]);
    expect(first.calls).toHaveLength(2);
  });

  it('ends the request at once when it is long and nobody else can answer', async () => {
    const { ask, first } = await pair(() => down(30_000), { models: [model('first/a')] });
    expect(await failure(ask('one'))).toMatchObject({ code: 'all_failed', retryable: true, retryAfterMs: 30_000 });
    expect(await failure(ask('two'))).toMatchObject({ code: 'all_cooling', retryable: true });
    expect(first.calls).toHaveLength(1);
  });
});

describe('a key', () => {
  it('that is refused rests for all models, and the good ones go on', async () => {
    const keys = [
      { name: 'bad', value: 'bad', weight: 1 },
      { name: 'good', value: 'good', weight: 1 },
    ];
    const first = createScriptedProvider('first', (_request, _call, { apiKey }) =>
      apiKey === 'bad' ? refusal('provider_auth', 'wrong key', { status: 401 }) : answer('ok'),
    );
    const { ask } = await gatewayOf({
      providers: [first],
      models: [model('first/a'), model('first/b')],
      settings: [{ ...settingsFor('first'), keys }],
    });
    await ask('one');
    await ask('two', { model: 'first/b' });
    expect(first.calls.map(({ context }) => context.apiKey)).toEqual(['bad', 'good', 'good']);
  });

  it('that rests for its own fault is named as what to mend, not only as what to wait for', async () => {
    const { ask } = await pair(() => refusal('provider_auth', 'wrong key', { status: 401 }), {
      models: [model('first/a')],
    });
    await failure(ask('one'));
    expect(await failure(ask('two'))).toMatchObject({ code: 'all_cooling', hint: expect.stringMatching(/API key/) });
  });

  it('out of quota takes its account along', async () => {
    const keys = ['one', 'two'].map((name) => ({ name, value: name, weight: 1, account: 'shared' }));
    const { ask, first } = await pair(() => refusal('quota_exhausted', 'no credit', { status: 429 }), {
      settings: [{ ...settingsFor('first'), keys }, settingsFor('second')],
    });
    expect((await ask('hello')).model).toBe('second/b');
    expect((await ask('again')).model).toBe('second/b');
    expect(first.calls).toHaveLength(1);
  });
});

describe('a provider that cannot be reached', () => {
  const refused = (): readonly Step[] => [{ type: 'error', error: Object.assign(refusalOf(), {}) }];
  function refusalOf() {
    const [, step] = refusal('provider_unavailable', 'connection refused', { status: undefined, retrySame: 'no' });
    if (step?.type !== 'error') throw new Error('a refusal ends with an error');
    return step.error;
  }

  it('is left at once, rests for a while, and has no attempt in the books', async () => {
    const { ask, books, first } = await pair(refused);
    const result = await ask('hello');
    expect(result.attempts.map(({ status }) => status)).toEqual(['not_sent', 'settled']);
    expect((await books())[0]?.attempts.map(({ provider }) => provider)).toEqual(['second']);
    await ask('again');
    expect(first.calls).toHaveLength(1);
  });
});

describe('the breaker', () => {
  it('opens after five failures in a row, survives a restart and lets one probe through', async () => {
    let healthy = false;
    const script = () => (healthy ? answer('back') : refusal('provider_error', 'boom'));
    const { ask, dataDir, first, store } = await pair(script);
    for (let request = 0; request < 5; request += 1) await ask(`number ${request}`);
    expect(first.calls.length).toBeGreaterThanOrEqual(5);
    const callsWhenOpen = first.calls.length;
    const { plan } = await ask('while open');
    expect(plan.rejected).toMatchObject([
      { model: 'first/a', reason: expect.stringMatching(/^resting for .* after provider_error$/) },
    ]);
    expect(first.calls).toHaveLength(callsWhenOpen);
    const [row] = store.health.snapshot().filter(({ target }) => target.provider === 'first');
    expect(row?.breaker.state).toBe('open');

    healthy = true;
    const later = Date.now() + 5_001;
    const restarted = await openGateway({
      providers: [
        createScriptedProvider('first', script),
        createScriptedProvider('second', () => answer('from second')),
      ],
      models: [model('first/a'), model('second/b')],
      dataDir,
      clock: { ...SYSTEM_CLOCK, nowMs: () => later, sleep: async () => undefined },
    });
    expect((await restarted.ask('after the rest')).model).toBe('first/a');
    expect(restarted.store.health.snapshot().filter(({ target }) => target.provider === 'first')).toEqual([]);
    await restarted.close();
  });

  it('lets one of many that come at the same moment probe', async () => {
    let passedMs = 0;
    const gate = Promise.withResolvers<void>();
    const probed = (): readonly Step[] => [{ type: 'sent' }, { type: 'gate', gate: gate.promise }, ...answer('back')];
    const { ask, first, second } = await pair(() => (passedMs > 0 ? probed() : refusal('provider_error', 'boom')), {
      clock: { ...SYSTEM_CLOCK, nowMs: () => Date.now() + passedMs },
    });
    for (let request = 0; request < 5; request += 1) await ask(`number ${request}`);
    const callsBefore = { first: first.calls.length, second: second.calls.length };
    passedMs = 5_001;
    const asked = Promise.all(Array.from({ length: 5 }, (_, number) => ask(`at once ${number}`)));
    const calls = () => first.calls.length + second.calls.length;
    while (calls() < callsBefore.first + callsBefore.second + 5) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(first.calls).toHaveLength(callsBefore.first + 1);
    gate.resolve();
    await asked;
    expect((await ask('afterwards')).model).toBe('first/a');
  });
});
