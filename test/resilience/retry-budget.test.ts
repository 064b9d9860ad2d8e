import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/resilience/backoff.ts';
import { createRetryBudget } from '../../src/resilience/retry-budget.ts';

function takeAll(budget: ReturnType<typeof createRetryBudget>, nowMs: number): number {
  let taken = 0;
  while (taken < 1_000 && budget.tryTake(nowMs)) taken += 1;
  return taken;
}

describe('the retry budget', () => {
  it('allows ten retries a minute however few the requests', () => {
    expect(takeAll(createRetryBudget(), 0)).toBe(10);
  });

  it('allows a tenth of the requests of the window', () => {
    const budget = createRetryBudget();
    for (let request = 0; request < 500; request += 1) budget.countRequest(request);
    expect(takeAll(budget, 500)).toBe(50);
  });

  it('forgets what lies behind the window', () => {
    const budget = createRetryBudget();
    expect(takeAll(budget, 0)).toBe(10);
    expect(takeAll(budget, 59_999)).toBe(0);
    expect(takeAll(budget, 60_000)).toBe(10);
  });
});

describe('backoff', () => {
  it('doubles its ceiling from half a second to eight seconds, with full jitter', () => {
    const longest = { next: () => 1 };
    expect([0, 1, 2, 3, 4, 5, 10].map((retry) => backoffMs(retry, longest))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
    ]);
    expect(backoffMs(4, { next: () => 0 })).toBe(0);
    expect(backoffMs(4, { next: () => 0.25 })).toBe(2_000);
  });
});
