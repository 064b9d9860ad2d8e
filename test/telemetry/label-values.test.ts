import { expect, it } from 'vitest';
import { createLabelValues } from '../../src/telemetry/metrics/label-values.ts';

it('a value that is not known is "other"', () => {
  const values = createLabelValues((value) => value === 'known');
  expect(['known', 'made-up', 'known'].map(values.of)).toEqual(['known', 'other', 'known']);
});

it('known values beyond the largest number are "other", those before stay themselves', () => {
  const values = createLabelValues(() => true, 2);
  expect(['a', 'b', 'c', 'a', 'd', 'b'].map(values.of)).toEqual(['a', 'b', 'other', 'a', 'other', 'b']);
});
