import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import { OPENAI_WIRE } from '../../src/demo/vendors/openai.ts';
import { ask, failureOf, MODES } from './answers.ts';
import { lastCall } from './contract-answers.ts';
import { type Bench, modelOf, setUpBench } from './harness.ts';
import { refusal, whole } from './openai-calls.ts';

describe('OpenAI', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await setUpBench('openai', { wire: OPENAI_WIRE });
  });
  afterAll(() => bench.close());

  it('W1: reads the wait from its own headers or from its words when there is no retry-after', async () => {
    const headers = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' };
    const error = { code: 'rate_limit_exceeded', message: 'Rate limit reached.' };
    bench.upstream.script(
      refusal(429, error, headers),
      refusal(429, { ...error, message: 'Please try again in 1m2.5s.' }),
      refusal(429, error, { 'retry-after-ms': '1500', 'retry-after': '2' }),
    );
    expect(await failureOf(whole(bench))).toMatchObject({ code: 'rate_limited', retryAfterMs: 360_000 });
    expect(await failureOf(whole(bench))).toMatchObject({ code: 'rate_limited', retryAfterMs: 62_500 });
    expect(await failureOf(whole(bench))).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_500 });
  });

  it('W1: takes a request that alone is more than a minute allows for too large, and waits for nothing', async () => {
    const message =
      'Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 30601. ' +
      'The input or output tokens must be reduced in order to run successfully.';
    const error = { type: 'tokens', code: 'rate_limit_exceeded', message };
    bench.upstream.script(refusal(429, error, { 'retry-after': '1', 'x-ratelimit-reset-tokens': '1.2s' }));
    const verdict = { code: 'too_large', retrySame: 'no', tryNext: 'yes', retryAfterMs: undefined };
    expect(await failureOf(whole(bench))).toMatchObject(verdict);
  });

  it.each([
    'insufficient_quota',
    'credit_balance_exhausted',
    'organization_spend_limit_exceeded',
    'project_spend_limit_exceeded',
    'organization_usage_limit_exceeded',
  ])('W2: takes 429 %s for an empty account, never to be asked again', async (code) => {
    bench.upstream.script(refusal(429, { type: 'insufficient_quota', code, message: 'No.' }));
    const error = await failureOf(whole(bench));
    expect(error).toMatchObject({ code: 'quota_exhausted', retrySame: 'no', vendorCode: code });
  });

  it('W2: an empty account is not asked again because every 429 of its vendor carries a short wait', async () => {
    const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No.' };
    bench.upstream.script(refusal(429, error, { 'retry-after': '1' }));
    const failed = await failureOf(whole(bench));
    expect([failed.code, failed.retryAfterMs]).toEqual(['quota_exhausted', undefined]);
  });

  it('takes a proxy that asks for a password, a network that wants a login, and "too early", for nothing the caller did', async () => {
    bench.upstream.script(...[407, 511, 425].map((status) => refusal(status, { message: 'No.' })));
    const proxied = await failureOf(whole(bench));
    expect(proxied).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(proxied.message).toContain('a proxy on the way to it asks for a password');
    const captive = await failureOf(whole(bench));
    expect(captive).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(captive.message).toContain('this network wants a login first');
    expect((await failureOf(whole(bench))).code).toBe('provider_unavailable');
  });

  it('W4: sends reasoning models what they take', async () => {
    const model = modelOf('openai', ['reasoning']);
    const sampled = { model, maxOutputTokens: 50, temperature: 0.3 };
    expect(await failureOf(whole(bench, sampled))).toMatchObject({
      code: 'capability_missing',
      message: 'Provider my-openai: model model-under-test does not take temperature.',
    });
    await whole(bench, { ...sampled, unsupportedParameters: 'drop' });
    expect(bench.upstream.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 50 });
    expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('max_tokens');
    expect(lastCall(bench)).not.toHaveProperty('temperature');
    await whole(bench, { model });
    expect(Object.keys(bench.upstream.requests.at(-1)?.body ?? {})).toEqual(['model', 'messages', 'stream']);
  });

  it('asks for no reasoning where tools are taken only so: from GPT-5.6 on', async () => {
    const tools = [{ name: 'get_time', inputSchema: { type: 'object' } }];
    const sent = async (name: string, more: object) => {
      const model = modelOf('openai', ['tools', 'reasoning'], name);
      await whole(bench, { model, ...more }).catch(() => undefined);
      return bench.upstream.requests.at(-1)?.body;
    };
    for (const name of ['gpt-5.6', 'gpt-5.6-luna', 'gpt-6-sol', 'gpt-6-luna-2026-09-01']) {
      expect(await sent(name, { tools })).toMatchObject({ model: name, reasoning_effort: 'none' });
      expect(await sent(name, {})).not.toHaveProperty('reasoning_effort');
    }
    for (const name of ['gpt-5.5', 'gpt-5', 'o3', 'gpt-5.1-codex']) {
      expect(await sent(name, { tools })).not.toHaveProperty('reasoning_effort');
    }
  });

  it('F2: a wait of zero leaves the wait to us', async () => {
    bench.upstream.script(refusal(503, { message: 'No.' }, { 'retry-after': '0' }));
    expect(await failureOf(whole(bench))).toMatchObject({ code: 'provider_unavailable', retryAfterMs: undefined });
  });

  it('W4, F20: learns from a refused field and is asked once more at once without it', async () => {
    const provider = await bench.create({});
    const request = bench.request({ temperature: 0.3, unsupportedParameters: 'drop' });
    const call = () => ask(provider, 'whole', request, bench.context());
    const error = { code: 'unsupported_value', param: 'temperature', message: "Unsupported value: 'temperature'." };
    bench.upstream.script(refusal(400, error), refusal(400, error));
    // Two at once: both learn the same and both may try again.
    for (const failed of await Promise.all([failureOf(call()), failureOf(call())])) {
      expect(failed).toMatchObject({ code: 'invalid_request', retrySame: 'at-once' });
    }
    expect((await provider.complete(request, bench.context())).droppedParameters).toEqual(['temperature']);
    expect(lastCall(bench)).not.toHaveProperty('temperature');
    // Refused again although it was not sent: nothing more to learn.
    bench.upstream.script(refusal(400, error));
    expect(await failureOf(call())).toMatchObject({ code: 'invalid_request', retrySame: 'no' });
  });

  it('W3, W5, W6: knows its codes whatever the status', async () => {
    const rows: readonly (readonly [number, string, ErrorCode])[] = [
      [400, 'context_length_exceeded', 'context_too_long'],
      [401, 'invalid_api_key', 'provider_auth'],
      [403, 'model_not_found', 'unknown_model'],
      [404, 'model_not_found', 'unknown_model'],
      [503, 'server_is_overloaded', 'provider_overloaded'],
      [400, 'content_filter', 'content_filtered'],
      [400, 'something_new', 'invalid_request'],
      [500, 'something_new', 'provider_error'],
    ];
    for (const [status, vendorCode, code] of rows) {
      bench.upstream.script(refusal(status, { code: vendorCode, message: 'No.' }));
      expect(await failureOf(whole(bench))).toMatchObject({ code, status, vendorCode });
    }
  });

  it('W7: understands an error inside a stream, with and without an event name', async () => {
    for (const prefix of ['', 'event: error\n']) {
      const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No credit.' };
      const frame = `${prefix}data: ${JSON.stringify({ error })}\n\n`;
      bench.upstream.script({ fault: { type: 'extra-frame', afterFrames: 2, frame } });
      const failed = await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
      expect(failed).toMatchObject({ code: 'quota_exhausted', vendorCode: 'insufficient_quota' });
    }
  });

  it('W9: gives an answer whose tokens all went into reasoning as a cut one', async () => {
    const usage = { inputTokens: 5, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 50, reasoningTokens: 50 };
    for (const mode of MODES) {
      bench.upstream.script({ say: { text: '', finish: 'length', usage } });
      const answer = await ask(bench.provider, mode, bench.request({ maxOutputTokens: 50 }), bench.context());
      expect(answer).toMatchObject({ text: '', finishReason: { unified: 'length' }, usage: { reasoningTokens: 50 } });
    }
  });

  it('W11: obeys a provider that says a retry is no use', async () => {
    bench.upstream.script(
      refusal(500, { message: 'No.' }, { 'x-should-retry': 'false' }),
      refusal(500, { message: 'No.' }),
    );
    expect((await failureOf(whole(bench))).retrySame).toBe('no');
    expect((await failureOf(whole(bench))).retrySame).toBe('once');
  });

  it('keeps the request id of answers and failures', async () => {
    bench.upstream.script({ say: { text: 'a' } }, { say: { text: 'b' } }, { say: { failure: 'server_error' } });
    for (const mode of MODES) {
      const answer = await ask(bench.provider, mode, bench.request(), bench.context());
      expect(answer.providerRequestId).toBe('req_simulated_openai');
    }
    expect((await failureOf(whole(bench))).providerRequestId).toBe('req_simulated_openai');
  });

  it('holds closed schemas strictly and leaves open ones open', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const format = { type: 'json-schema', name: 'n', schema } as const;
    await whole(bench, { responseFormat: format });
    expect(bench.upstream.requests.at(-1)?.body).toMatchObject({ response_format: { json_schema: { strict: true } } });
    await whole(bench, { responseFormat: { ...format, schema: { type: 'object' } } });
    expect(bench.upstream.requests.at(-1)?.body).toMatchObject({ response_format: { json_schema: { strict: false } } });
  });

  it('says how closely to look at an image', async () => {
    const source = { type: 'url', url: 'https://example.com/a.png' } as const;
    await whole(bench, { messages: [{ role: 'user', content: [{ type: 'image', source, detail: 'low' }] }] });
    expect(bench.upstream.requests.at(-1)?.body).toMatchObject({
      messages: [{ content: [{ type: 'image_url', image_url: { url: source.url, detail: 'low' } }] }],
    });
  });

  it('holds strict tools strictly, of a model that can be held to schemas, where the schema allows it', async () => {
    const closed = { type: 'object', properties: {}, additionalProperties: false };
    const tool = { name: 'look', inputSchema: closed, strict: true } as const;
    const open = { name: 'open', inputSchema: { type: 'object' }, strict: true } as const;
    const sentTools = () => bench.upstream.requests.at(-1)?.body;
    await whole(bench, { tools: [tool, { name: 'wait', inputSchema: closed }, open] });
    expect(sentTools()).toMatchObject({
      tools: [{ function: { strict: true } }, { function: { name: 'wait' } }, { function: { name: 'open' } }],
    });
    expect(JSON.stringify(sentTools()).match(/"strict"/g)).toHaveLength(1);
  });
});
