import { expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/json/json.ts';
import { parseAnswerSchema } from '../../src/gateway/structured-output.ts';

const UNIQUE: JsonObject = { properties: { a: { type: 'array', uniqueItems: true } } };

function fits(schema: JsonObject, answer: JsonValue): boolean {
  return 'data' in parseAnswerSchema({ type: 'json-schema', name: 'answer', schema }).check(JSON.stringify(answer));
}

it.each<[string, JsonValue[], isUnique: boolean]>([
  ['nothing', [], true],
  ['a number and its text', [1, '1', -1, true, 'true', null, 'null'], true],
  ['lists and objects', [[1, 2], [2, 1], [[1], 2], { a: 1 }, { a: 1, b: 1 }, [], {}, ''], true],
  ['names that look like what stands for others', ['#0', [], '#1', {}, '[', '{'], true],
  ['the same number', [1, 2, 1], false],
  ['the same object in another order', [[{ x: 1, y: [] }], [{ y: [], x: 1 }]], false],
])('items that differ: %s', (_name, items, isUnique) => {
  expect(fits(UNIQUE, { a: items })).toBe(isUnique);
  expect(fits({ not: UNIQUE }, { a: items })).toBe(!isUnique);
  // Elsewhere they may repeat.
  expect(fits(UNIQUE, { a: items, b: [7, 7] })).toBe(isUnique);
});

it('thousands of items that have to differ are checked in their time', () => {
  const people = Array.from({ length: 12_000 }, (_, index) => ({ id: index, name: `person ${index}` }));
  expect(fits(UNIQUE, { a: people })).toBe(true);
});
