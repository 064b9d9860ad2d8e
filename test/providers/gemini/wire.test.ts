import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import { GEMINI_WIRE } from '../../../src/demo/vendors/gemini.ts';
import { ask, failureOf, MODES, partsOf } from '../answers.ts';
import { type Bench, modelOf, setUpBench } from '../harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await setUpBench('gemini', { wire: GEMINI_WIRE });
});
afterAll(() => bench.close());
afterEach(() => vi.unstubAllEnvs());

const lastRequest = () => bench.upstream.requests.at(-1);
const json = { 'content-type': 'application/json' };
const usageMetadata = { promptTokenCount: 7, totalTokenCount: 7 };

/** Puts a body of its own on the wire, whole or as the only event of a stream. */
function scriptBody(mode: 'whole' | 'streamed', value: object): void {
  const text = JSON.stringify(value);
  const body = mode === 'whole' ? text : `data: ${text}\r\n\r\n`;
  const headers = mode === 'whole' ? json : { 'content-type': 'text/event-stream' };
  bench.upstream.script({ fault: { type: 'replace', headers, body } });
}

describe('Gemini over its SDK', () => {
  it('sends the key in a header, never in the address, to v1beta whatever the environment says', async () => {
    vi.stubEnv('GOOGLE_GENAI_API_VERSION', 'v1alpha');
    vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true');
    vi.stubEnv('GOOGLE_API_KEY', 'key-of-the-environment');
    vi.stubEnv('GEMINI_API_KEY', 'another-key');
    const warn = vi.spyOn(console, 'warn');
    await bench.provider.complete(bench.request(), bench.context());
    expect(lastRequest()?.path).toBe('/v1beta/models/model-under-test:generateContent');
    expect(lastRequest()?.query.toString()).toBe('');
    expect(lastRequest()?.headers['x-goog-api-key']).toMatch(/^canary/);
    expect(warn).not.toHaveBeenCalled();
  });

  it('claims no key when there is none, and prints no warning about it', async () => {
    const warn = vi.spyOn(console, 'warn');
    const { apiKey: _, ...context } = bench.context();
    const error = await failureOf(bench.provider.complete(bench.request(), context));
    expect(error.code).toBe('provider_auth');
    expect(lastRequest()?.headers).not.toHaveProperty('x-goog-api-key');
    expect(warn).not.toHaveBeenCalled();
  });

  it('takes a base URL with and without the version', async () => {
    for (const suffix of ['', '/', '/v1beta', '/v1beta/']) {
      const provider = await bench.create({ baseUrl: bench.upstream.origin + suffix });
      expect((await provider.complete(bench.request(), bench.context())).finishReason.unified).toBe('stop');
    }
  });

  for (const mode of MODES) {
    it(`asks once, even when the vendor offers to go on (${mode})`, async () => {
      const count = bench.upstream.requests.length;
      const content = { role: 'model', parts: [{ text: 'Half' }] };
      scriptBody(mode, {
        candidates: [{ content, finishReason: 'CONTINUATION', continuationToken: 'dG9rZW4=' }],
        usageMetadata,
      });
      const answer = await ask(bench.provider, mode, bench.request(), bench.context());
      expect(answer.finishReason).toEqual({ unified: 'length', raw: 'CONTINUATION' });
      expect(bench.upstream.requests).toHaveLength(count + 1);
    });

    it(`takes a blocked prompt for a flagged answer (${mode})`, async () => {
      scriptBody(mode, { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata });
      const answer = await ask(bench.provider, mode, bench.request(), bench.context());
      expect(answer).toMatchObject({
        text: '',
        finishReason: { unified: 'content_filter', raw: 'blockReason:PROHIBITED_CONTENT' },
        usage: { inputTokens: 7, source: 'reported' },
      });
    });

    it(`asks for one more try after a malformed call, and keeps its cost (${mode})`, async () => {
      scriptBody(mode, { candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL' }], usageMetadata });
      const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
      expect(error).toMatchObject({
        code: 'malformed_response',
        retrySame: 'once',
        vendorCode: 'MALFORMED_FUNCTION_CALL',
        usage: { inputTokens: 7, source: 'reported' },
      });
    });

    it(`brings a thought signature back unchanged in a tool loop (${mode})`, async () => {
      const toolCalls = [{ id: 'fc-1', name: 'now', argumentsJson: '{}' }];
      bench.upstream.script({ say: { toolCalls, signature: 'c2lnbmVk' } });
      const { toolCalls: calls } = await ask(bench.provider, mode, bench.request(), bench.context());
      const messages: Message[] = [
        { role: 'user', content: [{ type: 'text', text: 'Time?' }] },
        { role: 'assistant', content: calls },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'fc-1', toolName: 'now', text: 'noon' }] },
      ];
      await ask(bench.provider, mode, bench.request({ messages }), bench.context());
      expect(lastRequest()?.body).toMatchObject({
        contents: [
          { role: 'user' },
          {
            role: 'model',
            parts: [{ functionCall: { id: 'fc-1', name: 'now', args: {} }, thoughtSignature: 'c2lnbmVk' }],
          },
          { role: 'user', parts: [{ functionResponse: { id: 'fc-1', name: 'now', response: { output: 'noon' } } }] },
        ],
      });
    });
  }

  it('waits for midnight in California when the day is used up', async () => {
    bench.upstream.script({ say: { failure: 'quota' } });
    const error = await failureOf(bench.provider.complete(bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'rate_limited', retrySame: 'no' });
    expect(error.retryAfterMs).toBeGreaterThan(0);
  });

  it('says in the middle of a stream what went wrong, without the raw event', async () => {
    const fault = { type: 'error-event', afterFrames: 1, failure: { failure: 'overloaded' } } as const;
    bench.upstream.script({ say: { text: 'One two' }, fault });
    const parts = await partsOf(bench.provider, bench.request(), bench.context());
    const end = parts.at(-1);
    expect(end).toMatchObject({ type: 'error', error: { code: 'provider_overloaded' } });
    expect(end?.type === 'error' && end.error.message).toContain('The model is overloaded');
    expect(end?.type === 'error' && end.error.message).not.toContain('{');
  });

  it('reads an error that comes with status 200 by its words', async () => {
    const error = { status: 'UNAVAILABLE', message: 'The model is overloaded.' };
    for (const body of [{ error: { ...error, code: 503 } }, [{ error }]]) {
      scriptBody('whole', body);
      expect((await failureOf(bench.provider.complete(bench.request(), bench.context()))).code).toBe(
        'provider_overloaded',
      );
    }
    scriptBody('whole', { error: 'out of order' });
    expect((await failureOf(bench.provider.complete(bench.request(), bench.context()))).code).toBe('provider_error');
  });

  it('embeds each text by itself, also with models for which the SDK joins them', async () => {
    for (const name of ['gemini-embedding-001', 'gemini-embedding-2']) {
      const vendor = await setUpBench('gemini', { wire: GEMINI_WIRE });
      const headers = json;
      const body = JSON.stringify({ embeddings: [{ values: [1, 2] }, { values: [3, 4] }] });
      vendor.upstream.script({ fault: { type: 'replace', status: 200, headers, body } });
      const input = ['one', 'two, longer'];
      const output = await vendor.provider.embed?.({ model: modelOf('gemini', [], name), input }, vendor.context());
      expect(output?.embeddings).toEqual([
        [1, 2],
        [3, 4],
      ]);
      // The vendor did not count, so we did: by length.
      expect(output?.usage).toMatchObject({ inputTokens: 4, source: 'estimated' });
      expect(vendor.upstream.requests[0]?.call).toMatchObject({ type: 'embed', model: name, input });
      await vendor.close();
    }
  });
});
