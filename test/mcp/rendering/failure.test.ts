import { expect, it } from 'vitest';
import { runScripted } from '../run-scripted.ts';

it('a failure has each attempt with its end and what the provider said, where that says more, among its fields', async () => {
  const { isError, structured } = await runScripted('complete', { prompt: 'fail' });
  expect(isError).toBe(true);
  expect(structured).toEqual({
    error: {
      code: 'all_failed',
      message: 'Both candidates failed.',
      retryable: true,
      retry_after_ms: 12_300,
      hint: 'Wait for groq, or add a key of another provider.',
      request_id: 'req_0123456789',
      attempts: [
        {
          model: 'groq/llama-3.3-70b',
          status: 'failed_unbilled',
          error: 'rate_limited',
          latency_ms: 120,
          message: 'Too many requests.',
        },
        { model: 'openai/gpt-5-mini', status: 'not_sent', error: 'provider_unavailable', latency_ms: 3 },
      ],
    },
  });
});
