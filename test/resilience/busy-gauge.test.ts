import { expect, it } from 'vitest';
import { createBusyGauge } from '../../src/resilience/busy-gauge.ts';

function work(spanMs: number): void {
  const endsAtMs = performance.now() + spanMs;
  while (performance.now() < endsAtMs);
}

it('a process is busy when its event loop hardly ever rests, and no longer when it does', async () => {
  const isBusy = createBusyGauge();
  expect(isBusy(performance.now())).toBe(false);
  for (let turn = 0; turn < 6; turn += 1) {
    work(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(isBusy(performance.now())).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(isBusy(performance.now())).toBe(false);
});
