import { describe, expect, it } from 'vitest';
import { findJsonExcess } from '../../src/core/json-excess.ts';

describe('the excess of a JSON text', () => {
  it.each([
    ['{}', undefined],
    [`${'['.repeat(5)}${']'.repeat(5)}`, undefined],
    [`${'['.repeat(6)}${']'.repeat(6)}`, 'deep'],
    ['{"a":{"b":{"c":{"d":{"e":{}}}}}}', 'deep'],
    ['['.repeat(6), 'deep'],
    ['[],'.repeat(50), undefined],
    [JSON.stringify({ text: '[[[[[[[[[' }), undefined],
    [JSON.stringify({ text: '"[[[[[[[\\' }), undefined],
    [`${']'.repeat(9)}${'['.repeat(9)}`, undefined],
    ['"no end', undefined],
    ['"no end \\', undefined],
    ['', undefined],
    [','.repeat(1_500_000), undefined],
    [','.repeat(1_500_001), 'many'],
  ] as const)('of %.40s is %s', (text, excess) => {
    expect(findJsonExcess(text, 5)).toBe(excess);
  });
});
