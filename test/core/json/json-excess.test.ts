import { describe, expect, it } from 'vitest';
import { findJsonExcess } from '../../../src/core/json/json-excess.ts';

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
    [`{${'"a":1,'.repeat(9_999)}"b":[1]}`, undefined],
    [`{${'"a":1,'.repeat(10_000)}"b":[1]}`, 'wide'],
    [`[{${'"a":[{"c":1}],'.repeat(10_000)}"b":1}]`, 'wide'],
    [`{"a":[${'{"b":1,"c":2},'.repeat(10_000)}1]}`, undefined],
    [`{"a":[${'1,'.repeat(20_000)}1]}`, undefined],
    [`[${'{},'.repeat(300_000)}{"a:::":"::"}]`, undefined],
    [`[${'{"a":1,"b":2},'.repeat(125_000)}{}]`, undefined],
    [`[${'{"a":1,"b":2},'.repeat(125_000)}{"c":3}]`, 'crowded'],
  ] as const)('of the text in row %# is the one beside it', (text, excess) => {
    expect(findJsonExcess(text, 5)).toBe(excess);
  });
});
