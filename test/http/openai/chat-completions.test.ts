import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

const model = `openai/${MODEL}`;

test('a whole answer is a chat.completion object', async () => {
  const response = await service.post('/v1/chat/completions', {
    model: 'auto',
    messages: [{ role: 'user', content: 'What is whole?' }],
  });
  expect(response.status).toBe(200);
  const body = await response.json();
  const requestId = response.headers.get('x-signalbox-request-id') ?? '';
  expect(body).toEqual({
    id: `chatcmpl-${requestId.replace('req_', '')}`,
    object: 'chat.completion',
    created: expect.any(Number),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello there.', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 9,
      completion_tokens: 3,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 0,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
  });
  expect(response.headers.get('x-signalbox-model')).toBe(model);
  expect(service.upstream('openai').requests.at(-1)?.call).toMatchObject({ type: 'chat', stream: false });
});

test('a stream is chat.completion.chunk events, with the usage at the end when asked, and [DONE]', async () => {
  const response = await service.post('/v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: 'What is streamed?' }],
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  const text = await response.text();
  const lines = text.split('\n\n').filter((line) => line !== '');
  expect(lines.at(-1)).toBe('data: [DONE]');
  const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice('data: '.length)));
  for (const chunk of chunks) expect(chunk).toMatchObject({ object: 'chat.completion.chunk', model, id: chunks[0].id });
  expect(chunks[0]).toMatchObject({
    usage: null,
    choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: null }],
  });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hello there.');
  expect(chunks.at(-2).choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]);
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  });
});

test("OpenAI's client finds the id of its request, also when it fails", async () => {
  const messages = [{ role: 'user' as const, content: 'Which id?' }];
  const whole = await service.client.chat.completions.create({ model, messages });
  expect(whole._request_id).toBe(whole.id.replace('chatcmpl-', 'req_'));
  const streamed = await service.client.chat.completions.create({ model, messages, stream: true }).withResponse();
  expect(streamed.request_id).toMatch(/^req_/);
  for await (const { id } of streamed.data) expect(id).toBe(streamed.request_id?.replace('req_', 'chatcmpl-'));
  service.upstream('openai').script({ say: { failure: 'invalid' } });
  const failed = service.client.chat.completions.create({ model, messages: [{ role: 'user', content: 'And now?' }] });
  await expect(failed).rejects.toMatchObject({ status: 400, requestID: expect.stringMatching(/^req_/) });
});
