import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { restingUntil } from '../../src/core/health.ts';
import type { Clock, HealthBook } from '../../src/core/ports.ts';
import { HealthRecorder, type Target } from '../../src/resilience/health-recorder.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { keyOf, providerOf } from '../support/catalog.ts';
import { loud, openTestStore, recordingLogger } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ERROR = new GatewayError('provider_error', 'boom', { status: 500 });
const target = (model: string): Target => ({ settings: providerOf('openai'), key: keyOf('main'), model });

/** What was read a moment ago is read anew after it. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

async function recorderAt() {
  let aheadMs = 0;
  const clock: Clock = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + aheadMs };
  const { health } = await openTestStore(temporaryFolder(), { clock });
  const logger = recordingLogger();
  const recorder = new HealthRecorder({ health, clock, logger });
  const fail = async (model: string, times: number) => {
    for (let made = 0; made < times; made += 1)
      await recorder.failed(target(model), { error: ERROR, sent: true, probe: [] });
  };
  const pass = (spanMs: number) => {
    aheadMs += spanMs;
  };
  const mayCall = async (model: string) => recorder.mayCall(target(model), health.snapshot());
  return { recorder, health, clock, logger, fail, pass, mayCall };
}

/** How many rows others could find before it was done, and after. */
async function countsUntil(done: Promise<unknown> | undefined, health: HealthBook): Promise<ReadonlySet<number>> {
  const counts = new Set([health.snapshot().length]);
  let isDone = false;
  void Promise.resolve(done).then(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    counts.add(health.snapshot().length);
  }
  return counts;
}

describe('a rest', () => {
  const limited = (retryAfterMs: number) =>
    new GatewayError('rate_limited', 'slow down', { status: 429, retryAfterMs });

  it('is never shortened by a later failure that asks for less, and is lengthened by one that asks for more', async () => {
    const { recorder, health, clock } = await recorderAt();
    const restMs = async () => (health.snapshot()[0]?.cooldown?.untilMs ?? 0) - clock.nowMs();
    for (const [asked, rests] of [
      [60_000, 60_000],
      [1_000, 60_000],
      [90_000, 90_000],
    ] as const) {
      await recorder.failed(target('a'), { error: limited(asked), sent: true, probe: [] });
      expect(await restMs()).toBe(rests);
    }
  });

  it('lasts a day at most, and an hour when the account is out of credit, whatever the provider asks for', async () => {
    const { recorder, health, clock } = await recorderAt();
    const untilMs = async () => health.snapshot()[0]?.cooldown?.untilMs;
    const spent = new GatewayError('quota_exhausted', 'no credit', { retryAfterMs: 90_000_000 });
    await recorder.failed(target('a'), { error: spent, sent: true, probe: [] });
    expect(await untilMs()).toBe(clock.nowMs() + 3_600_000);
    const other = await recorderAt();
    await other.recorder.failed(target('a'), { error: limited(90_000_000), sent: true, probe: [] });
    expect(other.health.snapshot()[0]?.cooldown?.untilMs).toBe(other.clock.nowMs() + 86_400_000);
  });

  it.each([
    ['the cooldown of a key', limited(2_000), 1],
    ['the open time of a breaker', ERROR, 5],
  ] as const)(
    'that is %s is over when the clock is put back, and not when it is put right',
    async (_what, error, times) => {
      const { recorder, health, clock, pass, mayCall } = await recorderAt();
      const key = keyOf('main');
      const rests = () => restingUntil(health.snapshot(), { provider: 'openai', key, model: 'a' }, clock.nowMs());
      for (let made = 0; made < times; made += 1) await recorder.failed(target('a'), { error, sent: true, probe: [] });
      const { untilMs } = rests() ?? {};
      pass(-900);
      await settled();
      expect(rests()?.untilMs).toBe(untilMs);
      pass(-86_400_000);
      await settled();
      expect(rests()).toBeUndefined();
      expect(await mayCall('a')).toHaveLength(error === ERROR ? 1 : 0);

      await recorder.failed(target('a'), { error: limited(3_000), sent: true, probe: [] });
      expect(rests()?.untilMs).toBe(clock.nowMs() + 3_000);
    },
  );

  it('outlives a success that was under way, but not a clock that is put back', async () => {
    const { recorder, health, pass } = await recorderAt();
    await recorder.failed(target('a'), { error: limited(2_000), sent: true, probe: [] });
    await recorder.succeeded(target('a'));
    expect(health.snapshot()).toMatchObject([{ consecutiveFailures: 0, cooldown: { reason: 'rate_limited' } }]);
    pass(-3_600_000);
    await settled();
    expect(health.snapshot()[0]?.cooldown).toBeUndefined();
  });

  it.each([
    ['rate_limited', ['one', 'two']],
    ['quota_exhausted', ['one', 'two']],
    ['provider_auth', ['one']],
  ] as const)('after %s concerns, of two keys of one account, %j', async (code, resting) => {
    const { recorder, health } = await recorderAt();
    const keys = ['one', 'two'].map((name) => ({ ...keyOf(name), account: 'shared' }));
    const settings = { ...providerOf('openai'), keys };
    const [key = keyOf('none')] = keys;
    const error = new GatewayError(code, 'no', { status: 429 });
    const counts = await countsUntil(
      recorder.failed({ settings, key, model: 'a' }, { error, sent: true, probe: [] }),
      health,
    );
    // Nobody finds one of them resting and asks the other.
    expect(counts).toEqual(new Set([0, resting.length]));
    const rows = health.snapshot().filter(({ cooldown }) => cooldown);
    expect(rows.map(({ target }) => target.key.split('@')[0]).sort()).toEqual(resting);
  });
});

