import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/core/json/json.ts';
import type { Message } from '../../../../src/core/message.ts';
import {
  fitsStrictMode,
  schemaName,
  withFormatInstruction,
} from '../../../../src/providers/shared/translation/json-output.ts';

const CLOSED = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };

describe('strict mode', () => {
  it.each<[string, JsonObject]>([
    ['a closed object with all fields required', CLOSED],
    ['nested closed objects', { ...CLOSED, properties: { a: { type: 'array', items: CLOSED } } }],
    ['alternatives of closed objects', { ...CLOSED, properties: { a: { anyOf: [CLOSED, { type: 'null' }] } } }],
    ['a field that is called not', { ...CLOSED, properties: { not: { type: 'string' } }, required: ['not'] }],
    ['a field that is called properties', { ...CLOSED, properties: { properties: CLOSED }, required: ['properties'] }],
    ['a definition that is called properties', { ...CLOSED, $defs: { properties: CLOSED } }],
    ['an old definition that is called properties', { ...CLOSED, definitions: { properties: CLOSED } }],
    ...['default', 'const'].map((key): [string, JsonObject] => [
      `a ${key} that looks like an open object`,
      { ...CLOSED, properties: { a: { [key]: { type: 'object' } } } },
    ]),
    ...['enum', 'examples'].map((key): [string, JsonObject] => [
      `${key} that look like open objects`,
      { ...CLOSED, properties: { a: { [key]: [{ type: 'object' }] } } },
    ]),
  ])('takes %s', (_name, schema) => {
    expect(fitsStrictMode(schema)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['an open object', { type: 'object', properties: {} }],
    ['an optional field', { ...CLOSED, required: [] }],
    ['an open object deep inside', { ...CLOSED, properties: { a: { type: 'array', items: { type: 'object' } } } }],
    ['an open definition', { ...CLOSED, $defs: { b: { type: ['object', 'null'] } } }],
    ['an open alternative', { ...CLOSED, properties: { a: { anyOf: [CLOSED, { type: 'object' }] } } }],
    ['alternatives at its root', { anyOf: [CLOSED, CLOSED] }],
    ['a list without repeats', { ...CLOSED, properties: { a: { type: 'array', items: CLOSED, uniqueItems: true } } }],
    ['fields by pattern', { ...CLOSED, patternProperties: { '^x': { type: 'string' } } }],
    ['an open object that is one by its fields alone', { properties: {} }],
    ['fields of which none is said to be required', { ...CLOSED, required: null }],
    ['a choice by oneOf', { ...CLOSED, properties: { a: { oneOf: [CLOSED, { type: 'null' }] } } }],
    ['allOf', { ...CLOSED, properties: { a: { allOf: [{ type: 'string' }] } } }],
    ['not', { ...CLOSED, properties: { a: { type: 'string', not: { const: 'x' } } } }],
    ['a condition', { ...CLOSED, if: { const: 1 }, else: CLOSED }],
    ['dependent fields', { ...CLOSED, dependentRequired: { a: [] } }],
  ])('does not take %s', (_name, schema) => {
    expect(fitsStrictMode(schema)).toBe(false);
  });
});

it('asks for the schema after the system messages of the caller', () => {
  const system: Message = { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] };
  const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
  const messages = withFormatInstruction([system, user], { type: 'json-schema', name: 'x', schema: CLOSED });
  expect(messages.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
  expect(JSON.stringify(messages[1])).toContain('additionalProperties');
});

it('makes a name vendors take', () => {
  const named = (name: string) => schemaName({ type: 'json-schema', name, schema: {} });
  expect([named('my schema/ü'), named(''), named('x'.repeat(99))]).toEqual(['my_schema__', 'answer', 'x'.repeat(64)]);
});
