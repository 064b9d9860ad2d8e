import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { CHAT_FIELDS } from '../../../src/http/openai/chat-fields.ts';
import { readEmbeddingCall } from '../../../src/http/openai/embedding-fields.ts';
import type { RequestOptions } from '../../../src/http/openai/shared/request-draft.ts';
import { toChatRequest } from '../../../src/http/openai/to-chat-request.ts';

const ask = { model: 'openai/some-model', messages: [{ role: 'user', content: 'Hello?' }] };
const options: RequestOptions = {
  caller: { tenant: 'tests', client: 'test' },
  unsupportedParameters: 'reject',
  routing: (model) => ({ model, cache: 'use' }),
};

/** Any JSON, with the names of fields where they hurt most. */
const words = [
  'role',
  'content',
  'type',
  'text',
  'function',
  'name',
  'user',
  'assistant',
  'tool',
  'tool_calls',
  'id',
  'url',
];
const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(null, true, -0, 1e308, 2 ** 53, '', ...words),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words, 'toString', 'constructor'), fc.string()), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;

test('whatever stands in a field, it is understood or refused in one sentence that names a field', () => {
  const fields = [...CHAT_FIELDS.keys(), 'toString', 'Model'];
  const fault = (read: () => unknown): unknown => {
    try {
      read();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  fc.assert(
    fc.property(fc.constantFrom(...fields), anyJson, (field, value) => {
      const body = { ...ask, [field]: value } as JsonObject;
      for (const error of [
        fault(() => toChatRequest(body, options)),
        fault(() => readEmbeddingCall({ model: 'm', input: 'x', ...body })),
      ]) {
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(GatewayError);
        expect((error as GatewayError).param).toEqual(expect.any(String));
        expect((error as GatewayError).message.length).toBeLessThan(1_000);
      }
    }),
    { numRuns: 3_000 },
  );
});
