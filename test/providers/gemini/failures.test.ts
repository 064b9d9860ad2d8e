import { describe, expect, it } from 'vitest';
import { classifyGeminiFailure } from '../../../src/providers/gemini/classify-gemini-failure.ts';
import { msUntilPacificMidnight } from '../../../src/providers/gemini/pacific-midnight.ts';
import { HttpFailure } from '../../../src/providers/shared/failures/http-failure.ts';
import { fromHttpFailure } from '../../../src/providers/shared/failures/vendor-failure.ts';
import { serve } from '../../support/local-server.ts';
import { contextOf, transportOf } from '../../support/transport.ts';
import { failureOf } from '../answers.ts';
import { createProvider, modelOf } from '../harness.ts';

function answered(code: number, status: string, message: string, details: readonly object[] = []) {
  const bodyText = JSON.stringify({ error: { code, message, status, details } });
  return classifyGeminiFailure(fromHttpFailure(new HttpFailure(code, new Headers(), bodyText)));
}

const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '26.5s' };
const quota = (quotaId: string, quotaValue = '250') => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generate_content_requests', quotaId, quotaValue }],
});

describe('what Gemini refuses', () => {
  it('as a bad request may be the key', () => {
    const errorInfo = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };
    const message = 'API key not valid. Please pass a valid API key.';
    expect(answered(400, 'INVALID_ARGUMENT', message, [errorInfo])?.code).toBe('provider_auth');
    expect(answered(400, 'INVALID_ARGUMENT', 'API key expired.')?.code).toBe('provider_auth');
    expect(answered(400, 'INVALID_ARGUMENT', 'Invalid value at contents[0]')?.code).toBe('invalid_request');
  });

  it('as a bad request may be the size or a missing capability', () => {
    const tokens = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).';
    expect(answered(400, 'INVALID_ARGUMENT', tokens)?.code).toBe('context_too_long');
    expect(answered(400, 'INVALID_ARGUMENT', 'Function calling is not enabled for models/x')?.code).toBe(
      'capability_missing',
    );
  });

  it('for the country or the billing concerns the whole account', () => {
    const verdict = answered(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.');
    expect(verdict?.code).toBe('provider_auth');
    expect(verdict?.remedy).toContain('region');
  });

  it('by the minute waits as long as the body says', () => {
    const details = [quota('GenerateRequestsPerMinutePerProjectPerModel'), retryInfo];
    expect(answered(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', details)).toEqual({
      code: 'rate_limited',
      retryAfterMs: 26_500,
    });
    expect(answered(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded. Please retry in 45.5s.')?.retryAfterMs).toBe(45_500);
    expect(answered(429, 'RESOURCE_EXHAUSTED', 'Please retry in 850.1ms.')?.retryAfterMs).toBe(851);
    expect(answered(429, 'RESOURCE_EXHAUSTED', 'Please retry in 1m2.5s.')?.retryAfterMs).toBe(62_500);
  });

  it('by the day, also beside one by the minute, waits for midnight in California', () => {
    const details = [
      quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'),
      quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
      retryInfo,
    ];
    const verdict = answered(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', details);
    // The quota is the model's: the key goes on serving the others.
    expect(verdict).toMatchObject({ code: 'rate_limited', retrySame: 'no' });
    expect(verdict?.remedy).toContain('midnight');
    expect(answered(429, 'RESOURCE_EXHAUSTED', 'x', [quota('RequestsPerDayPerProject')])?.code).toBe('quota_exhausted');
    expect(verdict?.retryAfterMs).toBeGreaterThan(0);
    expect(verdict?.retryAfterMs).toBeLessThanOrEqual(25 * 3_600_000);
  });

  it('because the plan does not include the model never waits, and leaves the key to other models', () => {
    const details = [quota('GenerateContentInputTokensPerModelPerMinute-FreeTier', '0'), retryInfo];
    const verdict = answered(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', details);
    expect(verdict).toMatchObject({
      code: 'rate_limited',
      retrySame: 'no',
      remedy: expect.stringContaining('plan'),
      retryAfterMs: 3_600_000,
    });
  });

  it('under load is asked once more at most', () => {
    expect(answered(503, 'UNAVAILABLE', 'The model is overloaded.')).toEqual({
      code: 'provider_overloaded',
      retrySame: 'once',
    });
    expect(answered(504, 'DEADLINE_EXCEEDED', 'Deadline expired')?.code).toBe('provider_timeout');
    expect(answered(404, 'NOT_FOUND', 'models/x is not found')?.code).toBe('unknown_model');
  });
});

describe('midnight in California', () => {
  it('is counted in its own time zone, summer and winter', () => {
    // 20:00 in winter time (UTC-8) and 20:30 in summer time (UTC-7).
    expect(msUntilPacificMidnight(Date.UTC(2026, 0, 16, 4, 0, 0))).toBe(4 * 3_600_000);
    expect(msUntilPacificMidnight(Date.UTC(2026, 6, 16, 3, 30, 0))).toBe(3.5 * 3_600_000);
  });
});

it('is told by the word for it, not by its status twice', async () => {
  const baseUrl = await serve((request, response) => {
    const error = { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' };
    request.resume().on('end', () => response.writeHead(429).end(JSON.stringify({ error })));
  });
  const provider = await createProvider('gemini', { baseUrl }, transportOf());
  const request = {
    model: modelOf('gemini', []),
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
  } as const;
  const failure = await failureOf(provider.complete(request, contextOf({ apiKey: 'key' })));
  expect(failure.message).toContain('answered 429 RESOURCE_EXHAUSTED: Slow down.');
  expect(failure.vendorCode).toBe('RESOURCE_EXHAUSTED');
});
