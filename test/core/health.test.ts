import { describe, expect, it } from 'vitest';
import { type BreakerState, restingUntil, type TargetHealth } from '../../src/core/health.ts';
import { keyHealthId } from '../../src/core/provider.ts';
import { keyOf } from '../support/catalog.ts';

const NOW_MS = 1_800_000_000_000;
const key = keyOf('main');
const asked = { provider: 'openai', key, model: 'gpt' };

function rest(breaker: BreakerState, more: Partial<TargetHealth> = {}) {
  const target = { provider: 'openai', key: keyHealthId(key), model: 'gpt' };
  const lastError = { code: 'provider_error', message: 'boom', atMs: NOW_MS } as const;
  return restingUntil([{ target, breaker, consecutiveFailures: 5, lastError, ...more }], asked, NOW_MS);
}

describe('a target', () => {
  it('rests until its breaker may be probed', () => {
    const untilMs = NOW_MS + 4_000;
    const breaker = { state: 'open', openedAtMs: NOW_MS - 1_000, cooldownMs: 5_000 } as const;
    expect(rest(breaker)).toEqual({ untilMs, reason: 'provider_error' });
    expect(rest({ ...breaker, cooldownMs: 1_000 })).toBeUndefined();
  });

  it('that is being probed is worth asking for again soon, however long the probe may take', () => {
    const probe = (probeUntilMs: number) => ({ state: 'half-open', probeUntilMs, cooldownMs: 5_000 }) as const;
    expect(rest(probe(NOW_MS + 60_000))).toEqual({ untilMs: NOW_MS + 1_000, reason: 'provider_error' });
    expect(rest(probe(NOW_MS + 200))?.untilMs).toBe(NOW_MS + 200);
    expect(rest(probe(NOW_MS))).toBeUndefined();
  });

  it('rests for the longer of its breaker and what the provider asked for', () => {
    const breaker = { state: 'half-open', probeUntilMs: NOW_MS + 60_000, cooldownMs: 5_000 } as const;
    const cooldown = { untilMs: NOW_MS + 9_000, reason: 'rate_limited' } as const;
    expect(rest(breaker, { cooldown })).toEqual(cooldown);
  });
});
