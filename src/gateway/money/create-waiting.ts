import type { Clock } from '../../core/ports.ts';
import {
  type AdaptiveLimitOptions,
  type AdaptiveLimits,
  createAdaptiveLimits,
} from '../../resilience/adaptive-limit.ts';
import { createBusyGauge } from '../../resilience/busy-gauge.ts';
import { WaitingLine } from './waiting-line.ts';

export type Waiting = { readonly slots: AdaptiveLimits; readonly line: WaitingLine };

/** The places at targets, and the line of those that wait for one or for a rate limit: one of each in a process. */
export function createWaiting(clock: Clock, options: Partial<AdaptiveLimitOptions> = {}): Waiting {
  const line = new WaitingLine(clock);
  const slots = createAdaptiveLimits({
    clock,
    options,
    onFree: (target) => line.free(target),
    isBusy: createBusyGauge(),
  });
  return { slots, line };
}
