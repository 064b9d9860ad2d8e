import { describe, expect, it } from 'vitest';
import { formatUsd, formatUsdRoughly } from '../../../src/core/wording/format-usd.ts';
import { formatWait } from '../../../src/core/wording/format-wait.ts';
import { formatShare } from '../../../src/mcp/rendering/format.ts';

describe('a wait in words', () => {
  it.each([
    [1, '1 ms'],
    [999.2, '1000 ms'],
    [1_001, '2 s'],
    [119_999, '120 s'],
    [120_000, '2 min'],
    [120_001, '2 min 1 s'],
    [7_199_999, '120 min'],
    [7_260_000, '2 h 1 min'],
    [34_380_000, '9 h 33 min'],
    [172_800_000, '2 days'],
    [172_800_001, '2 days 1 h'],
  ])('of %d ms is rounded up', (ms, words) => {
    expect(formatWait(ms)).toBe(words);
  });
});

describe('money in words', () => {
  it.each([
    [0, '$0.00'],
    [0.000000001, '$0.000000001'],
    [1234.5, '$1,234.50'],
    [-0.25, '-$0.25'],
  ])('is exact: %d', (usd, words) => {
    expect(formatUsd(usd)).toBe(words);
  });

  it.each([
    [0.124486247, '$0.124'],
    [0.000123456, '$0.000123'],
    [9.8765, '$9.88'],
    [1234.5678, '$1,234.57'],
  ])('is short where it is a guess: %d', (usd, words) => {
    expect(formatUsdRoughly(usd)).toBe(words);
  });
});

describe('a share in words', () => {
  it.each([
    [0, '0%'],
    [0.0001, '<0.1%'],
    [0.004, '0.4%'],
    [0.324, '32%'],
  ])('is never nothing when there is something: %d', (share, words) => {
    expect(formatShare(share)).toBe(words);
  });
});
