import { afterAll, beforeAll, expect, it } from 'vitest';
import { GROQ_WIRE } from '../../src/demo/vendors/groq.ts';
import { ask, failureOf } from './answers.ts';
import { type Bench, modelOf, setUpBench } from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await setUpBench('groq', { wire: GROQ_WIRE });
});
afterAll(() => bench.close());

async function refused(status: number, error: object, headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/json' };
  const body = JSON.stringify({ error });
  bench.upstream.script({ fault: { type: 'replace', status, headers: { ...type, ...headers }, body } });
  return failureOf(ask(bench.provider, 'whole', bench.request(), bench.context()));
}

it('W30: waits as long as a rate limit says', async () => {
  const error = { type: 'tokens', code: 'rate_limit_exceeded', message: 'Please try again in 2m59.56s.' };
  expect(await refused(429, error, { 'retry-after': '180' })).toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 180_000,
  });
  expect(await refused(429, error)).toMatchObject({ code: 'rate_limited', retryAfterMs: 179_560 });
});

it('W31: never waits for a request that is larger than its limit', async () => {
  const message = 'Request too large for model on tokens per minute (TPM): Limit 6000, Requested 6294';
  const error = await refused(413, { type: 'tokens', code: 'rate_limit_exceeded', message });
  expect(error).toMatchObject({ code: 'too_large', retrySame: 'no', tryNext: 'yes', retryAfterMs: undefined });
});

it('W32: takes 498 for a full house', async () => {
  expect((await refused(498, { code: 'capacity_exceeded', message: 'Full.' })).code).toBe('provider_overloaded');
});

it('W33: asks once more when the model wrote an invalid call, and not when a dependency failed', async () => {
  const invalidCall = { code: 'tool_use_failed', message: 'Failed to call a function.', failed_generation: '<f>' };
  expect(await refused(400, invalidCall)).toMatchObject({ code: 'provider_error', retrySame: 'once' });
  expect(await refused(422, { message: 'Semantic error.' })).toMatchObject({
    code: 'provider_error',
    retrySame: 'once',
  });
  expect(await refused(424, { message: 'Failed.' })).toMatchObject({ code: 'invalid_request', retrySame: 'no' });
});

it('fails where the last chunk says that the stream was stopped', async () => {
  const chunks = [
    { choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { id: 'req_1', error: 'over capacity' } },
  ];
  const body = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
  bench.upstream.script({ fault: { type: 'replace', headers: { 'content-type': 'text/event-stream' }, body } });
  const error = await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
  expect(error).toMatchObject({ code: 'provider_error', message: expect.stringContaining('over capacity') });
});

it('moves on from a model that is gone or closed to us, and from a restricted organization', async () => {
  const message = 'See the console.';
  for (const code of ['model_decommissioned', 'model_terms_required', 'model_permission_blocked_org']) {
    expect(await refused(400, { code, message })).toMatchObject({ code: 'unknown_model' });
  }
  expect(await refused(403, { code: 'model_permission_blocked_project', message })).toMatchObject({
    code: 'unknown_model',
  });
  expect(await refused(400, { code: 'organization_restricted', message })).toMatchObject({ code: 'provider_auth' });
});

it('takes its address with or without the path of its documentation', async () => {
  for (const baseUrl of [
    bench.upstream.origin,
    `${bench.upstream.origin}/openai/v1`,
    `${bench.upstream.origin}/openai/v1/`,
  ]) {
    const provider = await bench.create({ baseUrl });
    expect((await ask(provider, 'whole', bench.request(), bench.context())).text).toBe('Hello there.');
  }
});

it('has the thoughts of a model told apart from its answer, which would stand in it otherwise', async () => {
  const sentFor = async (name: string, ...capabilities: readonly ('reasoning' | 'tools')[]) => {
    const request = bench.request({ model: modelOf('groq', capabilities, name) });
    // The simulated vendor has none of them; what it was asked is what counts.
    await failureOf(ask(bench.provider, 'whole', request, bench.context()));
    return bench.upstream.requests.at(-1)?.body;
  };
  expect(await sentFor('qwen/qwen3.8-27b', 'reasoning')).toMatchObject({ reasoning_format: 'parsed' });
  for (const body of [await sentFor('openai/gpt-oss-20b', 'reasoning'), await sentFor('llama-3.3-70b', 'tools')]) {
    expect(body).not.toHaveProperty('reasoning_format');
  }
});

it('learns which model takes no format of its thoughts', async () => {
  const request = bench.request({ model: modelOf('groq', ['reasoning']) });
  const error = { message: '`reasoning_format` is not supported with this model', type: 'invalid_request_error' };
  const headers = { 'content-type': 'application/json' };
  bench.upstream.script({ fault: { type: 'replace', status: 400, headers, body: JSON.stringify({ error }) } });
  const refusal = await failureOf(ask(bench.provider, 'whole', request, bench.context()));
  expect(refusal).toMatchObject({ retrySame: 'at-once' });
  await ask(bench.provider, 'whole', request, bench.context());
  expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('reasoning_format');
});
