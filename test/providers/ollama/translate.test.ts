import type { ChatResponse } from 'ollama';
import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { Message } from '../../../src/core/message.ts';
import type { ModelInfo } from '../../../src/core/model.ts';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { fromOllamaResponse } from '../../../src/providers/ollama/from-ollama-response.ts';
import { fromOllamaStream } from '../../../src/providers/ollama/from-ollama-stream.ts';
import { contextWindow, promptBounds, refuseTruncatedPrompt } from '../../../src/providers/ollama/ollama-context.ts';
import { toOllamaRequest } from '../../../src/providers/ollama/to-ollama-request.ts';
import { thrownBy } from '../../support/thrown-by.ts';

const model: ModelInfo = {
  ref: 'ollama/llama3.2',
  provider: 'ollama',
  name: 'llama3.2',
  contextTokens: 131_072,
  capabilities: ['tools', 'vision', 'json-schema'],
  tags: [],
};
const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const hello: ProviderRequest = { model, messages: [user('Hello')] };
const toWire = (request: ProviderRequest) => toOllamaRequest(request, promptBounds(request));

describe('a request to Ollama', () => {
  it('holds the results of parallel calls in the order of the calls, which is all that tells them apart', () => {
    const { messages } = toWire({
      ...hello,
      messages: [
        user('Weather?'),
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{"city":"Paris"}' },
            { type: 'tool-call', id: 'b', name: 'weather', argumentsJson: '{"city":"Rome"}' },
          ],
        },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'b', toolName: 'weather', text: 'rain' }] },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'weather', text: 'sun' }] },
      ],
    });
    expect(messages?.slice(-2).map(({ content }) => content)).toEqual(['sun', 'rain']);
  });

  it('carries one system message, named tool results and arguments as objects', () => {
    const { messages } = toWire({
      ...hello,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        user('Weather?'),
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'reasoning', text: 'Secret.', vendorState: { kind: 'anthropic', value: '{}' } },
            { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{"city":"Paris"}' },
            { type: 'tool-call', id: 'b', name: 'weather', argumentsJson: '{"city":"Rome"}' },
          ],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: 'a', toolName: 'weather', text: '21' },
            { type: 'tool-result', toolCallId: 'b', toolName: 'weather', text: 'no such city', isError: true },
          ],
        },
      ],
    });
    expect(messages).toEqual([
      { role: 'system', content: 'Be brief.\n\nBe kind.' },
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: '',
        thinking: 'Hm.',
        tool_calls: [
          { function: { name: 'weather', arguments: { city: 'Paris' } } },
          { function: { name: 'weather', arguments: { city: 'Rome' } } },
        ],
      },
      { role: 'tool', content: '21', tool_name: 'weather' },
      { role: 'tool', content: 'Error: no such city', tool_name: 'weather' },
    ]);
  });

  it('sends images as bytes, so that base64 which names a file is never read as that file', () => {
    const base64 = '/etc/passwd+';
    const image = { type: 'image', source: { type: 'data', mediaType: 'image/png', base64 } } as const;
    const { messages } = toWire({ ...hello, messages: [{ role: 'user', content: [image] }] });
    expect(messages?.[0]?.images?.[0]).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(messages?.[0]?.images?.[0] as Uint8Array).toString('base64')).toBe(base64);
  });

  it('refuses what Ollama cannot do: images by address, tools that must be called', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const;
    expect(thrownBy(() => toWire({ ...hello, messages: [{ role: 'user', content: [image] }] })).code).toBe(
      'capability_missing',
    );
    const tools = [{ name: 'weather', inputSchema: { type: 'object' } }];
    expect(thrownBy(() => toWire({ ...hello, tools, toolChoice: 'required' })).code).toBe('capability_missing');
    expect(toWire({ ...hello, tools, toolChoice: 'none' })).not.toHaveProperty('tools');
    expect(toWire({ ...hello, tools }).tools).toHaveLength(1);
  });

  it('asks for JSON by its own format and passes limits and temperature as options', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const responseFormat = { type: 'json-schema', name: 'place', schema } as const;
    const body = toWire({ ...hello, responseFormat, maxOutputTokens: 100, temperature: 0 });
    expect(body.format).toEqual(schema);
    expect(body.options).toEqual({ num_ctx: 4_096, num_predict: 100, temperature: 0 });
  });

  it('wants an error, not a shorter prompt, when the window is too small', () => {
    expect(toWire(hello)).toMatchObject({ truncate: false, shift: false });
  });
});

