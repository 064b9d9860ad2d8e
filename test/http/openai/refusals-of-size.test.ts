import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

const user = { role: 'user', content: 'Hello?' };
const toolCall = { id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } };
const calling = { role: 'assistant', content: null, tool_calls: [toolCall] };

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
