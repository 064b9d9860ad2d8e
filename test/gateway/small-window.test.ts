import { expect, it } from 'vitest';
import { failure, model, settingsFor } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';
import { gatewayOf } from './gateway-pair.ts';

it('says of a request that fits no window what would have to shrink for the largest', async () => {
  const { ask } = await gatewayOf({
    providers: [
      createScriptedProvider('first', () => answer('no')),
      createScriptedProvider('second', () => answer('no')),
    ],
    models: [model('first/a', { contextTokens: 1_000 }), model('second/b', { contextTokens: 2_000 })],
    settings: [settingsFor('first', 'openai'), settingsFor('second', 'openai')],
  });
  expect(await failure(ask('hello', {}, { maxOutputTokens: 5_000 }))).toMatchObject({
    code: 'context_too_long',
    overflow: { inputTokens: expect.any(Number), outputTokens: 4_000, contextTokens: 2_000 },
  });
});
