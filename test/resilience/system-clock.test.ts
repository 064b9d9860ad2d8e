import { describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';

describe('the clock of the machine', () => {
  it('never wakes a sleeper early, not by a fraction of a millisecond', async () => {
    for (let round = 0; round < 200; round += 1) {
      const beganAtMs = performance.now();
      await SYSTEM_CLOCK.sleep(1.5);
      expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(1.5);
    }
  });

  it('wakes a sleeper with the reason of the signal, before and during the sleep', async () => {
    const reason = new Error('enough');
    await expect(SYSTEM_CLOCK.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = SYSTEM_CLOCK.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});
