import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/ports.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { failure, model, settingsFor } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal, type Step } from '../support/scripted-provider.ts';
import { gatewayOf } from './gateway-pair.ts';

describe('several keys of which waiting helps one', () => {
  const keys = ['limited', 'other'].map((name) => ({ name, value: name, weight: 1 }));
  const limited = (retryAfterMs: number) => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs });

  let aheadMs = 0;
  const pushed = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + aheadMs };

  async function asked(
    script: (key: string | undefined, call: number) => readonly Step[],
    clock: Clock = SYSTEM_CLOCK,
  ) {
    const only = createScriptedProvider('only', (_request, call, { apiKey }) => script(apiKey, call));
    const settings = [{ ...settingsFor('only'), keys }];
    const { ask } = await gatewayOf({ providers: [only], models: [model('only/m')], settings, clock });
    return {
      ask: () => ask('hello', { model: 'only/m' }),
      keysAsked: () => only.calls.map(({ context }) => context.apiKey),
    };
  }

  it.each(['unknown_model', 'provider_auth', 'quota_exhausted'] as const)(
    'say so, though the last of them answered %s',
    async (code) => {
      const { ask, keysAsked } = await asked((key) => (key === 'limited' ? limited(30_000) : refusal(code, 'no.')));
      expect(await failure(ask())).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 30_000 });
      expect(keysAsked()).toEqual(['limited', 'other']);
    },
  );

  it('are asked again where the wait is short', async () => {
    const script = (key: string | undefined, call: number) =>
      key === 'other' ? refusal('unknown_model', 'no.') : call === 1 ? limited(50) : answer('ok');
    const { ask, keysAsked } = await asked(script);
    expect((await ask()).attempts.map(({ error }) => error)).toEqual(['rate_limited', 'unknown_model', undefined]);
    expect(keysAsked()).toEqual(['limited', 'other', 'limited']);
  });

  it.each(['unknown_model', 'provider_auth'] as const)(
    'say so while that one rests, though the one that could be asked answered %s',
    async (code) => {
      let isKnown = true;
      const script = (key: string | undefined) =>
        key === 'limited' ? limited(300_000) : refusal(isKnown ? 'unknown_model' : code, 'no.');
      const { ask, keysAsked } = await asked(script, pushed);
      await failure(ask());
      // By now somebody may have let the other key in.
      aheadMs += 60_000;
      isKnown = false;
      const error = await failure(ask());
      expect(error).toMatchObject({ code: 'all_cooling', retryable: true, retryAfterMs: 240_000 });
      expect(error.message).toContain('Another key rests after rate_limited.');
      expect(error.attempts.map((attempt) => attempt.error)).toEqual([code]);
      expect(keysAsked()).toEqual(['limited', 'other', 'other']);
    },
  );

  it('leave their turn to a model that had none: nobody is told to wait for them', async () => {
    let isKnown = true;
    const only = createScriptedProvider('only', (_request, _call, { apiKey }) =>
      apiKey === 'limited' ? limited(300_000) : refusal(isKnown ? 'unknown_model' : 'provider_auth', 'no.'),
    );
    const broken = createScriptedProvider('broken', () => refusal('provider_error', 'broken.'));
    const last = createScriptedProvider('last', () => answer('ok'));
    const { ask } = await gatewayOf({
      providers: [only, broken, last],
      models: [model('only/m'), model('broken/m'), model('last/m')],
      settings: [{ ...settingsFor('only'), keys }, settingsFor('broken'), settingsFor('last')],
      clock: pushed,
    });
    await failure(ask('one', { model: 'only/m' }));
    aheadMs += 60_000;
    isKnown = false;
    const error = await failure(ask('two'));
    expect(error.attempts.map(({ error }) => error)).toEqual(['provider_auth', 'provider_error', 'provider_error']);
    expect(error).toMatchObject({
      code: 'all_failed',
      retryable: true,
      hint: expect.stringContaining('before last/m'),
    });
    expect(error.retryAfterMs).toBeUndefined();
    expect((await ask('two')).model).toBe('last/m');
  });

  it('say nothing of it where that one rests for want of credit', async () => {
    const script = (key: string | undefined) => refusal(key === 'limited' ? 'quota_exhausted' : 'unknown_model', 'no.');
    const { ask } = await asked(script, pushed);
    await failure(ask());
    aheadMs += 60_000;
    expect(await failure(ask())).toMatchObject({ code: 'unknown_model', retryable: false });
  });
});
