import { afterAll, beforeAll, expect, it } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from '../openai/service.ts';

const KINDS = ['openai', 'groq', 'openai-compatible'] as const;

let service: Service;
beforeAll(async () => {
  const catalogued = KINDS.map((kind) => [`${kind}/${MODEL}`, { contextTokens: 32_768, capabilities: ['tools'] }]);
  service = await openService(KINDS, { config: { models: Object.fromEntries(catalogued) } });
});
afterAll(() => service.close());

it.each(
  KINDS.flatMap((kind) => [
    [kind, '{"at":"x', JSON.stringify({ invalid_arguments: '{"at":"x' })] as const,
    [kind, '[1]', JSON.stringify({ invalid_arguments: '[1]' })] as const,
    [kind, '', '{}'] as const,
    [kind, '{ "at": 12345678901234567890 }', '{ "at": 12345678901234567890 }'] as const,
  ]),
)('%s, which may parse the arguments of the conversation, is given an object for %j', async (kind, written, sent) => {
  const response = await service.post('/v1/responses', {
    model: `${kind}/${MODEL}`,
    input: [
      { role: 'user', content: 'Look.' },
      { type: 'function_call', call_id: 'a', name: 'look', arguments: written },
      { type: 'function_call_output', call_id: 'a', output: 'The arguments are no JSON.' },
    ],
    tools: [{ type: 'function', name: 'look' }],
  });
  expect(response.status).toBe(200);
  expect(service.upstream(kind).requests.at(-1)?.body).toMatchObject({
    messages: [{ role: 'user' }, { tool_calls: [{ function: { name: 'look', arguments: sent } }] }, { role: 'tool' }],
  });
});
