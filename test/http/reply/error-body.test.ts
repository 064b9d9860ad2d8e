import { expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../../src/core/error-codes.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { createCallId } from '../../../src/core/ids.ts';
import { errorBody } from '../../../src/http/reply/error-body.ts';
import { errorReply } from '../../../src/http/reply/error-reply.ts';

const mask = (text: string) => text;

/** What stands before our own words, for clients that know the vendor's. */
const OPENAI_WORDS: { readonly [Code in ErrorCode]?: string } = {
  context_too_long: "This model's maximum context length is exceeded (context_length_exceeded). ",
};

it.each(ERROR_CODES)('%s has the status and the shape that the clients of each dialect expect', async (code) => {
  const error = new GatewayError(code, 'It is wrong.', { hint: 'Mend it.', param: 'model' });
  const { httpStatus, openaiType: type } = error.policy;
  expect(errorBody('openai', error)).toEqual({
    error: { message: `${OPENAI_WORDS[code] ?? ''}It is wrong. Mend it.`, type, param: 'model', code },
  });
  expect(errorBody('anthropic', error)).toMatchObject({
    type: 'error',
    error: {
      type: expect.stringMatching(/_error$|^request_too_large$/),
      message: expect.stringMatching(/It is wrong\. Mend it\.$/),
    },
  });
  expect(errorBody('mcp', error)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
  const { status } = errorReply('openai', error, { mask });
  expect(status).toBe(httpStatus);
});

it.each([
  [400, 'invalid_request', 'invalid_request_error'],
  [401, 'unauthenticated', 'authentication_error'],
  [403, 'forbidden', 'permission_error'],
  [404, 'unknown_model', 'not_found_error'],
  [413, 'too_large', 'request_too_large'],
  [429, 'rate_limited', 'rate_limit_error'],
  [503, 'provider_overloaded', 'overloaded_error'],
  [504, 'provider_timeout', 'timeout_error'],
  [500, 'internal', 'api_error'],
] as const)("status %i is Anthropic's type %s: %s", (status, code, type) => {
  const error = new GatewayError(code, 'x');
  expect(error.httpStatus).toBe(status);
  expect(errorBody('anthropic', error)).toMatchObject({ error: { type } });
});

it('speaks in sentences, also where the message is none', () => {
  const error = new GatewayError('invalid_request', 'no such thing', { hint: 'Call list_models.' });
  expect(errorBody('plain', error)).toMatchObject({ error: { message: 'no such thing. GET /v1/models.' } });
  const blind = new GatewayError('capability_missing', 'It is blind.', {
    hint: 'Name one (list_models with a capability).',
  });
  expect(errorBody('openai', blind)).toMatchObject({ error: { message: 'It is blind. Name one.' } });
  const dear = new GatewayError('budget_exceeded', 'Too dear.', { hint: 'Raise max_cost_usd.' });
  expect(errorBody('openai', dear)).toMatchObject({ error: { message: 'Too dear. Raise x-signalbox-max-cost-usd.' } });
});

it.each([
  ['invalid_request', -32_600],
  ['forbidden', -32_000],
  ['internal', -32_603],
] as const)('%s is %i in JSON-RPC', (code, number) => {
  expect(errorBody('mcp', new GatewayError(code, 'x'))).toMatchObject({ error: { code: number } });
});

it("tells Anthropic's clients of a small window in the vendor's words: they shorten what is too long", () => {
  const textOf = (inputTokens: number) => {
    const overflow = { inputTokens, outputTokens: 32_000, contextTokens: 40_000 };
    const error = new GatewayError('context_too_long', 'It is wrong.', { overflow }).with({ attempts: [] });
    return JSON.stringify(errorBody('anthropic', error));
  };
  expect(textOf(20_000)).toContain(
    'input length and `max_tokens` exceed context limit: 20000 + 32000 > 40000. It is wrong.',
  );
  expect(textOf(41_000)).toContain('prompt is too long. It is wrong.');
  const unknown = new GatewayError('context_too_long', 'The vendor refused it.');
  expect(JSON.stringify(errorBody('anthropic', unknown))).toContain('prompt is too long. The vendor refused it.');
});

it("tells OpenAI's clients of it in that vendor's words, once", () => {
  const textOf = (message: string, options = {}) =>
    JSON.stringify(errorBody('openai', new GatewayError('context_too_long', message, options)));
  const overflow = { inputTokens: 41_000, outputTokens: 0, contextTokens: 40_000 };
  expect(textOf('It is wrong.', { overflow })).toContain(
    "This model's maximum context length is 40000 tokens (context_length_exceeded). It is wrong.",
  );
  expect(textOf('Gemini refused it.')).toContain(
    "This model's maximum context length is exceeded (context_length_exceeded). Gemini refused it.",
  );
  const theirs = 'Provider openai answered 400 context_length_exceeded: too long.';
  expect(textOf(theirs)).toContain(`"message":"${theirs}"`);
});

it('says when to come back, to whom that helps', () => {
  const headersOf = (error: GatewayError) => errorReply('openai', error, { mask }).headers;
  expect(headersOf(new GatewayError('all_cooling', 'x', { retryAfterMs: 1_200 }))['retry-after']).toBe('2');
  expect(headersOf(new GatewayError('all_failed', 'x', { retryAfterMs: 1_200 }))['retry-after']).toBe('2');
  expect(headersOf(new GatewayError('all_failed', 'x'))).not.toHaveProperty('retry-after');
  expect(headersOf(new GatewayError('rate_limited', 'x'))['retry-after']).toBe('1');
  expect(headersOf(new GatewayError('provider_unavailable', 'x'))['retry-after']).toBe('1');
  expect(headersOf(new GatewayError('invalid_request', 'x'))).not.toHaveProperty('retry-after');
  // Coming back in a second does not fill an account; where the end of a day is known, that is told.
  expect(headersOf(new GatewayError('quota_exhausted', 'x'))).not.toHaveProperty('retry-after');
  expect(headersOf(new GatewayError('quota_exhausted', 'x', { retryAfterMs: 60_000 }))['retry-after']).toBe('60');
  // Clients' libraries repeat every 5xx and 409 on their own.
  expect(headersOf(new GatewayError('invalid_request', 'x', { httpStatus: 409 }))['x-should-retry']).toBe('false');
  expect(headersOf(new GatewayError('provider_auth', 'x'))['x-should-retry']).toBe('false');
  expect(headersOf(new GatewayError('quota_exhausted', 'x'))['x-should-retry']).toBe('false');
  expect(headersOf(new GatewayError('provider_error', 'x'))).not.toHaveProperty('x-should-retry');
  // They wait as long as they are told before they do, Anthropic's hours too.
  expect(headersOf(new GatewayError('rate_limited', 'x', { retryAfterMs: 60_000 }))).not.toHaveProperty(
    'x-should-retry',
  );
  expect(headersOf(new GatewayError('rate_limited', 'x', { retryAfterMs: 60_001 }))).toMatchObject({
    'x-should-retry': 'false',
    'retry-after': '61',
  });
});

it('names the request where there is one, and paths instead of tools', () => {
  const requestId = createCallId();
  const error = new GatewayError('unknown_model', 'There is no model "x".', {
    hint: 'list_models shows the models there are.',
    requestId,
  });
  expect(errorBody('anthropic', error)).toMatchObject({ request_id: requestId });
  expect(errorReply('anthropic', error, { mask }).headers['x-signalbox-request-id']).toBe(requestId);
  expect(errorBody('openai', error)).toMatchObject({
    error: { message: 'There is no model "x". GET /v1/models shows the models there are.' },
  });
});

it('takes secrets out of what is sent', () => {
  const error = new GatewayError('provider_error', 'The key sk-secret is wrong.');
  const { body } = errorReply('openai', error, { mask: (text) => text.replaceAll('sk-secret', '[secret]') });
  expect(body).not.toContain('sk-secret');
});
