import { expect, it, onTestFinished } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService } from '../openai/service.ts';

// The id of a message at Discord: JavaScript would make it 1234567890123456800.
const WRITTEN = '{"message":1234567890123456789,"of":[-9007199254740993,0.5,1e999]}';
const HELLO = { role: 'user', content: 'Hello' };

async function giveBack(input: string) {
  const service = await openService(['openai']);
  onTestFinished(() => service.close());
  const call = { type: 'tool_use', id: 'toolu_1', name: 'look', input: '@' };
  const answered = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Seen.' }] };
  const messages = [HELLO, { role: 'assistant', content: [call] }, answered];
  const body = JSON.stringify({ model: `openai/${MODEL}`, max_tokens: 9, messages });
  const response = await service.post('/v1/messages', body.replace('"@"', input));
  return { response, sent: service.upstream('openai').requests };
}

it('the arguments of a call that the client gives back reach the model as it wrote them', async () => {
  const { response, sent } = await giveBack(WRITTEN);
  expect(response.status).toBe(200);
  const made = { function: { arguments: WRITTEN } };
  expect(sent[0]?.body).toMatchObject({ messages: [HELLO, { tool_calls: [made] }, {}] });
});

it('a number in place of the arguments is refused, however long', async () => {
  const { response, sent } = await giveBack('1234567890123456789');
  expect(response.status).toBe(400);
  const message = '"messages[1].content[0].input" must be an object, not 1234567890123456789.';
  expect(await response.json()).toMatchObject({ error: { message } });
  expect(sent).toHaveLength(0);
});

it.each([
  ['"messages" must be a list', '@'],
  ['"messages[0]" must be an object', ['@']],
  ['"messages[0].content[0]" must be an object', [{ ...HELLO, content: ['@'] }]],
  ['"messages[0].content[0].text" must be a text', [{ ...HELLO, content: [{ type: 'text', text: '@' }] }]],
  ['"messages[0].role" must be one of user, assistant, system', [{ ...HELLO, role: '@' }]],
])('%s, not a long number', async (fault, messages) => {
  const service = await openService(['openai']);
  onTestFinished(() => service.close());
  const body = JSON.stringify({ model: `openai/${MODEL}`, max_tokens: 9, messages });
  const response = await service.post('/v1/messages', body.replace('"@"', '1234567890123456789'));
  expect(await response.json()).toMatchObject({ error: { message: `${fault}, not 1234567890123456789.` } });
});

it.each(['/v1/messages', '/v1/chat/completions', '/v1/responses'])(
  'the arguments of a call in a whole answer of Anthropic reach the client of %s as the model wrote them',
  async (path) => {
    const service = await openService(['anthropic']);
    onTestFinished(() => service.close());
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: '@' }];
    const usage = { input_tokens: 3, output_tokens: 2 };
    const answer = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content,
      stop_reason: 'tool_use',
      usage,
    };
    const body = JSON.stringify(answer).replace('"@"', WRITTEN);
    const headers = { 'content-type': 'application/json' };
    service.upstream('anthropic').script({ fault: { type: 'replace', body, headers } });
    const asked = { model: `anthropic/${MODEL}`, max_tokens: 9, messages: [HELLO] };
    const response = await service.post(
      path,
      path === '/v1/responses' ? { model: asked.model, input: 'Hello' } : asked,
    );
    const text = await response.text();
    expect(text.replaceAll('\\', '')).toContain(WRITTEN);
  },
);
