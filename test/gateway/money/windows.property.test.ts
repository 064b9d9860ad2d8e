import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALENDAR_UNITS, type CalendarUnit } from '../../../src/core/quota.ts';
import { calendarSpan, windowPart } from '../../../src/gateway/money/windows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Years that the time-zone data still has rules for, with leap days and year ends. */
const FROM_MS = Date.UTC(2020, 0, 1);
const TO_MS = Date.UTC(2037, 11, 31);
/** Clocks that change at midnight, by half an hour, in the other half of the year, or never. */
const CHANGING = [
  ...['Europe/Berlin', 'America/New_York', 'America/Havana', 'America/Santiago', 'Africa/Cairo', 'Asia/Beirut'],
  ...['Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Chatham', 'Asia/Gaza', 'America/St_Johns'],
];
const ZONES = [...CHANGING, 'UTC', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu'];

const zones = fc.oneof(fc.constantFrom(...ZONES), fc.constantFrom(...Intl.supportedValuesOf('timeZone')));
const units = fc.constantFrom(...CALENDAR_UNITS);
/** Anywhere, and near the ends of months and years and the usual days of changing clocks. */
const moments = fc.oneof(
  fc.integer({ min: FROM_MS, max: TO_MS }),
  fc
    .record({
      year: fc.integer({ min: 2020, max: 2037 }),
      month: fc.integer({ min: 0, max: 11 }),
      day: fc.constantFrom(1, 2, 7, 8, 14, 24, 25, 26, 27, 28, 29, 30, 31),
      offsetMs: fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }),
    })
    .map(({ year, month, day, offsetMs }) => Date.UTC(year, month, day) + offsetMs),
);

function localDate(timeZone: string, atMs: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(atMs);
}

/** How long a unit can be: half an hour to an hour more or less where clocks change, in no zone more. */
const LENGTHS_MS: Readonly<Record<CalendarUnit, readonly [least: number, most: number]>> = {
  minute: [60_000, 60_000],
  hour: [HOUR_MS, HOUR_MS],
  day: [23 * HOUR_MS, 25 * HOUR_MS],
  week: [7 * DAY_MS - HOUR_MS, 7 * DAY_MS + HOUR_MS],
  month: [28 * DAY_MS - HOUR_MS, 31 * DAY_MS + HOUR_MS],
};

