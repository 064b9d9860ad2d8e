import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai', 'anthropic', 'gemini']);
});
afterAll(() => service.close());

const asked = { role: 'user', content: 'Look.' };
const parameters = { type: 'object', properties: {} };

/** The same turn in each dialect: a call by that name, and that there is no such tool. */
const TURNS: Readonly<Record<string, (name: string) => object>> = {
  '/v1/chat/completions': (name) => ({
    messages: [
      asked,
      { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name, arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'a', content: 'No such tool.' },
    ],
    tools: [{ type: 'function', function: { name: 'look', parameters } }],
  }),
  '/v1/responses': (name) => ({
    input: [
      asked,
      { type: 'function_call', call_id: 'a', name, arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'No such tool.' },
    ],
    tools: [{ type: 'function', name: 'look', parameters }],
  }),
  '/v1/messages': (name) => ({
    max_tokens: 100,
    messages: [
      asked,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name, input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'No such tool.' }] },
    ],
    tools: [{ name: 'look', input_schema: parameters }],
  }),
};

const CASES = Object.keys(TURNS).flatMap((path) =>
  (['openai', 'anthropic', 'gemini'] as const).map((kind) => [path, kind] as const),
);

test.each(CASES)(
  'a tool that a model made up may be in the conversation: %s, %s is told of it by a name it takes',
  async (path, kind) => {
    const body = { model: `${kind}/${MODEL}`, ...TURNS[path]?.('functions.look<|channel|>') };
    expect((await service.post(path, body)).status).toBe(200);
    const sent = JSON.stringify(service.upstream(kind).requests.at(-1)?.body);
    expect(sent).toContain('"functions_look__channel__"');
    expect(sent).not.toContain('functions.look');
  },
);

test.each(Object.keys(TURNS))('a call without a name is none: %s', async (path) => {
  expect((await service.post(path, { model: `openai/${MODEL}`, ...TURNS[path]?.('') })).status).toBe(400);
});
