import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../../src/core/errors.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { chat, failure, model, settingsFor } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../support/scripted-provider.ts';
import { recordingLogger } from '../support/store.ts';
import { gatewayOf, open, pair, single } from './gateway-pair.ts';

describe('an error of the provider', () => {
  it('is tried once more on the same target and booked as two attempts when that works', async () => {
    const { ask, books, second } = await pair((call) =>
      call === 1 ? refusal('provider_error', 'boom') : answer('ok'),
    );
    const result = await ask('hello');
    expect(result).toMatchObject({ model: 'first/a', cache: 'miss' });
    expect(result.attempts.map(({ status }) => status)).toEqual(['failed_unbilled', 'settled']);
    expect(second.calls).toHaveLength(0);
    const [request] = await books();
    expect(request).toMatchObject({ status: 'success', model: 'first/a', costNanoUsd: 20_000 });
    expect(request?.attempts.map(({ status, error }) => ({ status, error }))).toEqual([
      { status: 'failed_unbilled', error: 'provider_error' },
      { status: 'settled', error: undefined },
    ]);
  });

  it('gives way to the next candidate when it stays, with at most three attempts in all', async () => {
    const { ask, first, second } = await pair(() => refusal('provider_overloaded', 'busy'));
    const result = await ask('hello');
    expect(result.model).toBe('second/b');
    expect([first.calls.length, second.calls.length]).toEqual([2, 1]);
  });

  it('never leads to more than three upstream attempts', async () => {
    const providers = ['p', 'q', 'r', 's'].map((id) =>
      createScriptedProvider(id, () => refusal('provider_error', `${id} failed`)),
    );
    const { ask, books } = await gatewayOf({ providers, models: providers.map(({ id }) => model(`${id as 'p'}/m`)) });
    const error = await failure(ask('hello'));
    expect(error.code).toBe('all_failed');
    expect(error.message).toBe('No model could answer. p/m: p failed. q/m: q failed.');
    expect(error.attempts).toHaveLength(3);
    expect(providers.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(3);
    expect((await books())[0]).toMatchObject({ status: 'failed', error: 'all_failed', costNanoUsd: 0 });
  });

  it('is not retried without end: ten retries a minute while there are few requests', async () => {
    const first = createScriptedProvider('first', (_request, call) =>
      call % 2 === 1 ? refusal('provider_error', 'boom') : answer('ok'),
    );
    // On models in turn, so that no breaker opens.
    const models = ['a', 'b', 'c', 'd'].map((name) => model(`first/${name}`));
    const { ask } = await gatewayOf({ providers: [first], models });
    const askNext = (number: number) => ask(`number ${number}`, { model: models[number % 4]?.ref as string });
    for (let number = 0; number < 10; number += 1) await askNext(number);
    expect(first.calls).toHaveLength(20);
    expect((await failure(askNext(10))).code).toBe('provider_error');
    expect(first.calls).toHaveLength(21);
  });

  it('is retried as often as its connections go stale, which says nothing of it', async () => {
    const first = createScriptedProvider('first', (_request, call) =>
      call % 2 === 1 ? refusal('provider_unavailable', 'closed', { retrySame: 'at-once' }) : answer('ok'),
    );
    const { ask } = await gatewayOf({ providers: [first], models: [model('first/a')] });
    for (let number = 0; number < 30; number += 1) await ask(`number ${number}`);
    expect(first.calls).toHaveLength(60);
  });

  it('says what was tried, why each failed and that it may be retried', async () => {
    const { ask } = await pair(() => refusal('provider_error', 'first is on fire.'), {
      models: [model('first/a')],
    });
    const error = await failure(ask('hello'));
    expect(error).toMatchObject({ code: 'all_failed', retryable: true });
    expect(error.message).toBe('No model could answer. first/a: first is on fire.');
    expect(error.hint).toMatch(/^Try again in/);
  });

  it("is the caller's own when the request is at fault: nothing else is asked", async () => {
    const { ask, second } = await pair(() => refusal('invalid_request', 'temperature is wrong.', { status: 400 }));
    expect(await failure(ask('hello'))).toMatchObject({ code: 'invalid_request', retryable: false });
    expect(second.calls).toHaveLength(0);
  });

  it.each(['invalid_request', 'content_filtered'] as const)(
    'is so behind one that cannot do it too: %s',
    async (code) => {
      const providers = (['capability_missing', code] as const).map((one, index) =>
        createScriptedProvider(`p${index}`, () => refusal(one, 'no.', { status: 400, param: 'temperature' })),
      );
      const { ask } = await gatewayOf({ providers, models: [model('p0/m'), model('p1/m')] });
      const error = await failure(ask('hello'));
      expect(error).toMatchObject({ code, httpStatus: 400, retryable: false, param: 'temperature' });
      expect(error.message).toContain('p0/m: ');
      expect(error.message).toContain('p1/m: ');
    },
  );

  it.each([
    ['unknown_model', 'invalid_request'],
    ['provider_auth', 'content_filtered'],
    ['unknown_model', 'context_too_long'],
    ['capability_missing', 'unknown_model'],
  ] as const)('decides the answer where the other cannot be used at all: %s, %s', async (...codes) => {
    const providers = codes.map((code, index) => createScriptedProvider(`p${index}`, () => refusal(code, 'no.')));
    const { ask } = await gatewayOf({ providers, models: [model('p0/m'), model('p1/m')] });
    const code = codes.find((one) => one !== 'unknown_model' && one !== 'provider_auth');
    expect(await failure(ask('hello'))).toMatchObject({ code, httpStatus: 400, retryable: false });
  });

  it('does not where the other may answer later: the caller is to come back', async () => {
    const providers = (['provider_unavailable', 'invalid_request'] as const).map((code, index) =>
      createScriptedProvider(`p${index}`, () => refusal(code, 'no.')),
    );
    const { ask } = await gatewayOf({ providers, models: [model('p0/m'), model('p1/m')] });
    expect(await failure(ask('hello'))).toMatchObject({ code: 'all_failed', httpStatus: 502, retryable: true });
  });

  it('of a model that no provider serves is none of the request: who asked for any is not told that there is none', async () => {
    const providers = ['p0', 'p1'].map((id) => createScriptedProvider(id, () => refusal('unknown_model', 'no.')));
    const { ask } = await gatewayOf({ providers, models: [model('p0/m'), model('p1/m')] });
    expect(await failure(ask('hello'))).toMatchObject({ code: 'all_failed', httpStatus: 502, retryable: false });
  });

  it('of context length goes on only to a larger window', async () => {
    const { ask, second } = await pair(() => refusal('context_too_long', 'too long.', { status: 400 }));
    expect(await failure(ask('hello'))).toMatchObject({ code: 'context_too_long', retryable: false });
    expect(second.calls).toHaveLength(0);
    await open?.close();
    const larger = await pair(() => refusal('context_too_long', 'too long.', { status: 400 }), {
      models: [model('first/a'), model('second/b', { contextTokens: 200_000 })],
    });
    expect((await larger.ask('hello')).model).toBe('second/b');
  });

  it('of a limit of tokens per minute goes on to any window, and in the end the request is what is too large', async () => {
    const tooLarge = () => refusal('too_large', 'more than a minute allows.', { status: 413, tryNext: 'yes' });
    const models = [model('first/a', { contextTokens: 200_000 }), model('second/b')];
    const { ask } = await pair(tooLarge, { models });
    expect((await ask('hello')).model).toBe('second/b');
    await open?.close();
    const alone = await pair(tooLarge, { models: [model('first/a')] });
    expect(await failure(alone.ask('hello'))).toMatchObject({ code: 'too_large', httpStatus: 413, retryable: false });
  });

  it('that is a defect of ours is reported without details, and logged without its words', async () => {
    const logger = recordingLogger();
    const { ask } = await pair(
      () => {
        throw new TypeError('quotes the prompt');
      },
      { logger },
    );
    const error: GatewayError = await ask('hello').catch((thrown) => thrown);
    expect(error.code).toBe('internal');
    expect(`${error.message} ${error.hint}`).not.toContain('quotes the prompt');
    const defects = logger.lines.filter(({ level }) => level === 'error');
    expect(defects).toMatchObject([{ fields: { requestId: error.requestId, errorName: 'TypeError' } }]);
    expect(JSON.stringify(defects)).toContain('fallback.test.ts');
    expect(JSON.stringify(defects)).not.toContain('quotes the prompt');
  });
});

describe('a model that its provider does not serve', () => {
  it('is asked after all others for a minute, and then in its place again', async () => {
    let aheadMs = 0;
    const clock = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + aheadMs };
    const script = (call: number) =>
      call === 1 ? refusal('unknown_model', 'no such model.') : answer('now it is there');
    const { ask, gateway, first, second } = await pair(script, { clock });
    expect((await ask('one')).attempts.map(({ model }) => model)).toEqual(['first/a', 'second/b']);
    expect((await ask('two')).attempts.map(({ model }) => model)).toEqual(['second/b']);
    const { plan } = await gateway.preview(chat('three'));
    expect(plan.candidates.map(({ model, reason }) => `${model.ref}: ${reason}`)).toEqual([
      'second/b: first of tier simple',
      'first/a: asked last, since its provider said that it does not serve it',
    ]);
    aheadMs = 60_000;
    expect((await ask('four')).model).toBe('first/a');
    expect([first.calls.length, second.calls.length]).toEqual([2, 2]);
  });

  it('is not asked for with the other keys of a request that others can answer', async () => {
    const keys = ['one', 'two', 'three'].map((name) => ({ name, value: name, weight: 1 }));
    const { ask } = await pair(() => refusal('unknown_model', 'no such model.'), {
      settings: [{ ...settingsFor('first'), keys }, settingsFor('second')],
    });
    expect((await ask('hello')).attempts.map(({ model }) => model)).toEqual(['first/a', 'second/b']);
  });

  it('is asked for with the other keys of a request that nobody else can answer, as far as its attempts go', async () => {
    const keys = ['one', 'two', 'three', 'four'].map((name) => ({ name, value: name, weight: 1 }));
    const settings = [{ ...settingsFor('only'), keys }];
    const script = (call: number) => (call < 3 ? refusal('unknown_model', 'no such model.') : answer('let in'));
    const { ask, provider } = await single(script, { settings });
    const { attempts } = await ask('one');
    expect(attempts.map(({ error }) => error)).toEqual(['unknown_model', 'unknown_model', undefined]);
    expect(provider.calls.map(({ context }) => context.apiKey)).toEqual(['one', 'two', 'three']);
    await open?.close();
    const none = await single(() => refusal('unknown_model', 'no such model.'), { settings });
    expect(await failure(none.ask('two', { model: 'only/m' }))).toMatchObject({ code: 'unknown_model' });
    expect(none.provider.calls).toHaveLength(3);
    // The fourth is new to it; of those that lately did not get it one is asked again.
    await failure(none.ask('three'));
    await failure(none.ask('four'));
    expect(none.provider.calls).toHaveLength(5);
  });

  it('does not use up the attempts of a request together with others', async () => {
    let aheadMs = 0;
    const clock = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + aheadMs };
    const providers = ['p', 'q', 'r', 's'].map((id) =>
      createScriptedProvider(id, () => (id === 's' ? answer('ok') : refusal('unknown_model', 'no such model.'))),
    );
    const { ask } = await gatewayOf({ providers, models: providers.map(({ id }) => model(`${id as 'p'}/m`)), clock });
    expect((await failure(ask('one'))).code).toBe('all_failed');
    expect((await ask('two')).attempts).toHaveLength(1);
    aheadMs = 60_000;
    const later = [await ask('three'), await ask('four'), await ask('five'), await ask('six')];
    expect(later.map(({ attempts }) => attempts.length)).toEqual([2, 2, 2, 1]);
  });

  it('is asked at once when it is all there is, or was named', async () => {
    const script = (call: number) =>
      call === 1 ? refusal('unknown_model', 'no such model.') : answer('now it is there');
    const { ask } = await pair(script);
    await ask('one');
    expect((await ask('two', { model: 'first/a' })).model).toBe('first/a');
    await open?.close();
    const alone = await single(script);
    await failure(alone.ask('one'));
    expect((await alone.ask('two')).model).toBe('only/m');
  });
});

describe('a forced model', () => {
  it('is never left, and its own error is reported', async () => {
    const { ask, second } = await pair(() => refusal('provider_error', 'boom'));
    expect(await failure(ask('hello', { model: 'first/a' }))).toMatchObject({
      code: 'provider_error',
      model: 'first/a',
    });
    expect(second.calls).toHaveLength(0);
  });

  it('is left when the caller allows it', async () => {
    const { ask } = await pair(() => refusal('provider_error', 'boom'));
    expect((await ask('hello', { model: 'first/a', fallback: true })).model).toBe('second/b');
  });
});
