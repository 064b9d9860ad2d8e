import { describe, expect, it } from 'vitest';
import type { HealthTarget, TargetHealth } from '../../src/core/health.ts';
import {
  afterFailure,
  afterSuccess,
  BREAKER,
  claimProbe,
  cleanHealth,
  releaseProbe,
} from '../../src/resilience/breaker.ts';

const TARGET: HealthTarget = { provider: 'openai', key: 'main@1234', model: 'gpt' };
const QUIET = { total: 0, failures: 0 };

function failures(count: number, from: TargetHealth = cleanHealth(TARGET), atMs = 1_000): TargetHealth {
  let health = from;
  for (let made = 0; made < count; made += 1) {
    health = afterFailure(health, { code: 'provider_error', message: 'boom', atMs }, QUIET);
  }
  return health;
}

describe('the circuit breaker', () => {
  it('stays closed through four failures in a row and opens with the fifth', () => {
    expect(failures(4).breaker).toEqual({ state: 'closed' });
    expect(failures(5).breaker).toEqual({ state: 'open', openedAtMs: 1_000, cooldownMs: 5_000 });
  });

  it('opens when half of at least twenty attempts in the window failed', () => {
    const failure = { code: 'provider_error', message: 'boom', atMs: 1 } as const;
    expect(afterFailure(cleanHealth(TARGET), failure, { total: 19, failures: 19 }).breaker.state).toBe('closed');
    expect(afterFailure(cleanHealth(TARGET), failure, { total: 20, failures: 9 }).breaker.state).toBe('closed');
    expect(afterFailure(cleanHealth(TARGET), failure, { total: 20, failures: 10 }).breaker.state).toBe('open');
  });

  it('forgets failures after a success', () => {
    expect(afterSuccess(failures(4), 2_000)).toBeUndefined();
  });

  it('keeps a rest that still runs through a success, and drops one that is over', () => {
    const resting: TargetHealth = { ...failures(2), cooldown: { untilMs: 9_000, reason: 'rate_limited' } };
    const { cooldown, lastError } = resting;
    expect(afterSuccess(resting, 8_999)).toEqual({ ...cleanHealth(TARGET), cooldown, lastError });
    expect(afterSuccess(resting, 9_000)).toBeUndefined();
  });

  it('gives out one probe when its rest is over, and none before', () => {
    const open = failures(5);
    expect(claimProbe(open, 5_999)).toBeUndefined();
    const probing = claimProbe(open, 6_000);
    expect(probing?.breaker.state).toBe('half-open');
    expect(probing && claimProbe(probing, 6_001)).toBeUndefined();
  });

  it('gives the probe to the next one when its holder never came back', () => {
    const probing = claimProbe(failures(5), 6_000) as TargetHealth;
    expect(claimProbe(probing, 6_000 + BREAKER.probeMs)?.breaker.state).toBe('half-open');
  });

  it('opens for twice as long after a failed probe, up to a minute', () => {
    let health = failures(5);
    const cooldowns: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const nowMs = 10_000 + round * 100_000;
      health = failures(1, claimProbe(health, nowMs) as TargetHealth, nowMs);
      if (health.breaker.state === 'open') cooldowns.push(health.breaker.cooldownMs);
    }
    expect(cooldowns).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('lets the next caller probe at once when the probe proved nothing', () => {
    const probing = claimProbe(failures(5), 6_000) as TargetHealth;
    expect(claimProbe(releaseProbe(probing, 6_500), 6_500)?.breaker.state).toBe('half-open');
  });

  it('is not opened anew by calls that were under way when it opened', () => {
    const open = failures(5);
    expect(failures(3, open, 4_000).breaker).toEqual(open.breaker);
  });
});
