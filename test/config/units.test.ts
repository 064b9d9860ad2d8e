import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDurationMs, parseSizeBytes } from '../../src/config/units.ts';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['15m', 900_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2W', 1_209_600_000],
  ])('%s', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each(['', '7', 'd', '-1d', '7 days', '1e3s', '0s', '99999d', '0x10s', '7d7h', 'constructor', '1toString'])(
    '%s is none',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );
});

describe('sizes', () => {
  it.each([
    ['4096', 4_096],
    ['1KB', 1_024],
    ['256MB', 268_435_456],
    ['1.5 GiB', 1_610_612_736],
    ['0', 0],
  ])('%s', (text, expected) => {
    expect(parseSizeBytes(text)).toBe(expected);
  });

  it.each(['', 'MB', '-1MB', '1TB', '999999999999999GB'])('%s is none', (text) => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });
});

it('any text gives a sane whole number or nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,4}\.?\d{0,2}[a-zA-Z]{0,3}$/)), (text) => {
      for (const value of [parseDurationMs(text), parseSizeBytes(text)]) {
        expect(value === undefined || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }
    }),
  );
});
