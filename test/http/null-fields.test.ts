import { expect, it, onTestFinished } from 'vitest';
import { MODEL } from '../e2e/workplace.ts';
import { openService } from './openai/service.ts';

// Programs write null where they have nothing, also into what another server of the same API sent them.
const NOTHING = { provider_specific_fields: null };
const CALLED = { name: 'look', arguments: '{}', ...NOTHING };
const HELLO = { role: 'user', content: 'Hello' };
const TEXTS = {
  '/v1/chat/completions': {
    messages: [
      HELLO,
      { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: CALLED }], ...NOTHING },
      { role: 'tool', tool_call_id: 'call_1', content: 'Seen.' },
    ],
  },
  '/v1/responses': {
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello', ...NOTHING }] }],
  },
  '/v1/messages': {
    max_tokens: 9,
    messages: [
      HELLO,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {}, ...NOTHING }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Seen.' }] },
    ],
  },
};

it.each(Object.entries(TEXTS))('a field that nobody knows is no field where it is null: %s', async (path, body) => {
  const service = await openService(['openai']);
  onTestFinished(() => service.close());
  const ask = (more: object) => service.post(path, JSON.stringify({ model: `openai/${MODEL}`, ...body, ...more }));
  const answered = await ask(NOTHING);
  expect([answered.status, await answered.text()]).toEqual([200, expect.any(String)]);
  const refused = await ask({ provider_specific_fields: {} });
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('Unknown field \\"provider_specific_fields\\"');
});
