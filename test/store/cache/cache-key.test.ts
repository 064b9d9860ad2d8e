import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImagePart } from '../../../src/core/message.ts';
import type { CacheKeyFields } from '../../../src/core/ports.ts';
import { cacheKeyOf } from '../../../src/store/cache/cache-key.ts';

const ASKED: CacheKeyFields = {
  tenant: 'local',
  model: 'groq/llama',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};
const text = (said: string) => ({ type: 'text' as const, text: said });
const image = (source: ImagePart['source']) => ({
  role: 'user' as const,
  content: [{ type: 'image' as const, source }],
});

it('a key covers every field and the tenant, and nothing of their order', () => {
  const base: CacheKeyFields = {
    ...ASKED,
    maxOutputTokens: 10,
    temperature: 0.5,
    tools: [{ name: 'add', inputSchema: { type: 'object' } }],
    toolChoice: 'auto',
    responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' } },
  };
  const changed: CacheKeyFields[] = [
    base,
    { ...base, tenant: 'other' },
    { ...base, model: 'groq/qwen' },
    { ...base, abilities: { capabilities: ['json-schema'] } },
    { ...base, abilities: { capabilities: ['json-schema'], outputTokensMax: 10 } },
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
    { ...base, messages: [{ role: 'system', content: [{ type: 'text', text: 'Hi' }] }] },
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: '\ud800' }] }] },
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: '\ud801' }] }] },
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: '\ufffd' }] }] },
    ...['H|i', 'Hi||', 'Hi text 2:Hi', 'Hi|Hi', 'Hi\nuser text 2:Hi', '{"text":"Hi","type":"text"}'].map((texts) => ({
      ...base,
      messages: [{ role: 'user' as const, content: texts.split('|').map((text) => ({ type: 'text' as const, text })) }],
    })),
    { ...base, messages: [...base.messages, ...base.messages] },
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cacheBreakpoint: '5m' }] }] },
    ...['x'.repeat(2_000), 'y'.repeat(2_000), `${'x'.repeat(2_000)}\ud800`, `${'x'.repeat(2_000)}\ud801`].map(
      (text) => ({
        ...base,
        messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }],
      }),
    ),
    ...[1_999, 2_000, 2_001].map((length) => ({
      ...base,
      messages: [{ role: 'user' as const, content: [text('x'.repeat(length)), text('x'.repeat(4_000 - length))] }],
    })),
    ...[
      { type: 'tool-result' as const, toolCallId: 'a', toolName: 'add', text: '' },
      { type: 'tool-result' as const, toolCallId: 'a', toolName: 'add', text: '3' },
      { type: 'tool-result' as const, toolCallId: 'b', toolName: 'add', text: '3' },
      { type: 'tool-result' as const, toolCallId: 'a', toolName: 'add', text: '3', isError: true },
    ].map((part) => ({ ...base, messages: [{ role: 'tool' as const, content: [part] }] })),
    ...[
      { type: 'tool-call' as const, id: 'a', name: 'add', argumentsJson: '{}' },
      { type: 'tool-call' as const, id: 'a', name: 'add', argumentsJson: '{ }' },
      { type: 'tool-call' as const, id: 'b', name: 'add', argumentsJson: '{}' },
      { type: 'reasoning' as const, text: '{}' },
      { type: 'reasoning' as const, text: '' },
      { type: 'reasoning' as const, text: '{}', vendorState: { kind: 'gemini' as const, value: 'x' } },
    ].map((part) => ({ ...base, messages: [{ role: 'assistant' as const, content: [part] }] })),
    ...['aGk=', 'aGs='].flatMap((base64) =>
      ['image/png', 'image/gif'].map((mediaType) => ({
        ...base,
        messages: [image({ type: 'data', mediaType, base64 })],
      })),
    ),
    { ...base, messages: [image({ type: 'url', url: 'https://example.com/a.png' })] },
    ...[{}, { description: '' }, { description: 'Adds' }, { description: 'adds' }].map((more) => ({
      ...base,
      tools: [{ name: 'sum', inputSchema: { type: 'object' }, ...more }],
    })),
    { ...base, maxOutputTokens: 11 },
    { ...base, temperature: 0 },
    { ...base, tools: [] },
    { ...base, toolChoice: 'none' },
    { ...base, responseFormat: { type: 'json-schema', name: 'answer', schema: {} } },
    ASKED,
  ];
  const keys = changed.map(cacheKeyOf);
  expect(new Set(keys).size).toBe(changed.length);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  fc.assert(
    fc.property(fc.shuffledSubarray(Object.entries(base), { minLength: Object.keys(base).length }), (entries) => {
      expect(cacheKeyOf(Object.fromEntries(entries) as CacheKeyFields)).toBe(keys[0]);
    }),
  );
});

it('a key does not depend on the order in which a schema or a part has its properties', () => {
  const [one, other] = [
    { type: 'object', properties: { a: { type: 'string', description: 'A' }, b: {} } },
    { properties: { b: {}, a: { description: 'A', type: 'string' } }, type: 'object' },
  ].map((inputSchema) => [
    cacheKeyOf({ ...ASKED, tools: [{ name: 'add', description: 'Adds', inputSchema }] }),
    cacheKeyOf({ ...ASKED, responseFormat: { type: 'json-schema', name: 'sum', schema: inputSchema } }),
  ]);
  expect(one).toEqual(other);
  const [part, turned] = [
    { type: 'tool-result' as const, toolCallId: 'a', toolName: 'add', text: '3' },
    { text: '3', toolName: 'add', toolCallId: 'a', type: 'tool-result' as const },
  ].map((result) => cacheKeyOf({ ...ASKED, messages: [{ role: 'tool', content: [result] }] }));
  expect(part).toBe(turned);
});