describe('the window asked of Ollama', () => {
  const windowFor = (request: ProviderRequest) => contextWindow(request, promptBounds(request));

  it('holds the prompt and the answer, in few sizes, and is never larger than the model has', () => {
    expect(windowFor(hello)).toBe(4_096);
    expect(windowFor({ ...hello, maxOutputTokens: 6_000 })).toBe(8_192);
    expect(windowFor({ ...hello, messages: [user('x'.repeat(60_000))] })).toBe(32_768);
    expect(windowFor({ ...hello, messages: [user('x'.repeat(9_000_000))] })).toBe(131_072);
    expect(windowFor({ ...hello, model: { ...model, contextTokens: 2_048 } })).toBe(2_048);
  });

  it('counts languages without spaces by their bytes', () => {
    expect(windowFor({ ...hello, messages: [user('光合作用'.repeat(2_000))] })).toBe(16_384);
  });

  it('shows a prompt that the server cut silently', () => {
    const request = { ...hello, messages: [user('word '.repeat(8_000))], model: { ...model, contextTokens: 4_096 } };
    const bounds = promptBounds(request);
    const read = (inputTokens: number) => () =>
      refuseTruncatedPrompt({ ...NO_USAGE, inputTokens, source: 'reported' }, 4_096, bounds);
    expect(thrownBy(read(2_050)).code).toBe('context_too_long');
    expect(read(8_010)).not.toThrow();
    // Servers before 0.5 leave the count out for a cached prompt: that shows nothing.
    expect(read(0)).not.toThrow();
    expect(() => refuseTruncatedPrompt({ ...NO_USAGE, inputTokens: 3 }, 131_072, bounds)).not.toThrow();
  });
});

describe('an answer of Ollama', () => {
  const read = (value: unknown) => fromOllamaResponse(value as ChatResponse, 'm');
  const answer = {
    model: 'llama3.2',
    message: {
      role: 'assistant',
      content: 'Let me look.',
      thinking: 'Hm.',
      tool_calls: [
        { function: { name: 'weather', arguments: { city: 'Paris' } } },
        { function: { name: 'weather', arguments: { city: 'Rome' } } },
      ],
    },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 26,
    eval_count: 30,
  };

  it('keeps content and usage, and gives every call its own id', () => {
    const { content, finishReason, usage } = read(answer);
    expect(content.map((part) => part.type)).toEqual(['reasoning', 'text', 'tool-call', 'tool-call']);
    const calls = content.filter((part) => part.type === 'tool-call');
    expect(calls[0]?.argumentsJson).toBe('{"city":"Paris"}');
    expect(calls[0]?.id).not.toBe(calls[1]?.id);
    expect(finishReason).toEqual({ unified: 'tool_calls', raw: 'stop' });
    expect(usage).toEqual({ ...NO_USAGE, inputTokens: 26, outputTokens: 30, source: 'reported' });
  });

  it('maps its reasons and is refused unfinished', () => {
    const message = { role: 'assistant', content: 'Hi' };
    expect(read({ message, done: true, done_reason: 'length' }).finishReason.unified).toBe('length');
    expect(read({ message, done: true, done_reason: 'load' }).finishReason.unified).toBe('other');
    expect(read({ message, done: true }).finishReason).toEqual({ unified: 'stop', raw: 'done' });
    expect(thrownBy(() => read({ message, done: false })).code).toBe('malformed_response');
    expect(thrownBy(() => read({ done: true })).code).toBe('malformed_response');
    const nameless = { ...message, tool_calls: [{ function: { arguments: {} } }] };
    expect(thrownBy(() => read({ message: nameless, done: true })).code).toBe('malformed_response');
  });
});

describe('a stream of Ollama', () => {
  async function translated(chunks: readonly object[], checkUsage = () => {}): Promise<StreamPart[]> {
    async function* wire(): AsyncGenerator<ChatResponse> {
      yield* chunks as readonly ChatResponse[];
    }
    const parts: StreamPart[] = [];
    for await (const part of fromOllamaStream(wire(), { requestedModel: 'm', checkUsage })) parts.push(part);
    return parts;
  }
  const chunk = (message: object) => ({ model: 'llama3.2', message: { role: 'assistant', ...message }, done: false });
  const last = { ...chunk({ content: '' }), done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 2 };

  it('yields thinking, text, calls, usage and the end', async () => {
    const parts = await translated([
      chunk({ content: '', thinking: 'Hm.' }),
      chunk({ content: 'Hél' }),
      chunk({ content: '', tool_calls: [{ function: { name: 'now', arguments: {} } }] }),
      last,
    ]);
    expect(parts).toEqual([
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'text-delta', text: 'Hél' },
      { type: 'tool-call', id: expect.stringMatching(/^call_[0-9a-f]{32}$/), name: 'now', argumentsJson: '{}' },
      { type: 'usage', usage: { ...NO_USAGE, inputTokens: 5, outputTokens: 2, source: 'reported' } },
      { type: 'finish', finishReason: { unified: 'tool_calls', raw: 'stop' }, model: 'llama3.2' },
    ]);
  });

  it('does not finish before the chunk that says done, nor when the prompt was cut', async () => {
    expect(await translated([chunk({ content: 'Hel' })])).toEqual([{ type: 'text-delta', text: 'Hel' }]);
    const refuse = () => {
      throw new GatewayError('context_too_long', 'it was cut.');
    };
    await expect(translated([chunk({ content: 'Hel' }), last], refuse)).rejects.toMatchObject({
      code: 'context_too_long',
    });
  });
});
