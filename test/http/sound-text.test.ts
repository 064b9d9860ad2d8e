import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../e2e/workplace.ts';
import { openService, type Service } from './openai/service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

const model = `openai/${MODEL}`;
/** What `cat /proc/self/environ` prints, and what is left where a client cuts a long output within a character. */
const OUTPUT = 'A=1\0B=2 \ud83d';
const user = { role: 'user', content: 'Run it.' };
const toolCall = { id: 'call_1', type: 'function', function: { name: 'run', arguments: '{}' } };
const toolUse = { type: 'tool_use', id: 'call_1', name: 'run', input: { command: 'tr "\0" x', id: 1 } };
const customCall = { type: 'custom_tool_call', call_id: 'call_1', name: 'run', input: 'tr "\0" x' };

const CONVERSATIONS: readonly (readonly [path: string, body: object])[] = [
  [
    '/v1/chat/completions',
    {
      messages: [
        user,
        { role: 'assistant', content: 'Well\0', tool_calls: [toolCall] },
        { role: 'tool', tool_call_id: 'call_1', content: OUTPUT },
      ],
    },
  ],
  [
    '/v1/responses',
    { input: [user, customCall, { type: 'custom_tool_call_output', call_id: 'call_1', output: OUTPUT }] },
  ],
  [
    '/v1/messages',
    {
      max_tokens: 9,
      messages: [
        user,
        { role: 'assistant', content: [toolUse] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: OUTPUT }] },
      ],
    },
  ],
];

describe('what tools gave back and models said', () => {
  test.each(CONVERSATIONS)('reaches a model although it is no text that all can carry: %s', async (path, body) => {
    for (const more of ['', '1234567890123456789']) {
      // A number beyond ours has the messages read a second time.
      const text = JSON.stringify({ model, ...body }).replace('"id":1}', `"id":${more || 1}}`);
      const response = await service.post(path, text);
      await response.text();
      expect(response.status).toBe(200);
      const sent = JSON.stringify(service.upstream('openai').requests.at(-1)?.body);
      expect(sent).toContain('"content":"A=1\ufffdB=2 \ufffd"');
      expect(sent).not.toMatch(/\\u0000|\\ud83d/);
    }
  });
});

test.each<readonly [path: string, body: object, fault: RegExp]>([
  ['/v1/chat/completions', { messages: [{ ...user, content: OUTPUT }] }, /NUL/],
  ['/v1/chat/completions', { messages: [{ role: 'assistant', '\0': 1 }] }, /NUL/],
  ['/v1/responses', { input: [user], instructions: '\ud83d' }, /surrogate/],
  ['/v1/messages', { max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'text', text: OUTPUT }] }] }, /NUL/],
])('what the caller writes is refused: %s', async (path, body, fault) => {
  const before = service.receivedCount();
  const response = await service.post(path, { model, ...body });
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(fault);
  expect(service.receivedCount()).toBe(before);
});
