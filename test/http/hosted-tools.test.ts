import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../e2e/workplace.ts';
import { openService, type Service } from './openai/service.ts';

let refusing: Service;
let dropping: Service;
beforeAll(async () => {
  refusing = await openService(['openai']);
  dropping = await openService(['openai'], { unsupportedParameters: 'drop' });
});
afterAll(async () => {
  await refusing.close();
  await dropping.close();
});

const model = `openai/${MODEL}`;
const own = { type: 'function', name: 'look', parameters: { type: 'object' } };
const ownOfClaude = { name: 'look', input_schema: { type: 'object' } };
const developer = { type: 'additional_tools', role: 'developer' };
const user = { role: 'user', content: 'Hello' };
type Case = readonly [what: string, path: string, asked: object, dropped: string];
/** What agents offer beside their own tools: Codex, Cline with OpenAI's own API, programs for Claude. */
const BESIDE: readonly Case[] = [
  [
    'of Responses',
    '/v1/responses',
    { input: 'Hello', tools: [{ type: 'web_search' }, own, { type: 'image_generation', output_format: 'png' }] },
    'tools[0], tools[2]',
  ],
  [
    'that an input adds',
    '/v1/responses',
    { input: [user, { ...developer, tools: [own, { type: 'web_search_preview_2025_03_11' }] }] },
    'input[1].tools[1]',
  ],
  [
    'of Messages',
    '/v1/messages',
    { messages: [user], max_tokens: 10, tools: [{ type: 'web_search_20250305', name: 'web_search' }, ownOfClaude] },
    'tools[0]',
  ],
  [
    'that are counted',
    '/v1/messages/count_tokens',
    { messages: [user], tools: [ownOfClaude, { type: 'code_execution_20260521', name: 'code_execution' }] },
    'tools[1]',
  ],
];

describe('tools that their vendor runs', () => {
  test.each(BESIDE)(
    '%s are left out beside others and named, where the policy is to drop',
    async (_, path, asked, dropped) => {
      const response = await dropping.post(path, { model, ...asked });
      const body = (await response.json()) as { tools?: unknown };
      expect(response.status).toBe(200);
      expect(response.headers.get('x-signalbox-dropped-parameters')).toBe(dropped);
      if (path === '/v1/responses' && 'tools' in asked) expect(body.tools).toMatchObject([own]);
      const [sent] = dropping.upstream('openai').requests.slice(-1);
      if (path !== '/v1/messages/count_tokens') {
        expect(sent?.body).toMatchObject({ tools: [{ function: { name: 'look' } }] });
      }
    },
  );

  test.each(BESIDE)('%s are refused otherwise', async (_, path, asked, dropped) => {
    const response = await refusing.post(path, { model, ...asked });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`\\"${dropped.split(', ')[0]}.type\\"`);
    expect(refusing.receivedCount()).toBe(0);
  });

  test.each([
    ['/v1/responses', { input: 'What is new?', tools: [{ type: 'web_search' }] }],
    ['/v1/messages', { messages: [user], max_tokens: 9, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ])('a request that offers nothing else is about them, and refused: %s', async (path, asked) => {
    const before = dropping.receivedCount();
    const response = await dropping.post(path, { model, ...asked });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('tools[0].type');
    expect(dropping.receivedCount()).toBe(before);
  });

  test('what they found may be included, since nothing was', async () => {
    const include = ['web_search_call.action.sources', 'code_interpreter_call.outputs'];
    const response = await refusing.post('/v1/responses', { model, input: 'Hello', include });
    expect(response.status).toBe(200);
    await response.text();
  });
});

test('what OpenAI ran itself in an earlier turn is left out and named, with no other tools too', async () => {
  const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } };
  const asked = { model, input: [user, search, { role: 'assistant', content: 'It rains.' }, user] };
  const response = await dropping.post('/v1/responses', asked);
  await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('x-signalbox-dropped-parameters')).toBe('input[1]');
  const refused = await refusing.post('/v1/responses', asked);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('input[1].type');
});

test('leave to shorten a prompt is dropped like a parameter', async () => {
  const asked = { model, input: 'Hello', truncation: 'auto' };
  const response = await dropping.post('/v1/responses', asked);
  expect(response.headers.get('x-signalbox-dropped-parameters')).toBe('truncation');
  expect(await response.json()).toMatchObject({ truncation: 'disabled' });
  const refused = await refusing.post('/v1/responses', asked);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('routing.unsupportedParameters');
});
