import { expect, it } from 'vitest';
import type { ModelInfo } from '../../../src/core/model.ts';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import { toAnthropicRequest } from '../../../src/providers/anthropic/to-anthropic-request.ts';

const model: ModelInfo = {
  ref: 'anthropic/claude-sonnet-5-5',
  provider: 'anthropic',
  name: 'claude-sonnet-5-5',
  contextTokens: 200_000,
  capabilities: ['tools', 'json-schema'],
  tags: [],
};
const hello: ProviderRequest = { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] };

it('tells the limits of a strict tool in words, since the vendor refuses their keywords there', () => {
  const count = { type: 'integer', minimum: 1, maximum: 9 };
  const inputSchema = {
    type: 'object',
    properties: { count },
    required: ['count'],
    additionalProperties: false,
    $schema: 'http://json-schema.org/draft-07/schema#',
  };
  const [strict, loose] =
    toAnthropicRequest({
      ...hello,
      tools: [
        { name: 'strict', inputSchema, strict: true },
        { name: 'loose', inputSchema },
      ],
    }).tools ?? [];
  expect(strict).toEqual({
    name: 'strict',
    input_schema: {
      type: 'object',
      properties: { count: { type: 'integer', description: '{minimum: 1, maximum: 9}' } },
      required: ['count'],
      additionalProperties: false,
    },
    strict: true,
  });
  expect(loose).toEqual({ name: 'loose', input_schema: inputSchema });
});

it('holds no tool to a schema that leads back to itself', () => {
  const inputSchema = {
    type: 'object',
    properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
    required: ['next'],
    additionalProperties: false,
  };
  const tools = [{ name: 'list', inputSchema, strict: true }] as const;
  expect(toAnthropicRequest({ ...hello, tools }).tools).toEqual([{ name: 'list', input_schema: inputSchema }]);
});

it('calls the definitions of older drafts by the name that the vendor knows', () => {
  const town = { type: 'object', properties: {}, additionalProperties: false };
  const schema = {
    type: 'object',
    properties: { from: { $ref: '#/definitions/town' }, to: { $ref: '#/definitions/town' } },
    required: ['from', 'to'],
    additionalProperties: false,
    definitions: { town },
  };
  const body = toAnthropicRequest({ ...hello, responseFormat: { type: 'json-schema', name: 'trip', schema } });
  expect(body.output_config?.format?.schema).toEqual({
    type: 'object',
    properties: { from: { $ref: '#/$defs/town' }, to: { $ref: '#/$defs/town' } },
    required: ['from', 'to'],
    additionalProperties: false,
    $defs: { town },
  });
});

it('says of a schema that leads back to itself that it cannot be expressed', () => {
  const list = { type: 'object', properties: { next: { $ref: '#/$defs/list' } }, additionalProperties: false };
  const responseFormat = {
    type: 'json-schema',
    name: 'chain',
    schema: { $ref: '#/$defs/list', $defs: { list } },
  } as const;
  expect(() => toAnthropicRequest({ ...hello, responseFormat })).toThrow(
    expect.objectContaining({ code: 'capability_missing', message: expect.stringContaining('"chain"') }),
  );
});

it('has no union at the top of a tool, which the vendor refuses, but what all of its branches have', () => {
  const move = {
    type: 'object',
    properties: { op: { const: 'move' }, to: { type: 'string' } },
    required: ['op', 'to'],
  };
  const stop = { type: 'object', properties: { op: { const: 'stop' } }, required: ['op'] };
  const wait = { type: 'object', properties: { op: { const: 'wait' } }, required: ['op'] };
  const named = { properties: { name: { type: 'string' } }, required: ['name'] };
  const inputSchema = { oneOf: [move, { $ref: '#/$defs/stop' }, wait], allOf: [named], $defs: { stop } };
  const [tool] = toAnthropicRequest({ ...hello, tools: [{ name: 'drive', inputSchema }] }).tools ?? [];
  expect(tool).toEqual({
    name: 'drive',
    input_schema: {
      type: 'object',
      $defs: { stop },
      properties: {
        name: { type: 'string' },
        op: { anyOf: [{ const: 'move' }, { const: 'stop' }, { const: 'wait' }] },
        to: { type: 'string' },
      },
      required: ['name', 'op'],
    },
  });
});
