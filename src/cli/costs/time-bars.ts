import type { Span } from '../../mcp/arguments/period.ts';
import type { ChartBar } from './chart.ts';

export type TimeUnit = 'hour' | 'day';

const LENGTH_MS: Readonly<Record<TimeUnit, number>> = { hour: 3_600_000, day: 86_400_000 };
/** Up to this, hours tell more than days. */
const HOURS_UP_TO_MS = 2 * LENGTH_MS.day;
/** Ten years of days: beyond, the chart begins later. */
const BARS_MAX = 3_660;

/** What the time of a report is charted by. */
export function timeUnitOf({ fromMs, toMs }: Span): TimeUnit {
  return toMs - fromMs <= HOURS_UP_TO_MS ? 'hour' : 'day';
}

/**
 * One bar for every hour or day of the span, also for those without a cost. A span without a beginning starts with
 * the first group.
 */
export function timeBars(
  unit: TimeUnit,
  { fromMs, toMs }: Span,
  groups: readonly { readonly key: string; readonly cost_usd: number }[],
): readonly ChartBar[] {
  const lengthMs = LENGTH_MS[unit];
  const usdByStartMs = new Map(groups.map(({ key, cost_usd }) => [Date.parse(key), cost_usd]));
  const wantedMs = fromMs > 0 ? fromMs : Math.min(toMs, ...usdByStartMs.keys());
  const lastMs = Math.floor((toMs - 1) / lengthMs) * lengthMs;
  const firstMs = Math.max(Math.floor(wantedMs / lengthMs) * lengthMs, lastMs - (BARS_MAX - 1) * lengthMs);
  const bars: ChartBar[] = [];
  for (let startMs = firstMs; startMs <= lastMs; startMs += lengthMs) {
    bars.push({ label: labelOf(unit, startMs), usd: usdByStartMs.get(startMs) ?? 0 });
  }
  return bars;
}

/** `14:00`, or `11-30`; times are of UTC, as in the report. */
function labelOf(unit: TimeUnit, startMs: number): string {
  const text = new Date(startMs).toISOString();
  return unit === 'hour' ? text.slice(11, 16) : text.slice(5, 10);
}