describe('calendar windows, in every time zone', () => {
  it('divide time without a gap and without an overlap', () => {
    fc.assert(
      fc.property(units, zones, moments, (unit, zone, atMs) => {
        const { startMs, endMs } = calendarSpan(unit, zone, atMs);
        expect(startMs).toBeLessThanOrEqual(atMs);
        expect(endMs).toBeGreaterThan(atMs);
        expect(calendarSpan(unit, zone, startMs)).toEqual({ startMs, endMs });
        expect(calendarSpan(unit, zone, endMs - 1)).toEqual({ startMs, endMs });
        expect(calendarSpan(unit, zone, endMs).startMs).toBe(endMs);
        expect(calendarSpan(unit, zone, startMs - 1).endMs).toBe(startMs);
      }),
      { numRuns: 1_500 },
    );
  });

  it('are as long as their unit, but for the hour by which clocks change', () => {
    fc.assert(
      fc.property(units, zones, moments, (unit, zone, atMs) => {
        // Stations on the ice follow their suppliers by up to three hours.
        fc.pre(!zone.startsWith('Antarctica/'));
        const { startMs, endMs } = calendarSpan(unit, zone, atMs);
        const [least, most] = LENGTHS_MS[unit];
        expect(endMs - startMs).toBeGreaterThanOrEqual(least);
        expect(endMs - startMs).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1_500 },
    );
  });

  it('begin with the first moment of a date there: any day, a Monday, the first of a month', () => {
    fc.assert(
      fc.property(fc.constantFrom('day', 'week', 'month'), zones, moments, (unit, zone, atMs) => {
        const { startMs } = calendarSpan(unit, zone, atMs);
        const date = localDate(zone, startMs);
        expect(localDate(zone, startMs - 1)).not.toBe(date);
        if (unit === 'day') expect(date).toBe(localDate(zone, atMs));
        if (unit === 'week') expect(new Date(`${date}T00:00:00Z`).getUTCDay()).toBe(1);
        if (unit === 'month') expect(date).toMatch(/-01$/);
      }),
      { numRuns: 1_500 },
    );
  });

  it.each([
    ['a day is 23 hours long where clocks go forward', 'day', 'Europe/Berlin', '2026-03-29T10:00Z', 23],
    ['a day is 25 hours long where they go back', 'day', 'Europe/Berlin', '2026-10-25T10:00Z', 25],
    ['a day begins at one where midnight is skipped', 'day', 'Asia/Beirut', '2026-03-29T10:00Z', 23],
    ['half an hour is enough', 'day', 'Australia/Lord_Howe', '2026-04-04T20:00Z', 24.5],
    ['February has its leap day', 'month', 'UTC', '2028-02-29T23:59Z', 29 * 24],
    ['and none in other years', 'month', 'UTC', '2026-02-28T23:59Z', 28 * 24],
    ['a week spans the end of a year', 'week', 'America/New_York', '2026-12-31T23:30Z', 7 * 24],
  ] as const)('%s', (_what, unit, zone, at, hours) => {
    const { startMs, endMs } = calendarSpan(unit, zone, Date.parse(at));
    expect((endMs - startMs) / HOUR_MS).toBe(hours);
  });
});

describe('a clock that runs through a window', () => {
  it('passes each reset once, whatever its steps', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 40 * HOUR_MS }), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(units, zones, moments, steps, (unit, timeZone, fromMs, forward) => {
        const window = { type: 'calendar', unit, timeZone } as const;
        let nowMs = fromMs;
        let last = windowPart(window, nowMs);
        for (const step of forward) {
          nowMs += step;
          const part = windowPart(window, nowMs);
          expect(part.bucketMs).toBeGreaterThanOrEqual(last.bucketMs);
          // A new window begins no sooner than the last one said that it would end, and it was over by then.
          if (part.bucketMs !== last.bucketMs) {
            expect(part.bucketMs).toBeGreaterThanOrEqual(last.bucketMs + last.keptMs);
            expect(nowMs).toBeGreaterThanOrEqual(last.bucketMs + last.keptMs);
          } else expect(nowMs).toBeLessThan(last.bucketMs + last.keptMs);
          last = part;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gets the same window when it is set back into it', () => {
    const jump = fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS });
    fc.assert(
      fc.property(units, zones, moments, jump, (unit, timeZone, atMs, jumpMs) => {
        const window = { type: 'calendar', unit, timeZone } as const;
        const before = windowPart(window, atMs);
        const away = windowPart(window, atMs + jumpMs);
        expect(away.keptMs).toBeGreaterThan(0);
        expect(windowPart(window, atMs)).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a rolling window', () => {
  const lengths = fc.integer({ min: 1_000, max: 400 * DAY_MS });

  it('counts everything of its length, nothing that is older by more than a part of it, and says when', () => {
    const ago = fc.integer({ min: 0, max: 1_200 });
    fc.assert(
      fc.property(lengths, moments, ago, (lengthMs, nowMs, permille) => {
        const window = { type: 'rolling', lengthMs } as const;
        const eventMs = nowMs - Math.floor((lengthMs * permille) / 1_000);
        const event = windowPart(window, eventMs);
        const now = windowPart(window, nowMs);
        const partMs = event.keptMs - lengthMs;
        expect(partMs).toBeLessThanOrEqual(Math.ceil(lengthMs / 60));
        const counts = event.bucketMs >= now.fromMs;
        if (nowMs - eventMs <= lengthMs) expect(counts).toBe(true);
        if (nowMs - eventMs > lengthMs + partMs) expect(counts).toBe(false);
        // It is free from the moment that was announced, and not before.
        expect(counts).toBe(nowMs < event.bucketMs + event.keptMs);
        expect(eventMs - event.bucketMs).toBeGreaterThanOrEqual(0);
        expect(eventMs - event.bucketMs).toBeLessThan(partMs);
      }),
      { numRuns: 2_000 },
    );
  });
});
