import type { CalendarUnit, QuotaWindow } from '../../core/quota.ts';

/** A part of a window, on the wall clock: where something that happens now is counted, and what counts beside it. */
export type WindowPart = {
  /** Start of the part. */
  readonly bucketMs: number;
  /** Start of the earliest part that still counts. */
  readonly fromMs: number;
  /** From the start of a part until it no longer counts. */
  readonly keptMs: number;
};

export type CountedWindow = Exclude<QuotaWindow, { readonly type: 'request' }>;

/** A rolling window is counted in so many parts; one that is only partly over counts in full. */
const ROLLING_PARTS = 60;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** No zone is further from UTC; the day of a zone begins this near to that of UTC. */
const OFFSET_MAX_MS = 15 * HOUR_MS;

/** Where a moment is counted. The same for every process that asks at the same time. */
export function windowPart(window: CountedWindow, nowMs: number): WindowPart {
  if (window.type === 'rolling') {
    const partMs = Math.ceil(window.lengthMs / ROLLING_PARTS);
    const bucketMs = floorTo(nowMs, partMs);
    return { bucketMs, fromMs: floorTo(nowMs - window.lengthMs, partMs), keptMs: partMs + window.lengthMs };
  }
  const { startMs, endMs } = calendarSpan(window.unit, window.timeZone, nowMs);
  return { bucketMs: startMs, fromMs: startMs, keptMs: endMs - startMs };
}

/** From inclusive, to exclusive. */
export type Span = { readonly startMs: number; readonly endMs: number };

/** The latest span of each unit and zone: most questions are about now. */
const latest = new Map<string, Span>();

/**
 * The minute, hour, day, week or month that a moment is in. Minutes and hours are those of UTC in every zone; days
 * begin with the first moment that carries their date there, so one is 23 or 25 hours long where clocks change.
 */
export function calendarSpan(unit: CalendarUnit, timeZone: string, nowMs: number): Span {
  if (unit === 'minute' || unit === 'hour') {
    const lengthMs = unit === 'minute' ? MINUTE_MS : HOUR_MS;
    const startMs = floorTo(nowMs, lengthMs);
    return { startMs, endMs: startMs + lengthMs };
  }
  const name = `${unit} ${timeZone}`;
  const known = latest.get(name);
  if (known && nowMs >= known.startMs && nowMs < known.endMs) return known;
  const [first, next] = datesAround(unit, localDate(timeZone, nowMs));
  const span = { startMs: startOfDate(timeZone, first), endMs: startOfDate(timeZone, next) };
  latest.set(name, span);
  return span;
}

/** A date as the UTC midnight that carries it, the first of the unit and the first of the next one. */
function datesAround(unit: 'day' | 'week' | 'month', dateMs: number): readonly [number, number] {
  if (unit === 'day') return [dateMs, dateMs + DAY_MS];
  const date = new Date(dateMs);
  if (unit === 'week') {
    // 0 is Sunday; weeks begin on Monday.
    const mondayMs = dateMs - ((date.getUTCDay() + 6) % 7) * DAY_MS;
    return [mondayMs, mondayMs + 7 * DAY_MS];
  }
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
}

/** The first moment of a date in a zone: midnight, or what clocks were set to instead. */
function startOfDate(timeZone: string, dateMs: number): number {
  let before = dateMs - OFFSET_MAX_MS;
  let within = dateMs + OFFSET_MAX_MS;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (localDate(timeZone, middle) >= dateMs) within = middle;
    else before = middle;
  }
  return within;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date that a moment has in a zone, as the UTC midnight of that date. */
function localDate(timeZone: string, atMs: number): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
    formats.set(timeZone, format);
  }
  const [month, day, year] = format.format(atMs).split('/').map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1);
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
