import { onTestFinished } from 'vitest';
import { nanoUsdFromUsd } from '../../../src/core/money.ts';
import type { Budget, QuotaUse } from '../../../src/core/quota.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { calendarSpan } from '../../../src/gateway/money/windows.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { type HarnessOptions, model, openGateway } from '../../support/gateway.ts';
import { answer, createScriptedProvider, type ScriptedProvider } from '../../support/scripted-provider.ts';

/** Noon of a day in UTC. */
export const NOON_MS = Date.UTC(2026, 10, 21, 12);
export const DAY = { type: 'calendar', unit: 'day', timeZone: 'UTC' } as const satisfies Budget['window'];

export function budget(limitUsd: number, more: Partial<Budget> = {}): Budget {
  return {
    name: 'daily',
    scope: { by: 'global' },
    limitNanoUsd: nanoUsdFromUsd(limitUsd),
    window: DAY,
    mode: 'hard',
    onReached: 'refuse',
    alertAt: [],
    unknownPrice: 'refuse',
    ...more,
  };
}

/** A clock whose wall stands still until it is moved; spans go on. */
export function movableClock(startMs = NOON_MS) {
  let nowMs = startMs;
  return {
    clock: { ...SYSTEM_CLOCK, nowMs: () => nowMs },
    moveTo(atMs: number) {
      nowMs = atMs;
    },
  };
}

/** A gateway under limits; it is closed after the test. */
export async function open(options: Partial<HarnessOptions> & { readonly provider?: ScriptedProvider }) {
  const provider = options.provider ?? createScriptedProvider('one', () => answer('fine', spent(1_000, 1_000)));
  const harness = await openGateway({ models: [model('one/m')], providers: [provider], ...options });
  onTestFinished(harness.close);
  const use = (window: Budget['window'] = DAY, name = 'daily', key = ''): Promise<QuotaUse | undefined> => {
    if (window.type !== 'calendar') throw new Error('only calendar windows');
    const { startMs, endMs } = calendarSpan(window.unit, window.timeZone, (options.clock ?? SYSTEM_CLOCK).nowMs());
    return harness.store.ledger
      .quotaUse([{ quota: `budget ${name}`, key, bucketMs: startMs, fromMs: startMs, keptMs: endMs - startMs }])
      .then(([first]) => first);
  };
  return { ...harness, provider, use };
}

/** 1 $ in and 2 $ out a million: a thousand of each are 0.003 $. */
export function spent(inputTokens: number, outputTokens: number) {
  return { ...NO_USAGE, inputTokens, outputTokens, source: 'reported' as const };
}
