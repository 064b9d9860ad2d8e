import { describe, expect, it } from 'vitest';
import { formatPrediction } from '../../../src/mcp/rendering/format.ts';

describe('how well costs were foretold', () => {
  it('is said of enough answers only', () => {
    expect(formatPrediction({ attempts: 0, aboveMax: 0 })).toBeUndefined();
    expect(formatPrediction({ attempts: 9, medianError: 13.05, aboveMax: 0 })).toBeUndefined();
    expect(formatPrediction({ attempts: 10, medianError: 0.13, aboveMax: 0 })).toBe('off by 13% at the median');
  });

  it('says from the first on that something cost more than it could', () => {
    expect(formatPrediction({ attempts: 3, medianError: 13.05, aboveMax: 1 })).toBe(
      '1 attempt cost more than foretold at most',
    );
    expect(formatPrediction({ attempts: 30, medianError: 0.4, aboveMax: 2 })).toBe(
      'off by 40% at the median; 2 attempts cost more than foretold at most',
    );
  });
});
