import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

const LONG = 'x'.repeat(100_000);
const user = { role: 'user', content: 'Hello?' };
const toolCall = { id: LONG, type: 'function', function: { name: 'look', arguments: '{}' } };
const calling = { role: 'assistant', content: null, tool_calls: [toolCall] };
const misfit = { properties: { [LONG]: { type: 'texts' } } };

test.each<readonly [string, object]>([
  ['a bias', { logit_bias: { [LONG]: 1 } }],
  ['an unknown field', { [LONG]: 1 }],
  ['a call that stands twice', { messages: [user, { ...calling, tool_calls: [toolCall, toolCall] }] }],
  ['a call without a result', { messages: [user, calling, user] }],
  ['a result without a call', { messages: [user, { role: 'tool', tool_call_id: LONG, content: 'x' }] }],
  ['a place in a schema', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: misfit } } }],
])('%s with a name of any length is refused in a few words', async (_name, more) => {
  const ask = { model: `openai/${MODEL}`, messages: [user], ...more };
  const response = await service.post('/v1/chat/completions', ask);
  expect(response.status).toBe(400);
  expect((await response.text()).length).toBeLessThan(1_500);
});

test.each([0, 1])('no character of a name that is cut short is cut in two (%i)', async (offset) => {
  const name = 'x'.repeat(offset) + '😀'.repeat(300);
  const response = await service.post('/v1/chat/completions', {
    model: `openai/${MODEL}`,
    messages: [user],
    [name]: 1,
  });
  const { error } = (await response.json()) as { error: { param: string } };
  expect(error.param).toMatch(/^x?😀{50,}…$/u);
});

test('arguments of calls hold no more values than a body may, in however many calls', async () => {
  const calls = ['a', 'b'].map((id) => ({
    ...toolCall,
    id,
    function: { name: 'look', arguments: `[${'{},'.repeat(400_000)}{}]` },
  }));
  const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'x' }));
  const messages = [user, { ...calling, tool_calls: calls }, ...results];
  const response = await service.post('/v1/chat/completions', { model: `openai/${MODEL}`, messages });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('more than 1,500,000 values');
});
