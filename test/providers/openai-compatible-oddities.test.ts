import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { OPENAI_COMPATIBLE_WIRE } from '../../src/demo/vendors/openai.ts';
import { ask, failureOf, MODES } from './answers.ts';
import { type Bench, setUpBench } from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await setUpBench('openai-compatible', { wire: OPENAI_COMPATIBLE_WIRE });
});
afterAll(() => bench.close());

function replace(status: number, body: string, type = 'application/json'): void {
  bench.upstream.script({ fault: { type: 'replace', status, headers: { 'content-type': type }, body } });
}

const refused = (status: number, body: object) => {
  replace(status, JSON.stringify(body));
  return failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
};

describe('failures of servers that speak the OpenAI wire', () => {
  it.each([
    [429, 'rate_limited'],
    [401, 'provider_auth'],
    [402, 'quota_exhausted'],
    [408, 'provider_timeout'],
    [400, 'invalid_request'],
    [502, 'provider_unavailable'],
  ] as const)('read the status %i that stands in the code of an error with status 200', async (status, code) => {
    const error = JSON.stringify({ error: { code: status, message: 'Provider returned error' } });
    for (const mode of MODES) {
      if (mode === 'whole') replace(200, error);
      else replace(200, `data: ${error}\n\n`, 'text/event-stream');
      expect((await failureOf(ask(bench.provider, mode, bench.request(), bench.context()))).code).toBe(code);
    }
  });

  it.each(MODES)('are read where they stand in the choice of an answer (%s)', async (mode) => {
    const said = { role: 'assistant', content: 'Hel' };
    const failed = { index: 0, finish_reason: 'error', error: { code: 502, message: 'Provider returned error' } };
    if (mode === 'whole') replace(200, JSON.stringify({ choices: [{ ...failed, message: said }] }));
    else {
      const chunks = [
        { index: 0, delta: said },
        { ...failed, delta: { content: '' } },
      ].map((choice) => ({
        choices: [choice],
      }));
      const events = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'];
      replace(200, events.map((event) => `data: ${event}\n\n`).join(''), 'text/event-stream');
    }
    const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'provider_unavailable', vendorCode: '502' });
  });

  it.each([
    ['insufficient_system_resource', 'provider_overloaded'],
    ['error', 'provider_error'],
    ['abort', 'provider_error'],
    ['MALFORMED_FUNCTION_CALL', 'malformed_response'],
  ] as const)('are no ends of an answer, though they come as its reason to end: %s', async (reason, code) => {
    const end = { index: 0, finish_reason: reason };
    const half = { role: 'assistant', content: 'Hel' };
    const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
    for (const mode of MODES) {
      if (mode === 'whole') replace(200, JSON.stringify({ choices: [{ ...end, message: half }], usage }));
      else {
        const events = [JSON.stringify({ choices: [{ ...end, delta: half }], usage }), '[DONE]'];
        replace(200, events.map((event) => `data: ${event}\n\n`).join(''), 'text/event-stream');
      }
      const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
      expect(error).toMatchObject({ code, message: expect.stringContaining(`in the middle (${reason})`) });
      if (mode === 'whole') expect(error.usage).toMatchObject({ inputTokens: 7, outputTokens: 2, source: 'reported' });
    }
  });

  it.each(MODES)('are read in the words of whose model it is, beside those of the router (%s)', async (mode) => {
    const end = { index: 0, finish_reason: 'stop', native_finish_reason: 'MALFORMED_FUNCTION_CALL' };
    const rest = { role: 'assistant', content: ',patch:true}]}' };
    if (mode === 'whole') replace(200, JSON.stringify({ choices: [{ ...end, message: rest }] }));
    else
      replace(
        200,
        `data: ${JSON.stringify({ choices: [{ ...end, delta: rest }] })}\n\ndata: [DONE]\n\n`,
        'text/event-stream',
      );
    const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
    expect(error.code).toBe('malformed_response');
  });

  it('are read in a stream where they stand beside choices that are null', async () => {
    const said = {
      error_type: 'BadRequestError',
      error_message: "This model's maximum context length is 4096 tokens.",
    };
    replace(
      200,
      `data: ${JSON.stringify({ id: 'x', choices: null, ...said })}\n\ndata: [DONE]\n\n`,
      'text/event-stream',
    );
    const error = await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'context_too_long', vendorCode: 'BadRequestError' });
  });

  it('keep the usage that is told beside them', async () => {
    const choice = { message: { content: 'Hel' }, finish_reason: 'error', error: { code: 502, message: 'gone' } };
    replace(200, JSON.stringify({ choices: [choice], usage: { prompt_tokens: 7, completion_tokens: 2 } }));
    const error = await failureOf(ask(bench.provider, 'whole', bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'provider_unavailable', usage: { inputTokens: 7, outputTokens: 2 } });
  });

  it('name the end of a limit that stands in their body alone', async () => {
    const headers = { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(Date.now() + 3_600_000) };
    const limited = { code: 429, message: 'Rate limit exceeded: free-models-per-day.', metadata: { headers } };
    const { code, retryAfterMs } = await refused(429, { error: limited });
    expect(code).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(3_000_000);
  });

  it('name a status once, though it is their code as well', async () => {
    const { message } = await refused(402, { error: { code: 402, message: 'Insufficient credits' } });
    expect(message).toContain(' answered 402 (check credit');
  });

  it('are read beside choices that are null, or none', async () => {
    const error = { code: 429, message: 'Slow down', type: 'rate_limit_exceeded' };
    for (const choices of [null, []]) {
      replace(200, JSON.stringify({ id: '', choices, error }));
      const failure = await failureOf(ask(bench.provider, 'whole', bench.request(), bench.context()));
      expect(failure).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('Slow down') });
    }
  });

  it('do not blame the key for a prompt that was flagged', async () => {
    const metadata = { reasons: ['violence'], flagged_input: 'x' };
    const error = { code: 403, message: 'Your input was flagged', metadata };
    expect((await refused(403, { error })).code).toBe('content_filtered');
    expect((await refused(403, { error: { code: 403, message: 'Key disabled' } })).code).toBe('provider_auth');
    const risk = { message: 'Content Exists Risk', type: 'invalid_request_error', code: 'invalid_request_error' };
    expect((await refused(400, { error: risk })).code).toBe('content_filtered');
  });

  it('may have credit for a shorter answer', async () => {
    const said =
      'This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford';
    const shorter = await refused(402, { error: { code: 402, message: `${said} 2000.` } });
    expect(shorter).toMatchObject({ code: 'too_large', tryNext: 'yes' });
    expect(shorter.message).toContain('ask for fewer output tokens, or add credit');
    expect((await refused(402, { error: { code: 402, message: `${said} 0.` } })).code).toBe('quota_exhausted');
  });

  it.each([
    [500, { type: 'error', error: { type: 'api_error', message: 'insufficient balance (1008)' } }],
    [429, { error: { code: '1113', message: 'Insufficient balance or no resource package. Please recharge.' } }],
    [429, { error: { code: '1113', message: '余额不足或无可用资源包,请充值。' } }],
    [403, { code: 30011, message: 'The selected model requires paid balance. Your paid balance is insufficient.' }],
    [
      400,
      { error: { code: 'Arrearage', message: 'Access denied, please make sure your account is in good standing.' } },
    ],
    [403, { error: { message: 'Access denied due to overdue account' } }],
    [403, { code: 'denied', error: 'You have run out of credits or need a Grok subscription.' }],
    [429, { error: 'Your team 16f2 has either used all available credits or reached its monthly spending limit.' }],
  ])('say under any status that there is no money: %i %j', async (status, body) => {
    expect(await refused(status, body)).toMatchObject({ code: 'quota_exhausted', retryAfterMs: undefined });
  });

  it.each([
    [400, `Could not parse: ${'x'.repeat(200)} insufficient balance`, 'invalid_request'],
    [400, "Invalid schema for response_format 'x': In context=('properties', '余额不足'), no type.", 'invalid_request'],
    [404, 'The model `余额不足` does not exist.', 'unknown_model'],
    [404, 'model: insufficient balance', 'unknown_model'],
    [400, '余额不足 is not a valid model ID', 'unknown_model'],
  ])('rest no key for words that may be those of the request: %i %s', async (status, message, code) => {
    expect((await refused(status, { error: { message } })).code).toBe(code);
  });

  it.each([
    { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: na***ys.' },
    [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } }],
  ])('may call a wrong key a bad request: %j', async (body) => {
    expect((await refused(400, body)).code).toBe('provider_auth');
  });

  it('say what the model or the server cannot do', async () => {
    const tools = { code: 501, message: 'This server does not support tools.', type: 'not_supported_error' };
    expect((await refused(501, { error: tools })).code).toBe('capability_missing');
    const image = {
      code: 500,
      message: 'image input is not supported - hint: provide the mmproj',
      type: 'server_error',
    };
    expect((await refused(500, { error: image })).code).toBe('capability_missing');
  });

  it.each([
    [500, 'server_error', 'input (1200 tokens) is too large to process. increase the physical batch size'],
    [500, 'server_error', 'Context size has been exceeded.'],
    [500, 'exceed_context_size_error', 'the request exceeds the available context size. try increasing it'],
    [400, 'BadRequestError', 'max_tokens must be at least 1, got -186.'],
  ])('do not call it a failure of their own when a text is too long: %i %s %s', async (code, type, message) => {
    expect((await refused(code, { error: { code, message, type } })).code).toBe('context_too_long');
  });

  it.each([
    { message: 'No models loaded. Please load a model.', type: 'invalid_request_error', param: 'model' },
    { message: "model 'nope' not found", type: 'invalid_request_error', code: 400 },
    { message: 'Model Not Exist', type: 'invalid_request_error', param: null, code: 'invalid_request_error' },
    { message: 'some/model:free is not a valid model ID', code: 400 },
    { message: 'Invalid model: nope', type: 'invalid_model', param: null, code: '1500' },
    { message: "400: {'error': 'Invalid model name passed in model=nope'}", type: 'None', param: 'None', code: '400' },
  ])('go on to another server when this one has not the model: $message', async (error) => {
    expect((await refused(400, { error })).code).toBe('unknown_model');
  });

  it.each([
    "Invalid schema for function 'get_context_size': array schema missing items.",
    "Invalid schema for function 'f': In context=('properties', 'context_window'), array schema missing items.",
    'parameters.properties[context_length].items: missing field.',
    "1 validation error:\n  {'type': 'int_parsing', 'loc': ('body', 'seed'), 'msg': 'No integer', 'input': 'What is a context window?'}",
    "1 validation error for Request\nseed\n  No integer [type=int_parsing, input_value='Who says Invalid model: x?', input_type=str]",
  ])('mean what the server says, and not what it repeats of the request: %s', async (message) => {
    expect((await refused(400, { error: { message, type: 'BadRequestError', code: 400 } })).code).toBe(
      'invalid_request',
    );
  });

  it.each([
    { error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", code: 'invalid' },
    { error: { message: "Invalid 'input[0]': maximum input length is 8192 tokens.", type: 'invalid_request_error' } },
  ])('know a prompt that is too long, as xAI and OpenAI say it: $error', async (body) => {
    expect((await refused(400, body)).code).toBe('context_too_long');
  });

  it('teach nothing about a parameter that only the prompt speaks of', async () => {
    const repeated = "'msg': 'No integer', 'input': {'content': 'stream_options is unknown here'}}";
    const error = await refused(400, { error: { message: `1 validation error:\n  {${repeated}`, code: 400 } });
    expect(error.retrySame).toBe('no');
    await ask(bench.provider, 'streamed', bench.request(), bench.context());
    expect(bench.upstream.requests.at(-1)?.body).toHaveProperty('stream_options');
  });

  it('tell the field that a strict server did not know, and learn from it', async () => {
    const detail = [
      { loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted', type: 'extra_forbidden' },
    ];
    const error = await refused(422, { detail });
    expect(error).toMatchObject({ retrySame: 'at-once' });
    expect(error.message).toContain('body.stream_options: Extra inputs are not permitted');
    await ask(bench.provider, 'streamed', bench.request(), bench.context());
    expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('stream_options');
  });
});