it('the breaker of a model stands for that model alone: no other needs its probe, or heals it', async () => {
  const { recorder, health, fail, mayCall } = await recorderAt();
  await fail('a', 5);
  expect(await mayCall('c')).toEqual([]);
  await recorder.succeeded(target('c'));
  expect(health.snapshot()).toMatchObject([{ target: { model: 'a' }, breaker: { state: 'open' } }]);
});

describe('a provider that failed on several models', () => {
  it('rests as a whole, for twice as long when the probe fails, and is told of once', async () => {
    const { recorder, logger, fail, pass, mayCall } = await recorderAt();
    await fail('a', 3);
    expect(await mayCall('c')).toEqual([]);
    await fail('b', 3);
    expect(await mayCall('c')).toBeUndefined();
    pass(5_001);
    const probe = await mayCall('c');
    expect(probe).toHaveLength(1);
    await recorder.failed(target('c'), { error: ERROR, sent: true, probe: probe ?? [] });
    pass(9_000);
    expect(await mayCall('d')).toBeUndefined();
    pass(1_001);
    expect(await mayCall('d')).toHaveLength(1);
    // Those that were under way when it was taken out.
    await fail('b', 2);
    expect(loud(logger)).toEqual(['provider taken out after failures on several models']);
  });

  it('is well in the same moment as the model that answered: nobody finds the one back and the other not', async () => {
    const { recorder, health, fail, mayCall } = await recorderAt();
    await fail('a', 5);
    await fail('b', 3);
    expect(await countsUntil(recorder.succeeded(target('a')), health)).toEqual(new Set([3, 1]));
    expect(await mayCall('c')).toEqual([]);
  });

  it('is not judged by failures of long ago, and its probe is free again after one that failed', async () => {
    const { recorder, fail, pass, mayCall } = await recorderAt();
    await fail('a', 3);
    await fail('b', 3);
    pass(3_600_000);
    const probe = await mayCall('c');
    expect(probe).toHaveLength(1);
    await recorder.failed(target('c'), { error: ERROR, sent: true, probe: probe ?? [] });
    expect(await mayCall('d')).toHaveLength(1);
  });
});

it('a model that its provider does not serve is noted, of made-up names the last hundred', async () => {
  const { recorder, health, fail, pass } = await recorderAt();
  await fail('ailing', 1);
  const error = new GatewayError('unknown_model', 'no such model', { status: 404 });
  for (let number = 0; number < 105; number += 1) {
    await recorder.failed(target(`made-up-${number}`), { error, sent: true, probe: [] });
    pass(1);
  }
  const names = health.snapshot().map(({ target: { model } }) => model);
  expect(names).toHaveLength(101);
  expect(names).toEqual(expect.arrayContaining(['ailing', 'made-up-5', 'made-up-104']));
  expect(await recorder.mayCall(target('made-up-104'), health.snapshot())).toEqual([]);
});

it('and no more of them when many are named at the same time', async () => {
  const { recorder, health } = await recorderAt();
  const error = new GatewayError('unknown_model', 'no such model', { status: 404 });
  const names = Array.from({ length: 150 }, (_, number) => `made-up-${number}`);
  await Promise.all(names.map((name) => recorder.failed(target(name), { error, sent: true, probe: [] })));
  expect(health.snapshot().length).toBeLessThanOrEqual(100);
});

it.each([
  ['failures', () => ERROR],
  ['rests', () => new GatewayError('rate_limited', 'slow down', { status: 429, retryAfterMs: 1_000 })],
] as const)(
  'of models with %s the last five hundred are known, and those that still rest before others',
  async (_what, error) => {
    const { recorder, health, fail, pass } = await recorderAt();
    const slow = new GatewayError('rate_limited', 'slow down', { status: 429, retryAfterMs: 3_600_000 });
    await recorder.failed(target('resting'), { error: slow, sent: true, probe: [] });
    for (let number = 0; number < 505; number += 1) {
      await recorder.failed(target(`made-up-${number}`), { error: error(), sent: true, probe: [] });
      pass(1_001);
    }
    await fail('last', 1);
    const names = health.snapshot().flatMap(({ target: { model } }) => (model === '*' ? [] : [model]));
    expect(names).toHaveLength(500);
    expect(names).toEqual(expect.arrayContaining(['resting', 'made-up-504', 'last']));
    expect(names).not.toContain('made-up-0');
  },
);
