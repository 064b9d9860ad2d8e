import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findStructureFault } from '../../../src/core/json/json-structure.ts';
import { startClock } from '../../support/given-time.ts';

it.each([
  ['{"a":1,"a":2}', { key: 'a', fault: 'repeated', depth: 1 }],
  ['{"a":1,"\\u0061":2}', { key: 'a', fault: 'repeated', depth: 1 }],
  ['[{"a":1},{"a":{"b":[],"b":0}}]', { key: 'b', fault: 'repeated', depth: 3 }],
  ['{"":{},"":{}}', { key: '', fault: 'repeated', depth: 1 }],
  ['{"a\\\\":"\\"","a\\\\":1}', { key: 'a\\', fault: 'repeated', depth: 1 }],
  ['{"x":[1,{"__pro\\u0074o__":1}]}', { key: '__proto__', fault: 'forbidden', depth: 3 }],
])('finds the key in %s', (json, bad) => {
  expect(findStructureFault(json)).toEqual(bad);
});

it('finds none where JSON.stringify wrote the text, whatever it holds', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      fc.pre(!json.includes('__proto__'));
      expect(findStructureFault(json)).toBeUndefined();
    }),
  );
});

it('finds a key written a second time in any object', () => {
  const keys = fc.uniqueArray(fc.string(), { minLength: 1 });
  fc.assert(
    fc.property(keys, fc.jsonValue(), fc.nat(), (names, value, pick) => {
      const again = names[pick % names.length] ?? '';
      fc.pre(![...names, JSON.stringify(value)].some((text) => text.includes('__proto__')));
      const pairs = [...names, again].map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      expect(findStructureFault(`[0,{${pairs.join(',')}}]`)).toEqual({ key: again, fault: 'repeated', depth: 2 });
    }),
  );
});

it('reads 10 MB of backslashes and quotes once', () => {
  const json = JSON.stringify({ a: '\\"'.repeat(2_500_000) });
  const elapsedMs = startClock();
  expect(findStructureFault(json)).toBeUndefined();
  expect(elapsedMs()).toBeLessThan(2_000);
});
