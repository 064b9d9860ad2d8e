import { expect, it } from 'vitest';
import { toUtcSecond } from '../../src/cli/output/utc-second.ts';

it('a time in a table has its year where that is not the present one', () => {
  const nowMs = Date.UTC(2026, 0, 1);
  expect(toUtcSecond(Date.UTC(2026, 10, 21, 1, 23, 22, 999), nowMs)).toBe('11-21 01:23:22');
  expect(toUtcSecond('2025-12-31T23:59:59.999Z', nowMs)).toBe('2025-12-31 23:59:59');
  expect(toUtcSecond(Date.UTC(2026, 0, 1), nowMs - 1)).toBe('2026-01-01 00:00:00');
});
