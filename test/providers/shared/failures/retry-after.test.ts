import { describe, expect, it, onTestFinished } from 'vitest';
import {
  goDurationMs,
  rateLimitEndMsIn,
  rateLimitResetMsFrom,
  retryAfterMsFrom,
  retryAfterMsInText,
} from '../../../../src/providers/shared/failures/retry-after.ts';

const NOW_MS = Date.parse('2026-11-20T12:00:00Z');
const from = (headers: Record<string, string>) => retryAfterMsFrom(new Headers(headers), NOW_MS);

describe('the wait a provider asks for', () => {
  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': ' 1.5 ' }, 1_500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Friday, 20-Nov-26 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Fri Nov 20 12:00:30 2026 GMT' }, 30_000],
    [{ 'retry-after-ms': '99999999999', 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
  ])('is read from %j', (headers, expected) => {
    expect(from(headers)).toBe(expected);
  });

  it.each(['UTC', 'America/New_York', 'Asia/Kolkata'])(
    'is read from a date without a zone the same way in %s',
    (zone) => {
      const before = process.env.TZ;
      onTestFinished(() => {
        if (before === undefined) delete process.env.TZ;
        else process.env.TZ = before;
      });
      process.env.TZ = zone;
      expect(from({ 'retry-after': 'Fri Nov 20 12:00:30 2026' })).toBe(30_000);
      expect(retryAfterMsFrom(new Headers({ 'retry-after': 'Sat Nov  7 12:00:30 2026' }), NOW_MS)).toBe(0);
    },
  );

  it.each(['-5', 'abc', '', 'NaN', 'Infinity', '1e9', '999999', '0x10', '7 s', 'Fri, 20 Nov 2036 12:00:00 GMT'])(
    'is not read from the nonsense %j',
    (text) => {
      expect(from({ 'retry-after': text })).toBeUndefined();
    },
  );

  it.each([
    ['6m0s', 360_000],
    ['12ms', 12],
    ['2m59.56s', 179_560],
    ['1h', 3_600_000],
    ['500µs', 1],
    ['', undefined],
    ['-3s', undefined],
    ['3', undefined],
    ['3s later', undefined],
  ])('is read from the Go duration %j', (text, expected) => {
    expect(goDurationMs(text)).toBe(expected);
  });

  it('is the reset of the limit that is used up', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '12',
      'x-ratelimit-reset-requests': '20h',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
    };
    expect(rateLimitResetMsFrom(new Headers(headers))).toBe(360_000);
    expect(rateLimitResetMsFrom(new Headers({ 'x-ratelimit-reset-tokens': '6m0s' }))).toBeUndefined();
  });

  it.each([
    ['0', String(NOW_MS + 30_000), 30_000],
    ['0', String(NOW_MS - 1), undefined],
    ['0', String((NOW_MS + 30_000) / 1_000), undefined],
    ['0', 'soon', undefined],
    ['0', undefined, undefined],
    ['3', String(NOW_MS + 30_000), undefined],
  ])('is read from the headers in the body of OpenRouter: %s left until %s', (remaining, reset, expected) => {
    const headers = {
      'X-RateLimit-Limit': '20',
      'X-RateLimit-Remaining': remaining,
      ...(reset && { 'X-RateLimit-Reset': reset }),
    };
    expect(rateLimitEndMsIn({ metadata: { headers } }, NOW_MS)).toBe(expected);
  });

  it('is found in a sentence', () => {
    expect(retryAfterMsInText('Limit 6000. Please try again in 7.66s. Visit ...')).toBe(7_660);
    expect(retryAfterMsInText('Please try again later.')).toBeUndefined();
  });
});
