import { expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { toStreamError } from '../../../src/http/responses/stream-error.ts';

it.each([
  ['rate_limited', 'rate_limit_exceeded'],
  ['quota_exhausted', 'rate_limit_exceeded'],
  ['content_filtered', 'invalid_prompt'],
  ['provider_error', 'server_error'],
  ['stream_truncated', 'server_error'],
] as const)('of the codes that the API knows, a response that fails by %s has %s', (code, expected) => {
  const { event, failure } = toStreamError(new GatewayError(code, 'It failed.', { param: 'input' }));
  expect(failure).toEqual({ code: expected, message: 'It failed.' });
  // The event names the failure itself, twice.
  const named = { code, message: 'It failed.', param: 'input' };
  expect(event).toMatchObject({ ...named, error: named });
});
