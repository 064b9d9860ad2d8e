import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Random } from '../core/ports.ts';

/** Beyond this `setTimeout` fires at once (Node: 2^31 - 1 ms). */
const TIMER_MAX_MS = 2_147_483_647;

/** The machine's own time. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (delayMs, signal) => delay(Math.min(delayMs, TIMER_MAX_MS), undefined, signal ? { signal } : {}),
};

export const SYSTEM_RANDOM: Random = { next: () => Math.random() };