describe('streams of servers that speak the OpenAI wire', () => {
  const text = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
  const stop = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\n`;

  it.each([
    ['a blank after the last word', `${text('Hello')}${stop}data: [DONE] \n\n`],
    ['events without data', `retry: 3000\n\nevent: ping\n\n${text('Hello')}data:\n\n${stop}data: [DONE]\n\n`],
    ['comments', `: OPENROUTER PROCESSING\n\n${text('Hel')}: x\n\n${text('lo')}${stop}data: [DONE]\n\n`],
    ['something behind the last word', `${text('Hello')}${stop}data: [DONE]\n\ndata: {"choices"`],
  ])('are read with %s', async (_, body) => {
    replace(200, body, 'text/event-stream');
    const answer = await ask(bench.provider, 'streamed', bench.request(), bench.context());
    expect(answer).toMatchObject({ text: 'Hello', finishReason: { unified: 'stop' } });
  });
});

it.each(MODES)(
  'a call has an id that its conversation does not know, though a server begins anew with "call_0" (%s)',
  async (mode) => {
    const call = { index: 0, id: 'call_0', type: 'function', function: { name: 'look', arguments: '{}' } };
    const said = { role: 'assistant', content: null, tool_calls: [call] };
    const choice = { index: 0, finish_reason: 'tool_calls' };
    const askedAfter = async (more: readonly Message[]) => {
      if (mode === 'whole') replace(200, JSON.stringify({ choices: [{ ...choice, message: said }] }));
      else {
        const chunk = JSON.stringify({ choices: [{ ...choice, delta: said }] });
        replace(200, `data: ${chunk}\n\ndata: [DONE]\n\n`, 'text/event-stream');
      }
      const request = bench.request();
      const asked = { ...request, messages: [...request.messages, ...more] };
      return (await ask(bench.provider, mode, asked, bench.context())).toolCalls.map(({ id }) => id);
    };
    const turn: readonly Message[] = [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call_0', name: 'look', argumentsJson: '{}' }] },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call_0', toolName: 'look', text: '' }] },
    ];
    expect(await askedAfter([])).toEqual(['call_0']);
    expect(await askedAfter(turn)).toEqual([expect.stringMatching(/^call_[0-9a-f]{32}$/)]);
  },
);
