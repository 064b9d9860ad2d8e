import { expect, it, onTestFinished } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { refusal } from '../../providers/openai-calls.ts';
import { openService } from '../openai/service.ts';

it('a request is answered although the model taught two things about its form first', async () => {
  const service = await openService(['openai-compatible']);
  onTestFinished(() => service.close());
  const vendor = service.upstream('openai-compatible');
  vendor.script(
    refusal(400, { message: 'Tool call id was toolu_1 but must be a-z, A-Z, 0-9, with a length of 9.', code: '3280' }),
    refusal(400, { message: "Unexpected role 'user' after role 'tool'", code: '3230' }),
  );
  const seen = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Seen.' };
  const messages = [
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
    { role: 'user', content: [seen, { type: 'text', text: 'Well?' }] },
  ];
  const body = JSON.stringify({ model: `openai-compatible/${MODEL}`, max_tokens: 9, messages });
  const response = await service.post('/v1/messages', body);
  expect([response.status, await response.json()]).toMatchObject([200, { stop_reason: 'end_turn' }]);
  const id = expect.stringMatching(/^[a-zA-Z0-9]{9}$/);
  const tool_calls = [expect.objectContaining({ id })];
  const sent = [{}, { tool_calls }, { role: 'tool', tool_call_id: id }, { content: 'OK.' }, { content: 'Well?' }];
  expect(vendor.requests.at(-1)?.body).toMatchObject({ messages: sent });
  expect(vendor.requests).toHaveLength(3);
  // It is known by now.
  await service.post('/v1/messages', body.replace('Well?', 'And now?'));
  expect(vendor.requests).toHaveLength(4);
});
