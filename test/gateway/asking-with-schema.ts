import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../src/core/json/json.ts';
import { model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';

export const PERSON: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** A gateway whose only model answers with these texts, the last of them ever after; `result` asks it with the schema. */
export async function asking(schema: JsonObject, ...texts: readonly string[]) {
  const provider = createScriptedProvider('only', (_request, call) => answer(texts[call - 1] ?? texts.at(-1) ?? ''));
  const { ask, books, close } = await openGateway({ providers: [provider], models: [model('only/m')] });
  onTestFinished(close);
  return {
    provider,
    books,
    result: () => ask('Who?', {}, { responseFormat: { type: 'json-schema', name: 'person', schema } }),
  };
}
