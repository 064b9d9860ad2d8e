import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PassingMap } from '../../../src/core/collections/passing-map.ts';

const key = fc.oneof(fc.integer({ min: 0, max: 2_000 }).map(String), fc.string({ maxLength: 3 }));
const step = fc.oneof(
  fc.record({ type: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ type: fc.constant('delete' as const), key }),
  fc.constant({ type: 'halve' as const }),
);

it('holds what a map would, in the same order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const passing = new PassingMap<number>();
      const map = new Map<string, number>();
      for (const one of steps) {
        if (one.type === 'set') {
          passing.set(one.key, one.value);
          map.set(one.key, one.value);
        } else if (one.type === 'delete') {
          passing.delete(one.key);
          map.delete(one.key);
        } else {
          passing.halve();
          for (const old of [...map.keys()].slice(0, Math.ceil(map.size / 2))) map.delete(old);
        }
      }
      expect([passing.size, passing.values()]).toEqual([map.size, [...map.values()]]);
      for (const [known, value] of map) expect(passing.get(known)).toBe(value);
      expect(passing.get('not there')).toBeUndefined();
    }),
  );
});

it('finds its entries when there are far more of them than lists', () => {
  const passing = new PassingMap<number>();
  for (let at = 0; at < 10_000; at += 1) passing.set(`key ${at}`, at);
  expect([passing.size, passing.get('key 0'), passing.get('key 9999')]).toEqual([10_000, 0, 9_999]);
  passing.halve();
  expect([passing.size, passing.get('key 4999'), passing.get('key 5000')]).toEqual([5_000, undefined, 5_000]);
});
