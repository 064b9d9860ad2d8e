import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPENAI_COMPATIBLE_WIRE } from '../../src/demo/vendors/openai.ts';
import type { Fault } from '../support/faults.ts';
import { ask, failureOf, MODES } from './answers.ts';
import { type Bench, setUpBench } from './harness.ts';
import { refusal, whole } from './openai-calls.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

const streamedCall = (bench: Bench) => ask(bench.provider, 'streamed', bench.request(), bench.context());

describe('a compatible server', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await setUpBench('openai-compatible', { wire: OPENAI_COMPATIBLE_WIRE });
  });
  afterAll(() => bench.close());

  it('is sent what the oldest understand, and no key when there is none', async () => {
    const { apiKey: _none, ...context } = bench.context();
    bench.upstream.script({});
    await ask(bench.provider, 'whole', bench.request({ maxOutputTokens: 9 }), context).catch(() => undefined);
    expect(bench.upstream.requests.at(-1)?.headers).not.toHaveProperty('authorization');
    expect(bench.upstream.requests.at(-1)?.body).toMatchObject({ max_tokens: 9 });
  });

  it('is not sent again what it refuses, by whatever words', async () => {
    const provider = await bench.create({});
    const request = bench.request({ maxOutputTokens: 9 });
    const call = () => ask(provider, 'streamed', request, bench.context());
    bench.upstream.script(
      refusal(400, { message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead." }),
      refusal(422, { message: 'body.stream_options: Extra inputs are not permitted' }),
    );
    expect((await failureOf(call())).retrySame).toBe('at-once');
    expect((await failureOf(call())).retrySame).toBe('at-once');
    const { usage } = await call();
    expect(bench.upstream.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 9 });
    expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('max_tokens');
    expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('stream_options');
    expect(usage.source).toBe('none');
  });

  it('may report a failure with status 200, or as a bare text', async () => {
    const body = JSON.stringify({ error: { message: 'Rate limited upstream', code: 'rate_limit_exceeded' } });
    bench.upstream.script(
      { fault: { type: 'replace', headers: JSON_TYPE, body } },
      { fault: { type: 'replace', status: 500, headers: JSON_TYPE, body: '{"error":"out of memory"}' } },
      {
        fault: {
          type: 'replace',
          status: 400,
          headers: JSON_TYPE,
          body: '{"detail":"prompt is too long: 9000 tokens"}',
        },
      },
    );
    expect((await failureOf(whole(bench))).code).toBe('rate_limited');
    expect(await failureOf(whole(bench))).toMatchObject({
      code: 'provider_error',
      message: expect.stringMatching(/out of memory/),
    });
    expect((await failureOf(whole(bench))).code).toBe('context_too_long');
  });

  it('may give the whole answer at once although a stream was asked for', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Bern"}' } };
    const message = { role: 'assistant', content: 'Hi there', reasoning_content: 'Hm.', tool_calls: [call] };
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    const whole = { model: 'served', choices: [{ message, finish_reason: 'tool_calls' }], usage };
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const inJson = (body: string): { fault: Fault } => ({ fault: { type: 'replace', headers, body } });
    const body = JSON.stringify(whole, null, 2);
    bench.upstream.script(inJson(body), inJson(body));
    const [streamed, plain] = [
      await streamedCall(bench),
      await ask(bench.provider, 'whole', bench.request(), bench.context()),
    ];
    expect(streamed).toEqual(plain);
    expect(streamed).toMatchObject({
      text: 'Hi there',
      reasoning: 'Hm.',
      toolCalls: [{ id: 'call_1', name: 'get_weather', argumentsJson: '{"city":"Bern"}' }],
      finishReason: { unified: 'tool_calls' },
      usage: { inputTokens: 7, outputTokens: 3, source: 'reported' },
      model: 'served',
    });
  });

  it.each(MODES)(
    'may give its thoughts among the parts of its answer, and its usage in the choice (%s)',
    async (mode) => {
      const thought = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
      const parts = [[thought('Hm')], [thought('.'), { type: 'text', text: 'Hi' }]];
      const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
      const end = { finish_reason: 'stop', ...(mode === 'streamed' && { usage }) };
      const deltas = [...parts.map((content) => ({ delta: { content } })), { delta: {}, ...end }];
      const events = deltas.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join('');
      const body = JSON.stringify({ choices: [{ message: { content: parts.flat() }, ...end }], usage });
      const sent = mode === 'whole' ? { headers: JSON_TYPE, body } : { headers: {}, body: `${events}data: [DONE]\n\n` };
      bench.upstream.script({ fault: { type: 'replace', ...sent } });
      expect(await ask(bench.provider, mode, bench.request(), bench.context())).toMatchObject({
        text: 'Hi',
        reasoning: 'Hm.',
        usage: { inputTokens: 7, outputTokens: 3, source: 'reported' },
      });
    },
  );

  it('may take one value only of a parameter', async () => {
    const provider = await bench.create({});
    bench.upstream.script(refusal(400, { message: 'invalid temperature: only 1 is allowed for this model' }));
    const request = bench.request({ temperature: 0.2, unsupportedParameters: 'drop' });
    expect((await failureOf(ask(provider, 'whole', request, bench.context()))).retrySame).toBe('at-once');
    // The usual is what it does unasked.
    for (const again of [request, bench.request({ temperature: 1 })]) {
      await ask(provider, 'whole', again, bench.context());
      expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('temperature');
    }
  });

  it('may take either of two parameters, but not both', async () => {
    const provider = await bench.create({});
    const message = '`temperature` and `top_p` cannot both be specified for this model. Please use only one.';
    bench.upstream.script(refusal(400, { message }));
    const request = bench.request({ temperature: 0.2, topP: 0.4, unsupportedParameters: 'drop' });
    expect((await failureOf(ask(provider, 'whole', request, bench.context()))).retrySame).toBe('at-once');
    await ask(provider, 'whole', request, bench.context());
    expect(bench.upstream.requests.at(-1)?.body).not.toHaveProperty('temperature');
    expect(bench.upstream.requests.at(-1)?.body).toHaveProperty('top_p', 0.4);
    await ask(provider, 'whole', bench.request({ temperature: 0.2 }), bench.context());
    expect(bench.upstream.requests.at(-1)?.body).toHaveProperty('temperature', 0.2);
  });

  it('may put a failure there, or a body that is cut or no answer', async () => {
    const inJson = (body: string): { fault: Fault } => ({ fault: { type: 'replace', headers: JSON_TYPE, body } });
    bench.upstream.script(
      inJson('{"error":{"message":"Slow down.","code":"rate_limit_exceeded"}}'),
      inJson('{"choices":[{"message":{"content":"Hi'),
      inJson('{"choices":[]}\n'),
    );
    expect((await failureOf(streamedCall(bench))).code).toBe('rate_limited');
    expect((await failureOf(streamedCall(bench))).code).toBe('stream_truncated');
    expect((await failureOf(streamedCall(bench))).code).toBe('malformed_response');
  });

  it('may call its stream by a wrong name', async () => {
    const event = JSON.stringify({ choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] });
    bench.upstream.script({
      fault: { type: 'replace', headers: JSON_TYPE, body: `data: ${event}\n\ndata: [DONE]\n\n` },
    });
    expect(await streamedCall(bench)).toMatchObject({ text: 'Hi', finishReason: { unified: 'stop' } });
  });

  it('may end its stream without [DONE], but not without a finish reason', async () => {
    const frames = (finish: string | null) =>
      `data: ${JSON.stringify({ choices: [{ delta: { content: 'Hi' }, finish_reason: finish }] })}\n\n`;
    const headers = { 'content-type': 'text/event-stream' };
    bench.upstream.script(
      { fault: { type: 'replace', headers, body: frames('stop') } },
      { fault: { type: 'replace', headers, body: frames(null) } },
    );
    const call = () => ask(bench.provider, 'streamed', bench.request(), bench.context());
    expect(await call()).toMatchObject({ text: 'Hi', finishReason: { unified: 'stop' } });
    expect((await failureOf(call())).code).toBe('stream_truncated');
  });

  it('needs an address', async () => {
    const { baseUrl: _none, ...settings } = { baseUrl: undefined };
    const { createOpenAiCompatibleProvider } = await import('../../src/providers/openai-compatible/provider.ts');
    const bare = { id: 'local', kind: 'openai-compatible', keys: [], status: 'configured', ...settings } as const;
    await expect(createOpenAiCompatibleProvider(bare, bench.transport)).rejects.toThrow(/local needs a baseUrl/);
  });
});
