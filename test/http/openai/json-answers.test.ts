import { expect, test } from 'vitest';
import { openService } from './service.ts';

test.each([
  ['puts a fence around it', (text: string) => `\`\`\`json\n${text}\n\`\`\``],
  ['says before it what it thinks', (text: string) => `<think>{"b":2}?</think>\n${text}`],
])('JSON that was asked for is JSON in each API, also where the model %s', async (_what, wrapped) => {
  const own = await openService(['openai-compatible']);
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
  const messages = [{ role: 'user', content: 'Hello' }];
  const format = { type: 'json_schema', name: 'a', schema };
  const text = '{"a":1}';
  const chat = { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } };
  const asked = [
    ['/v1/chat/completions', { messages, ...chat }, { choices: [{ message: { content: text } }] }],
    [
      '/v1/responses',
      { input: 'Hi', text: { format } },
      { output: expect.arrayContaining([expect.objectContaining({ content: [expect.objectContaining({ text })] })]) },
    ],
    [
      '/v1/messages',
      { messages, max_tokens: 100, output_config: { format: { type: 'json_schema', schema } } },
      { content: expect.arrayContaining([expect.objectContaining({ text })]) },
    ],
  ] as const;
  try {
    for (const [path, body, expected] of asked) {
      own.upstream('openai-compatible').script({ say: { text: wrapped(text) } });
      const response = await own.post(path, { model: 'auto', ...body });
      expect(await response.json()).toMatchObject(expected);
      own.upstream('openai-compatible').script({ say: { text: wrapped(text) } });
      const streamed = await own.post(path, { model: 'auto', ...body, stream: true }, { 'x-signalbox-cache': 'off' });
      const told = await streamed.text();
      expect(told).toContain('{\\"a');
      expect(told).not.toMatch(/```|think>/);
    }
  } finally {
    await own.close();
  }
});
