import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OLLAMA_WIRE } from '../../../src/demo/vendors/ollama.ts';
import { ask, failureOf, MODES } from '../answers.ts';
import { type Bench, modelOf, SECRET_KEY, setUpBench } from '../harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await setUpBench('ollama', { wire: OLLAMA_WIRE });
});
afterAll(() => bench.close());

const lastBody = () => bench.upstream.requests.at(-1)?.body;
const prompt = (text: string) => ({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] }) as const;

it('takes no more tool calls than a client could offer', async () => {
  const call = {
    message: { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
  };
  const body = `${JSON.stringify({ model: 'm', ...call, done: false })}\n`.repeat(1_001);
  const headers = { 'content-type': 'application/x-ndjson' };
  bench.upstream.script({ fault: { type: 'replace', status: 200, headers, body } });
  const error = await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
  expect(error).toMatchObject({ code: 'malformed_response', message: expect.stringContaining('1000 tool calls') });
});

it('does not take what its model wrote for its own words', async () => {
  const error = `error parsing tool call: raw='{"text":"the model was not found', err=unexpected end of JSON input`;
  bench.upstream.script({
    fault: {
      type: 'replace',
      status: 500,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error }),
    },
  });
  const { code } = await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
  expect(code).toBe('provider_error');
});

describe('Ollama over its SDK', () => {
  for (const mode of MODES) {
    it(`says which window it needs and that nothing may be cut (${mode})`, async () => {
      await ask(bench.provider, mode, bench.request({ maxOutputTokens: 100, temperature: 0 }), bench.context());
      expect(lastBody()).toMatchObject({
        options: { num_ctx: 4_096, num_predict: 100, temperature: 0 },
        truncate: false,
        shift: false,
        stream: mode === 'streamed',
      });
    });

    it(`refuses the answer to a prompt the server cut silently, and keeps its counts (${mode})`, async () => {
      const model = { ...modelOf('ollama', []), contextTokens: 4_096 };
      const usage = {
        inputTokens: 2_050,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 3,
        reasoningTokens: 0,
      };
      bench.upstream.script({ say: { text: 'A fine summary.', usage } });
      const request = bench.request({ model, ...prompt('word '.repeat(8_000)) });
      const error = await failureOf(ask(bench.provider, mode, request, bench.context()));
      expect(error).toMatchObject({ code: 'context_too_long', usage: { inputTokens: 2_050, outputTokens: 3 } });
      expect(error.message).toContain('2050 tokens');
    });

    it(`names the command that pulls a missing model (${mode})`, async () => {
      bench.upstream.script({ say: { failure: 'unknown_model' } });
      const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
      expect(error.code).toBe('unknown_model');
      expect(error.message).toContain('ollama pull model-under-test');
    });

    it(`refuses an image by address before anything is sent (${mode})`, async () => {
      const count = bench.upstream.requests.length;
      const image = { type: 'image', source: { type: 'url', url: 'https://images.example/cat.png' } } as const;
      const request = bench.request({ messages: [{ role: 'user', content: [image] }] });
      const error = await failureOf(ask(bench.provider, mode, request, bench.context()));
      expect(error.code).toBe('capability_missing');
      expect(bench.upstream.requests).toHaveLength(count);
    });

    it(`reads an error with status 200, as text and as an object (${mode})`, async () => {
      for (const error of ['boom', { message: 'boom', type: 'api_error' }]) {
        const body = `${JSON.stringify({ error })}\n`;
        bench.upstream.script({ fault: { type: 'replace', status: 200, body } });
        const failure = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
        expect(failure.code).toBe('provider_error');
        expect(failure.message).toContain('boom');
      }
    });
  }

  it('says how to start a server that does not run', async () => {
    const provider = await bench.create({ baseUrl: 'http://127.0.0.1:9' });
    const error = await failureOf(ask(provider, 'streamed', bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toContain('check that it runs');
  });

  it('never prints to the console, which belongs to the protocol', async () => {
    const spies = (['log', 'warn', 'error', 'debug', 'info'] as const).map((name) => vi.spyOn(console, name));
    const broken = { type: 'extra-frame', afterFrames: 1, frame: 'no json, secret\n' } as const;
    const page = { type: 'replace', status: 500, headers: { 'content-type': 'text/html' }, body: '<p>secret' } as const;
    const half = { type: 'replace', status: 500, body: '{"error":' } as const;
    bench.upstream.script({ say: { text: 'One two' }, fault: broken }, { fault: page }, { fault: half });
    const codes = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      codes.push((await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()))).code);
    }
    expect(codes).toEqual(['malformed_response', 'provider_error', 'provider_error']);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it('needs no key, and sends one when there is one', async () => {
    await bench.provider.complete(bench.request(), bench.context());
    expect(bench.upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET_KEY}`);
    const { apiKey: _, ...context } = bench.context();
    await failureOf(bench.provider.complete(bench.request(), context));
    expect(bench.upstream.requests.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  it('takes a base URL with the path of either of its interfaces', async () => {
    for (const suffix of ['', '/', '/api', '/v1/']) {
      const provider = await bench.create({ baseUrl: bench.upstream.origin + suffix });
      expect((await provider.complete(bench.request(), bench.context())).finishReason.unified).toBe('stop');
    }
  });
});
