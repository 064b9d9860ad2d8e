import { describe, expect, it } from 'vitest';
import { classifyAnthropicFailure } from '../../../src/providers/anthropic/classify-anthropic-failure.ts';
import { HttpFailure } from '../../../src/providers/shared/failures/http-failure.ts';
import { fromErrorValue, fromHttpFailure } from '../../../src/providers/shared/failures/vendor-failure.ts';

function answered(
  status: number,
  type: string,
  message: string,
  extra: { code?: string; headers?: Record<string, string> } = {},
) {
  const details = extra.code === undefined ? {} : { details: { error_code: extra.code } };
  const bodyText = JSON.stringify({ type: 'error', error: { type, message, ...details }, request_id: 'req_1' });
  const failure = fromHttpFailure(new HttpFailure(status, new Headers(extra.headers), bodyText));
  return classifyAnthropicFailure(failure);
}

describe('what Anthropic refuses', () => {
  it('for want of money disables the key, under whatever status it comes', () => {
    const limit = 'You have reached your specified API usage limits. You will regain access on 2026-12-01.';
    expect(answered(400, 'invalid_request_error', limit)?.code).toBe('quota_exhausted');
    const credit = 'Your credit balance is too low to access the Anthropic API.';
    expect(answered(400, 'invalid_request_error', credit)?.code).toBe('quota_exhausted');
    expect(answered(402, 'billing_error', 'Payment required')?.code).toBe('quota_exhausted');
    const enforced = { code: 'enforced_spend_limit_reached' };
    expect(answered(429, 'rate_limit_error', 'Monthly threshold', enforced)?.code).toBe('quota_exhausted');
    // Other vendors behind the same wire.
    expect(answered(500, 'api_error', 'insufficient balance (1008)')?.code).toBe('quota_exhausted');
    const recharge = '[1113][Insufficient balance or no resource package. Please recharge.][2026]';
    expect(answered(429, 'rate_limit_error', recharge)?.code).toBe('quota_exhausted');
  });

  it('for the rate waits for the limit that is used up', () => {
    const resetAt = new Date(Date.now() + 30_000).toISOString();
    const verdict = answered(429, 'rate_limit_error', 'Slow down', {
      headers: {
        'anthropic-ratelimit-requests-remaining': '12',
        'anthropic-ratelimit-requests-reset': new Date(Date.now() + 600_000).toISOString(),
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': resetAt,
      },
    });
    expect(verdict?.code).toBe('rate_limited');
    expect(verdict?.retryAfterMs).toBeGreaterThan(20_000);
    expect(verdict?.retryAfterMs).toBeLessThanOrEqual(30_000);
    expect(answered(429, 'rate_limit_error', 'Slow down')).toEqual({ code: 'rate_limited' });
  });

  it('for the size tries a larger window, and for lack of a capability another model', () => {
    const tooLong = 'prompt is too long: 215000 tokens > 200000 maximum';
    expect(answered(400, 'invalid_request_error', tooLong)?.code).toBe('context_too_long');
    const exceeds = 'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000';
    expect(answered(400, 'invalid_request_error', exceeds)?.code).toBe('context_too_long');
    const image = 'This model does not support image input.';
    expect(answered(400, 'invalid_request_error', image)?.code).toBe('capability_missing');
    expect(answered(400, 'invalid_request_error', 'messages.0: Field required')?.code).toBe('invalid_request');
  });

  it('for want of the model goes on to another, also where a server of the same wire has no type for it', () => {
    expect(answered(404, 'not_found_error', 'model: nope')?.code).toBe('unknown_model');
    expect(answered(400, 'invalid_request_error', "model 'nope' not found")?.code).toBe('unknown_model');
  });

  it('for the size is read by its words where a server of the same wire has a type of its own for it', () => {
    const message = 'request (15018 tokens) exceeds the available context size (4096 tokens), try increasing it';
    expect(answered(400, 'exceed_context_size_error', message)?.code).toBe('context_too_long');
    expect(answered(400, 'api_error', `Error from provider: ${message}`)?.code).toBe('context_too_long');
    expect(answered(400, 'of_the_future', 'Something else')).toBeUndefined();
  });

  it.each([401, 403, 404, 413, 429, 500, 503])('as a bad request under status %i is what the status says', (status) => {
    expect(answered(status, 'invalid_request_error', 'Incorrect API key provided')).toBeUndefined();
  });

  it('under load is asked once more at most', () => {
    expect(answered(529, 'overloaded_error', 'Overloaded')).toEqual({ code: 'provider_overloaded', retrySame: 'once' });
    expect(answered(504, 'timeout_error', 'Timed out')?.code).toBe('provider_timeout');
    expect(answered(500, 'api_error', 'Internal')?.code).toBe('provider_error');
  });

  it('in the middle of a stream is read by its type, since the status is 200', () => {
    const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(classifyAnthropicFailure(fromErrorValue(event))?.code).toBe('provider_overloaded');
    const limit = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } };
    expect(classifyAnthropicFailure(fromErrorValue(limit))?.code).toBe('rate_limited');
  });

  it('before the API is left to the status', () => {
    const cloudflare = '<html><body><h1>413 Request Entity Too Large</h1></body></html>';
    const failure = fromHttpFailure(new HttpFailure(413, new Headers(), cloudflare));
    expect(classifyAnthropicFailure(failure)).toBeUndefined();
    expect(failure.message).toBe('413 Request Entity Too Large');
  });
});
