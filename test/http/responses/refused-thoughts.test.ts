import { afterAll, beforeAll, expect, it } from 'vitest';
import { toThinkingState } from '../../../src/core/content/signed-thinking.ts';
import { toCarriedState } from '../../../src/http/carried-state.ts';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from '../openai/service.ts';

let service: Service;
beforeAll(async () => {
  const models = { [`anthropic/${MODEL}`]: { contextTokens: 32_768, capabilities: ['tools', 'reasoning'] } };
  service = await openService(['anthropic'], { config: { models } });
});
afterAll(() => service.close());

const carried = toCarriedState(toThinkingState({ type: 'thinking', thinking: 'Hm.', signature: 'of another' }));
const INPUT = [
  { role: 'user', content: 'Look.' },
  { type: 'reasoning', summary: [], encrypted_content: carried },
  { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' },
  { type: 'function_call_output', call_id: 'a', output: 'Seen.' },
];
const request = (more: object) => ({
  model: `anthropic/${MODEL}`,
  tools: [{ type: 'function', name: 'look' }],
  ...more,
});

function refuse(message: string): void {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } });
  service.upstream('anthropic').script({ fault: { type: 'replace', status: 400, headers, body } });
}

const typesOf = (body: unknown) =>
  (body as { messages: { content: { type: string }[] }[] }).messages[1]?.content.map(({ type }) => type);

it.each([
  [false, 'messages.1.content.0: Invalid `signature` in `thinking` block'],
  [true, 'messages.1.content.0: Invalid `signature` in `thinking` block'],
  [false, 'messages.1.content.0.thinking.signature: Field required'],
  [false, '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.'],
])(
  'thoughts that Claude did not sign so are left out, once it refuses them (stream: %j): %s',
  async (stream, message) => {
    refuse(message);
    const input = [...INPUT, { role: 'user', content: `${stream} ${message}` }];
    const response = await service.post('/v1/responses', request({ stream, input }));
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Hello there.')]);
    const [first, second] = service.upstream('anthropic').requests.slice(-2);
    expect(typesOf(first?.body)).toEqual(['thinking', 'tool_use']);
    expect(typesOf(second?.body)).toEqual(['tool_use']);
  },
);

it('another refusal is not taken for one', async () => {
  refuse('messages.1.content.0: Invalid something');
  const before = service.upstream('anthropic').requests.length;
  const response = await service.post('/v1/responses', request({ input: INPUT }));
  expect([response.status, service.upstream('anthropic').requests.length - before]).toEqual([400, 1]);
});
