import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json/json.ts';
import { failure } from '../support/gateway.ts';
import { asking, PERSON } from './asking-with-schema.ts';

/** Few words that stand for 2^times checks of the same value. */
function doubling(times: number): JsonObject {
  const twice = (index: number) => ({ allOf: [{ $ref: `#/$defs/d${index}` }, { $ref: `#/$defs/d${index}` }] });
  const definitions = Array.from({ length: times }, (_, index) => [`d${index}`, twice(index + 1)]);
  return { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(definitions), [`d${times}`]: { type: 'object' } } };
}

function nested(depth: number): JsonObject {
  let schema: JsonObject = {};
  for (let level = 0; level < depth; level += 1) schema = { properties: { a: schema } };
  return schema;
}

describe('a schema of answers', () => {
  it.each([
    ['a remote reference', { $ref: 'https://example.com/schema.json' }],
    ['an unknown type', { type: 'strnig' }],
    ['a broken pattern', { type: 'string', pattern: '([' }],
    ['a reference to nowhere', { $ref: '#/$defs/missing' }],
    ['a reference to what every object has', { $ref: '#/$defs/constructor', $defs: {} }],
    ['a reference to no schema', { $ref: '#/$defs', $defs: { a: {} } }],
    ['a reference into data', { $ref: '#/const/a', const: { a: {} } }],
    ['a condition that leads back to itself', { if: { $ref: '#' } }],
    ['a reference to itself', { $ref: '#' }],
    [
      'references in a circle',
      { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } } },
    ],
    ['references that double 30 times', doubling(30)],
    ['a text where a schema belongs', { type: 'object', properties: { a: 'string' } }],
    ['a text where a list belongs', { required: 'a' }],
    ['a text where a number belongs', { properties: { a: { minimum: '1' } } }],
    ['a broken pattern of a key', { patternProperties: { '([': {} } }],
    ['no alternatives', { anyOf: [] }],
    ['no end of depth', nested(50_000)],
    ['what nobody here can check', { $dynamicRef: '#meta' }],
  ] as readonly (readonly [string, JsonObject])[])(
    'is refused before anything is sent when the schema has %s',
    async (_what, schema) => {
      const { result, provider, books } = await asking(schema, '{}');
      expect(await failure(result())).toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('json_schema'),
      });
      expect(provider.calls).toHaveLength(0);
      expect(await books()).toEqual([]);
    },
  );

  it('is refused with the reason: a circle, or too many schemas for one value', async () => {
    const circle = await asking({ $ref: '#' }, '{}');
    expect((await failure(circle.result())).message).toMatch(/circle\.$/);
    const wide = await asking({ allOf: Array.from({ length: 10_000 }, () => ({ minProperties: 1 })) }, '{}');
    expect((await failure(wide.result())).message).toMatch(/more than 10,000 schemas.*allOf/);
  });

  it.each<[string, JsonObject, fitting: string, unfit: string]>([
    ['without a type', { properties: { a: { type: 'number' } }, required: ['a'] }, '{"a":1}', '{"a":"1"}'],
    ['inside without a type', { properties: { a: { pattern: '^x$' } } }, '{"a":"x"}', '{"a":"y"}'],
    ['of a type that a keyword does not concern', { properties: { a: { minimum: 5 } } }, '{"a":"text"}', '{"a":1}'],
    ['required without a schema', { type: 'object', required: ['a'] }, '{"a":null}', '{}'],
    ['required with an empty schema', { type: 'object', properties: { a: {} }, required: ['a'] }, '{"a":[]}', '{}'],
    ['required with a default', { properties: { a: { default: 1 } }, required: ['a'] }, '{"a":2}', '{}'],
    [
      'required where the others have a schema',
      { additionalProperties: { type: 'number' }, required: ['a'] },
      '{"a":1}',
      '{"a":"x"}',
    ],
    ['anyOf of required names', { anyOf: [{ required: ['a'] }, { required: ['b'] }] }, '{"b":1}', '{"c":1}'],
    [
      'beside a reference',
      { properties: { a: { $ref: '#/$defs/t', minLength: 3 } }, $defs: { t: { type: 'string' } } },
      '{"a":"abc"}',
      '{"a":"ab"}',
    ],
    ['beside an enum', { properties: { a: { enum: ['x', 'long'], minLength: 2 } } }, '{"a":"long"}', '{"a":"x"}'],
    [
      'at its root',
      { $ref: '#/$defs/p', $defs: { p: PERSON } },
      '{"name":"Ada","age":1}',
      '{"name":"Ada","age":1,"b":1}',
    ],
    ['of a list of anything', { properties: { a: { type: 'array', minItems: 1 } } }, '{"a":[0]}', '{"a":[]}'],
    ['with a constant object', { properties: { a: { const: { b: [1] } } } }, '{"a":{"b":[1]}}', '{"a":{"b":[2]}}'],
    ['with not', { properties: { a: { not: { type: 'string' } } } }, '{"a":1}', '{"a":"1"}'],
    ['with a condition', { if: { required: ['a'] }, else: { required: ['b'] } }, '{"a":1}', '{"c":1}'],
    ['with names that depend on others', { dependentRequired: { a: ['b'] } }, '{"b":1}', '{"a":1}'],
    [
      'with a reference to another field',
      { properties: { a: { type: 'object', properties: { b: { type: 'number' } } }, c: { $ref: '#/properties/a' } } },
      '{"c":{"b":1}}',
      '{"c":{"b":"1"}}',
    ],
    [
      'with a definition of a name that is written in percents',
      { properties: { a: { $ref: '#/definitions/List%3Ca~1b%3E' } }, definitions: { 'List<a/b>': { type: 'array' } } },
      '{"a":[]}',
      '{"a":1}',
    ],
    [
      'with definitions whose names are written in more percents than need be',
      { properties: { a: { $ref: '#/%24defs/Map%3Cx%2Cy%3E' } }, $defs: { 'Map<x,y>': { type: 'array' } } },
      '{"a":[]}',
      '{"a":1}',
    ],
    [
      'with a reference to whatever there may be',
      { properties: { a: { $ref: '#/$defs/any' }, b: { $ref: '#/$defs/none' } }, $defs: { any: true, none: false } },
      '{"a":1}',
      '{"b":1}',
    ],
    [
      'with values that may be null as OpenAPI 3.0 says it',
      { properties: { a: { type: 'string', nullable: true }, b: { type: 'string', nullable: false } } },
      '{"a":null,"b":"x"}',
      '{"a":"x","b":null}',
    ],
    ['with "#" of any type', { properties: { a: { $ref: '#' } }, minProperties: 1 }, '{"a":1}', '{"a":{}}'],
    [
      'with formats that nobody knows',
      { properties: { a: { format: 'isPrototypeOf' }, b: { format: '__proto__' }, c: { format: 'date' } } },
      '{"a":"x","b":"x","c":"2026-11-22"}',
      '{"a":"x","b":"x","c":"x"}',
    ],
    ['with names cut in half', { additionalProperties: { type: 'number' } }, '{"a":1}', '{"\\ud800":"1"}'],
    [
      'with a backslash too many',
      { properties: { a: { pattern: '^\\d\\-[\\w\\-\\@]$' } } },
      '{"a":"1-@"}',
      '{"a":"1@-"}',
    ],
    [
      'with a dash beside a set',
      { properties: { a: { pattern: '^[\\w-\\.]+@([\\w-]+\\.)+[\\w-]{2,4}$' } } },
      '{"a":"a-b.c@d-e.org"}',
      '{"a":"a b@c.org"}',
    ],
    [
      'with braces and a bracket that end nothing',
      { properties: { a: { pattern: '^{{\\w+}}]$' } } },
      '{"a":"{{name}}]"}',
      '{"a":"{name}]"}',
    ],
    ['with letters of all the world', { properties: { a: { pattern: '^\\p{L}+$' } } }, '{"a":"é"}', '{"a":"1"}'],
    [
      'with examples that look like schemas',
      { properties: { a: { type: 'number', example: { id: 'x' } }, b: { example: { id: 'x', $ref: '#/nowhere' } } } },
      '{"a":1}',
      '{"a":"1"}',
    ],
    [
      'anyOf beside allOf',
      { properties: { a: { anyOf: [{ type: 'string' }], allOf: [{ maxLength: 2 }] } } },
      '{"a":"x"}',
      '{"a":1}',
    ],
  ])('is held to all of it: %s', async (_, schema, fitting, unfit) => {
    const well = await asking(schema, fitting);
    expect((await well.result()).data).toEqual(JSON.parse(fitting));
    const ill = await asking(schema, unfit);
    expect((await failure(ill.result())).code).toBe('all_failed');
  });

  it('may be described recursively', async () => {
    const tree: JsonObject = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { children: { type: 'array', items: { $ref: '#/$defs/node' } } },
          required: ['children'],
        },
      },
    };
    const { result } = await asking(tree, '{"children":[{"children":[]}]}');
    expect((await result()).data).toEqual({ children: [{ children: [] }] });
  });

  it('defaults that differ stand for no value, and contradict nothing', async () => {
    const told = (value: number) => ({ type: 'object', properties: { a: { type: 'number', default: value } } });
    const { result } = await asking({ allOf: [told(1), told(2)] }, '{}');
    expect((await result()).data).toEqual({});
  });
});
