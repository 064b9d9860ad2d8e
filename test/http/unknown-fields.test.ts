import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../e2e/workplace.ts';
import { openService, type Service } from './openai/service.ts';

let refusing: Service;
let dropping: Service;
beforeAll(async () => {
  refusing = await openService(['openai']);
  dropping = await openService(['openai'], {
    unsupportedParameters: 'drop',
    config: { models: { [model]: { contextTokens: 32_768 }, 'openai/embedder': { capabilities: ['embedding'] } } },
    models: [MODEL, 'embedder'],
  });
});
afterAll(async () => {
  await refusing.close();
  await dropping.close();
});

const messages = [{ role: 'user', content: 'Hello' }];
const model = `openai/${MODEL}`;
const ASKED: readonly (readonly [path: string, asked: object])[] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/chat/completions', { messages, stream: true }],
  ['/v1/responses', { input: 'Hello' }],
  ['/v1/messages', { messages, max_tokens: 10 }],
  ['/v1/messages', { messages, max_tokens: 10, stream: true }],
  ['/v1/messages/count_tokens', { messages }],
  ['/v1/embeddings', { input: 'Hello', model: 'openai/embedder' }],
];
/** What clients of other vendors send to everybody. */
const FOREIGN = { min_p: 0.1, chat_template_kwargs: { enable_thinking: false }, base_url: 'http://127.0.0.1:1/' };

describe('fields that nobody knows', () => {
  test.each(ASKED)('are left out and named, where the policy is to drop: %s %j', async (path, asked) => {
    const response = await dropping.post(path, { model, ...FOREIGN, ...asked, transforms: null });
    await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('x-signalbox-dropped-parameters')).toBe('min_p, chat_template_kwargs, base_url');
    const sent = dropping.upstream('openai').requests.map(({ body }) => Object.keys(body ?? {}));
    expect(sent.flat()).not.toEqual(expect.arrayContaining([expect.stringMatching(/min_p|template|base_url/)]));
  });

  test.each(ASKED)('are refused otherwise, with a word of what would leave them out: %s %j', async (path, asked) => {
    const response = await refusing.post(path, { model, ...FOREIGN, ...asked });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain('Unknown field \\"min_p\\"');
    expect(text).toContain('set \\"routing.unsupportedParameters\\" to \\"drop\\"');
    expect(refusing.receivedCount()).toBe(0);
  });

  test('are named as far as a header can hold it', async () => {
    const odd = { 'a\r\nb': 1, 'é, x': 1, [`long${'x'.repeat(5_000)}`]: 1 };
    const many = Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`field${at}`, at]));
    const response = await dropping.post('/v1/chat/completions', { model, messages, ...odd, ...many });
    expect(response.status).toBe(200);
    const told = response.headers.get('x-signalbox-dropped-parameters') ?? '';
    expect(told.length).toBeLessThan(1_000);
    expect(told).toMatch(/^a%0D%0Ab, %C3%A9, x, longx+%E2%80%A6, field0, .* and 8971 more$/);
  });

  test('do not hide the others: what would change the answer is refused under either policy', async () => {
    const response = await dropping.post('/v1/chat/completions', { model, messages, min_p: 1, store: true });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('\\"store\\" must be false');
  });
});
