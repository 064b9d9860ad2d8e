import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../../src/core/errors.ts';
import { type AttemptTimerOptions, AttemptTimers } from '../../src/resilience/attempt-timers.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const STREAM = { firstTokenMs: 30_000, firstTokenSetting: 'firstTokenMs', idleMs: 10_000 } as const;

type Options = Pick<AttemptTimerOptions, 'stream'> & Partial<AttemptTimerOptions['frame']>;

function start({ stream, ...ends }: Options = {}) {
  let lateMs = 0;
  const fake = createFakeClock();
  const clock = { ...fake, monotonicMs: () => fake.monotonicMs() + lateMs };
  const caller = new AbortController();
  const timers = new AttemptTimers({
    clock,
    frame: { signal: caller.signal, endsAtMs: 600_000, endKind: 'total', ...ends },
    startedAtMs: clock.monotonicMs(),
    stream,
  });
  return {
    clock,
    caller,
    timers,
    reason: () => timers.signal.reason as GatewayError,
    /** Timers that are due in it wake after it. */
    standStill(spanMs: number) {
      lateMs += spanMs;
    },
  };
}

describe('the timers of an attempt', () => {
  it('fire when no content came in time, pings or not', async () => {
    const { clock, timers, reason } = start({ stream: STREAM });
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(5_000);
      timers.onActivity();
    }
    expect(timers.signal.aborted).toBe(false);
    await clock.advance(5_000);
    expect(reason()).toMatchObject({ code: 'provider_timeout', message: 'The provider sent no content for 30000 ms.' });
  });

  it('count silence once content flows, and a ping is a sign of life', async () => {
    const { clock, timers, reason } = start({ stream: STREAM });
    timers.onContent();
    await clock.advance(9_000);
    timers.onActivity();
    await clock.advance(9_999);
    expect(timers.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reason()).toMatchObject({ code: 'provider_timeout', message: 'The provider stopped sending for 10000 ms.' });
  });

  it('let what came while the process stood still be read before they call it silence', async () => {
    const { clock, timers, reason, standStill } = start({ stream: STREAM });
    timers.onContent();
    standStill(15_000);
    await clock.advance(10_000);
    timers.onContent();
    await clock.advance(5_000);
    expect(timers.signal.aborted).toBe(false);
    standStill(15_000);
    await clock.advance(10_000);
    expect(reason()).toMatchObject({ code: 'provider_timeout', message: 'The provider stopped sending for 10000 ms.' });
  });

  it('wait only for the end of a call that is not streamed', async () => {
    const { clock, timers, reason } = start();
    await clock.advance(599_999);
    expect(timers.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reason().code).toBe('provider_timeout');
  });

  it("say that it was the caller's deadline when it was", async () => {
    const { clock, reason } = start({ stream: STREAM, endsAtMs: 2_000, endKind: 'deadline' });
    await clock.advance(2_000);
    expect(reason().code).toBe('deadline_exceeded');
  });

  it("pass on the caller's leaving at once", () => {
    const { caller, reason } = start({ stream: STREAM });
    caller.abort();
    expect(reason().code).toBe('cancelled');
  });

  it('are not fooled by a wall clock that jumps', async () => {
    const { clock, timers } = start({ stream: STREAM });
    clock.stepWall(3_600_000);
    await clock.advance(29_999);
    expect(timers.signal.aborted).toBe(false);
  });

  it('do not count silence while the caller is waited for, and count it afresh afterwards', async () => {
    const { clock, timers, reason } = start({ stream: STREAM });
    timers.onContent();
    timers.hold();
    await clock.advance(300_000);
    timers.resume();
    await clock.advance(9_999);
    expect(timers.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reason().message).toBe('The provider stopped sending for 10000 ms.');
  });

  it('end a call whose caller never came back, and blame the caller', async () => {
    const { clock, timers, reason } = start({ stream: STREAM });
    timers.onContent();
    timers.hold();
    await clock.advance(600_000);
    expect(reason()).toMatchObject({ code: 'cancelled' });
    expect(reason().message).toContain('not read to its end');
  });

  it.each([
    ['done', async () => undefined],
    ['failed', () => Promise.reject(new Error('failed'))],
    [
      'broken from the start',
      () => {
        throw new Error('broken');
      },
    ],
  ])('leave no sleeper and no listener behind when the work is %s', async (_how, work) => {
    const { clock, caller, timers } = start({ stream: STREAM });
    await clock.advance(1);
    await Promise.allSettled([timers.limit<unknown>(work)]);
    await clock.advance(0);
    expect(clock.sleepers()).toBe(0);
    caller.abort();
    expect(timers.signal.aborted).toBe(false);
  });
});
