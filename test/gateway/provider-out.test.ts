import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../../src/core/errors.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { model } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../support/scripted-provider.ts';
import { gatewayOf, open, pair } from './gateway-pair.ts';

describe('a provider of which two models fail', () => {
  /** Asks for these models in turn, `~` lets that many milliseconds pass; then whether `p/c` may be asked. */
  async function afterwards(...steps: readonly ('p/a' | 'p/b' | 'p/c' | `~${number}`)[]) {
    let aheadMs = 0;
    const clock = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + aheadMs };
    const provider = createScriptedProvider('p', ({ model: { name } }) =>
      name === 'c' ? answer('ok') : refusal('provider_error', 'boom'),
    );
    const models = (['p/a', 'p/b', 'p/c'] as const).map((ref) => model(ref));
    const { ask } = await gatewayOf({ providers: [provider], models, clock });
    for (const [number, step] of steps.entries()) {
      if (step.startsWith('~')) aheadMs += Number(step.slice(1));
      // Each is asked twice, since its failure may pass.
      else await ask(`number ${number}`, { model: step }).catch(() => {});
    }
    return ask('and now', { model: 'p/c' }).then(
      () => 'answers',
      ({ code }: GatewayError) => code,
    );
  }

  it('is asked for no other when none has answered', async () => {
    expect(await afterwards('p/a', 'p/a', 'p/b', 'p/b')).toBe('all_cooling');
  });

  it('is not yet, when each failed twice', async () => {
    expect(await afterwards('p/a', 'p/b')).toBe('answers');
  });

  it('goes on with the others, as long as one of them answers', async () => {
    expect(await afterwards('p/a', 'p/a', 'p/c', 'p/b', 'p/b')).toBe('answers');
    await open?.close();
    expect(await afterwards('p/a', 'p/a', '~60000', 'p/c', '~60000', 'p/b', 'p/b')).toBe('answers');
  });

  it('is given two seconds in which no other has answered', async () => {
    expect(await afterwards('p/c', '~100', 'p/a', 'p/a', 'p/b', 'p/b')).toBe('answers');
    await open?.close();
    expect(await afterwards('p/c', '~100', 'p/a', 'p/a', '~2000', 'p/b', 'p/b')).toBe('all_cooling');
  });
});

it('a model that nobody asks for again speaks against its provider no longer', async () => {
  let passedMs = 0;
  const clock = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + passedMs };
  const { ask, gateway } = await pair(() => refusal('provider_error', 'boom'), { clock });
  for (let request = 0; request < 5; request += 1) await ask(`number ${request}`);
  const statusOfFirst = async () => (await gateway.providerStatus({}, new AbortController().signal))[0];
  expect(await statusOfFirst()).toMatchObject({ status: 'degraded', breaker: 'open' });
  passedMs = 24 * 3_600_000 + 60_000;
  expect(await statusOfFirst()).toMatchObject({ status: 'unknown', breaker: 'closed' });
});
