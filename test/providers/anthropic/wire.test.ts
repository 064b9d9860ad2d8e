import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import { ANTHROPIC_WIRE } from '../../../src/demo/vendors/anthropic.ts';
import { eventually } from '../../support/until.ts';
import { ask, failureOf, MODES, partsOf } from '../answers.ts';
import { type Bench, setUpBench } from '../harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await setUpBench('anthropic', { wire: ANTHROPIC_WIRE });
});
afterAll(() => bench.close());
afterEach(() => vi.unstubAllEnvs());

const lastBody = () => bench.upstream.requests.at(-1)?.body;
const lastHeaders = () => bench.upstream.requests.at(-1)?.headers ?? {};
const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };

describe('Anthropic over its SDK', () => {
  it('sends the key as a bearer token, the version and the one limit, and takes nothing from the environment', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'key-of-the-environment');
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'token-of-the-environment');
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://127.0.0.1:9');
    await bench.provider.complete(bench.request({ maxOutputTokens: 77 }), bench.context());
    expect(lastHeaders()).toMatchObject({ 'anthropic-version': '2026-10-21' });
    expect(lastHeaders().authorization).toMatch(/^Bearer canary/);
    expect(lastBody()).toMatchObject({ max_tokens: 77 });
  });

  it('claims no key when there is none, whatever the environment holds', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'key-of-the-environment');
    const { apiKey: _, ...context } = bench.context();
    const error = await failureOf(bench.provider.complete(bench.request(), context));
    expect(error.code).toBe('provider_auth');
    expect(lastHeaders()).not.toHaveProperty('authorization');
    expect(lastHeaders()).not.toHaveProperty('x-api-key');
  });

  it('reads of its models what is there, and says what is missing', async () => {
    const listed = (body: object) => {
      const headers = { 'content-type': 'application/json' };
      bench.upstream.script({ fault: { type: 'replace', status: 200, headers, body: JSON.stringify(body) } });
      return bench.provider.listModels?.(bench.context());
    };
    const data = [{ id: 'a', max_tokens: null }, { id: 'b' }, null, { id: 7 }];
    expect(await listed({ data })).toStrictEqual(['a', 'b']);
    await expect(listed({})).rejects.toMatchObject({
      code: 'malformed_response',
      message: expect.stringContaining('no "data"'),
    });
  });

  it('leaves a system message in its place, until the model refuses it there', async () => {
    const messages: readonly Message[] = [user, { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] }];
    const words = "messages: role 'system' is not supported on this model";
    for (const mode of MODES) {
      const provider = await bench.create({});
      const sent = async (name: string) => {
        const request = bench.request({ model: { ...bench.model, name }, messages });
        const error = await failureOf(ask(provider, mode, request, bench.context()));
        return { error, body: lastBody() };
      };
      expect((await sent('claude-sonnet-5-5')).body).toMatchObject({
        messages: [{ role: 'user' }, { role: 'system' }],
      });
      bench.upstream.script({ say: { failure: 'invalid', message: words } });
      const { error } = await sent('claude-sonnet-5-5');
      expect(error).toMatchObject({ code: 'invalid_request', retrySame: 'at-once' });
      const hoisted = { system: 'Be brief.', messages: [{ role: 'user' }] };
      for (const name of ['claude-sonnet-5-5', 'claude-haiku-4-5', 'some-model']) {
        expect((await sent(name)).body).toMatchObject(hoisted);
      }
    }
  });

  it('begins with a greeting of the model, until that is refused', async () => {
    const greeting: Message = { role: 'assistant', content: [{ type: 'text', text: 'Welcome!' }] };
    const provider = await bench.create({});
    const asked = { ...bench.request(), messages: [greeting, user] };
    const first = await ask(provider, 'whole', asked, bench.context());
    expect([first.text, lastBody()]).toMatchObject([expect.any(String), { messages: [{ role: 'assistant' }, {}] }]);
    const message = 'messages: first message must use the "user" role';
    bench.upstream.script({ say: { failure: 'invalid', message } });
    expect((await failureOf(ask(provider, 'whole', asked, bench.context()))).retrySame).toBe('at-once');
    await ask(provider, 'whole', asked, bench.context());
    expect(lastBody()).toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }] });
  });

  it('prints no warning when a model is about to retire', async () => {
    const printed = vi.spyOn(console, 'warn');
    const request = bench.request({ model: { ...bench.model, name: 'claude-sonnet-4-5' } });
    for (const mode of MODES) await failureOf(ask(bench.provider, mode, request, bench.context()));
    expect(bench.upstream.requests.slice(-2)).toMatchObject([{ body: { model: 'claude-sonnet-4-5' } }, {}]);
    expect(printed).not.toHaveBeenCalled();
  });

  it('takes a base URL with and without /v1', async () => {
    for (const suffix of ['', '/', '/v1', '/v1/']) {
      const provider = await bench.create({ baseUrl: bench.upstream.origin + suffix });
      expect((await provider.complete(bench.request(), bench.context())).finishReason.unified).toBe('stop');
    }
  });

  for (const mode of MODES) {
    it(`brings signed thinking back unchanged in a tool loop (${mode})`, async () => {
      const toolCalls = [{ id: 'toolu_1', name: 'now', argumentsJson: '{}' }];
      bench.upstream.script({ say: { reasoning: 'Hm. Hm.', signature: 'c2lnbmVk', toolCalls } });
      const content = mode === 'whole' ? await wholeContent() : await streamedContent();
      const results: Message = {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: 'toolu_1', toolName: 'now', text: 'noon' }],
      };
      const messages: Message[] = [user, { role: 'assistant', content }, results];
      await ask(bench.provider, mode, bench.request({ messages }), bench.context());
      expect(lastBody()).toMatchObject({
        messages: [
          {},
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'Hm. Hm.', signature: 'c2lnbmVk' },
              { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} },
            ],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'noon' }] },
        ],
      });
    });
  }

  type Content = Extract<Message, { role: 'assistant' }>['content'];

  async function wholeContent(): Promise<Content> {
    return (await bench.provider.complete(bench.request(), bench.context())).content;
  }

  async function streamedContent(): Promise<Content> {
    const parts = await partsOf(bench.provider, bench.request(), bench.context());
    return parts.flatMap((part): Content => {
      if (part.type === 'tool-call') return [part];
      return part.type === 'reasoning-delta' ? [{ ...part, type: 'reasoning' }] : [];
    });
  }

  it.each(MODES)(
    'gives a call an id that its conversation does not know, though a server begins anew (%s)',
    async (mode) => {
      const call = { id: 'call_0', name: 'look', argumentsJson: '{}' };
      const messages: readonly Message[] = [
        user,
        { role: 'assistant', content: [{ type: 'tool-call', ...call }] },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call_0', toolName: 'look', text: '1' }] },
      ];
      bench.upstream.script({ say: { toolCalls: [call] } });
      const { toolCalls } = await ask(bench.provider, mode, bench.request({ messages }), bench.context());
      expect(toolCalls).toEqual([{ type: 'tool-call', ...call, id: expect.stringMatching(/^call_[0-9a-f]{32}$/) }]);
    },
  );

  it('takes pings for a sign of life, never for content', async () => {
    bench.upstream.script({ say: { text: 'One two' }, fault: { type: 'stall', afterFrames: 3 } });
    const onActivity = vi.fn();
    const cancel = new AbortController();
    const reading = partsOf(bench.provider, bench.request(), bench.context({ onActivity, signal: cancel.signal }));
    await eventually(() => expect(onActivity).toHaveBeenCalled());
    setTimeout(() => cancel.abort(), 50);
    const parts = await reading;
    // message_start, content_block_start, ping: usage was told, nothing was said.
    expect(parts.filter((part) => part.type !== 'usage').map((part) => part.type)).toEqual(['error']);
  });

  it('reads a 413 of the proxy before the API, which is no JSON', async () => {
    const body = '<html><head><style>h1{}</style></head><body><h1>413 Request Entity Too Large</h1></body></html>';
    const headers = { 'content-type': 'text/html' };
    bench.upstream.script({ fault: { type: 'replace', status: 413, headers, body } });
    const error = await failureOf(bench.provider.complete(bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'too_large', status: 413 });
    expect(error.message).toContain('413 Request Entity Too Large');
  });

  it('keeps what a refusal cost, and the id of the request', async () => {
    const usage = { inputTokens: 9, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 0 };
    bench.upstream.script({ say: { text: 'I', finish: 'refusal', usage } });
    const answer = await ask(bench.provider, 'streamed', bench.request(), bench.context());
    expect(answer.finishReason).toEqual({ unified: 'refusal', raw: 'refusal' });
    expect(answer.usage).toEqual({ ...usage, source: 'reported' });
    expect(answer.providerRequestId).toBe('req_simulated_anthropic');
  });

  it('reads an error that comes with status 200 by its type', async () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    bench.upstream.script({ fault: { type: 'replace', status: 200, body } });
    const error = await failureOf(bench.provider.complete(bench.request(), bench.context()));
    expect(error.code).toBe('provider_overloaded');
  });

  it('never prints what it cannot read', async () => {
    const spies = (['log', 'warn', 'error', 'debug', 'info'] as const).map((name) => vi.spyOn(console, name));
    const frame = 'event: content_block_delta\ndata: {"secret answer\n\n';
    bench.upstream.script({ say: { text: 'One two' }, fault: { type: 'extra-frame', afterFrames: 3, frame } });
    const error = await failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context()));
    expect(error.code).toBe('malformed_response');
    expect(error.message).not.toContain('secret');
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it('has no embeddings', async () => {
    expect(bench.provider).not.toHaveProperty('embed');
  });
});
