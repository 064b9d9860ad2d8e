import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName, nearestNames } from '../../../src/core/wording/nearest-name.ts';

describe('nearest name', () => {
  it('finds the key that was misspelled', () => {
    const keys = ['apiKey', 'baseUrl', 'enabled', 'headers', 'keys', 'kind'];
    expect(nearestName('apikey', keys)).toBe('apiKey');
    expect(nearestName('base_url', keys)).toBe('baseUrl');
    expect(nearestName('heders', keys)).toBe('headers');
    expect(nearestName('kidn', keys)).toBe('kind');
  });

  it('suggests nothing when nothing is near', () => {
    expect(nearestName('zebra', ['apiKey', 'kind'])).toBeUndefined();
    expect(nearestNames('anything', [])).toEqual([]);
  });

  it('lists the best first and equal ones alphabetically', () => {
    expect(nearestNames('gpt-5-min', ['gpt-5-mini', 'gpt-5', 'gpt-5-nano', 'claude-opus-5'])).toEqual([
      'gpt-5-mini',
      'gpt-5-nano',
    ]);
    expect(nearestNames('b', ['d', 'a', 'c'], 2)).toEqual(['a', 'c']);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('gorq', 'groq')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });

  it('is a symmetric distance, zero only for equal texts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        const distance = editDistance(left, right);
        expect(distance).toBe(editDistance(right, left));
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
      }),
    );
  });

  it('always finds a name after one edit of a longer one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (name, seed) => {
        const at = seed % name.length;
        expect(nearestName(name.slice(0, at) + name.slice(at + 1), [name, 'ZZZZZZZZZZZZZZZZ'])).toBe(name);
      }),
    );
  });

  it('stays quick on names of a megabyte', () => {
    expect(nearestName('x'.repeat(1_000_000), ['gpt-5', 'x'.repeat(1_000_000)])).toBe('x'.repeat(1_000_000));
  });
});
