import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import type { ModelInfo } from '../../../src/core/model.ts';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import { toGeminiRequest } from '../../../src/providers/gemini/to-gemini-request.ts';
import { thrownBy } from '../../support/thrown-by.ts';
import { candidate, read } from './translate-fixture.ts';

const model = (name: string): ModelInfo => ({
  ref: `gemini/${name}`,
  provider: 'gemini',
  name,
  contextTokens: 1_048_576,
  capabilities: ['tools', 'vision', 'json-schema'],
  tags: [],
});
const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };
const hello: ProviderRequest = { model: model('gemini-3.8-flash'), messages: [user] };
const toWire = toGeminiRequest;

describe('a request to Gemini', () => {
  it('joins system messages and turns off everything the SDK would send by itself', () => {
    const { config, contents } = toWire({
      ...hello,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        user,
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      ],
      maxOutputTokens: 100,
      temperature: 0.2,
    });
    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'Hello' }] }]);
    expect(config).toMatchObject({
      systemInstruction: { parts: [{ text: 'Be brief.\n\nBe kind.' }] },
      maxOutputTokens: 100,
      temperature: 0.2,
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
    });
  });

  it('says what a PDF is called before it, for its data has no name', () => {
    const source = { type: 'data', mediaType: 'application/pdf', base64: 'JVBERi0xLjc=' } as const;
    const byUrl = { type: 'url', url: 'https://example.com/tides' } as const;
    const content = [
      { type: 'document', source, title: 'tides.pdf' },
      { type: 'document', source: byUrl },
    ] as const;
    expect(toWire({ ...hello, messages: [{ role: 'user', content }] }).contents).toEqual([
      {
        role: 'user',
        parts: [
          { text: 'Document: tides.pdf' },
          { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0xLjc=' } },
          { fileData: { fileUri: 'https://example.com/tides', mimeType: 'application/pdf' } },
        ],
      },
    ]);
  });

  it('sends images as data or by address, with the type its name shows, where the model can fetch it', () => {
    const url = (address: string) => ({ type: 'image', source: { type: 'url', url: address } }) as const;
    const data = { type: 'image', source: { type: 'data', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } } as const;
    const content = [data, url('https://example.com/a.JPG?x=1'), url('https://example.com/a')];
    expect(toWire({ ...hello, messages: [{ role: 'user', content }] }).contents).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
          { fileData: { fileUri: 'https://example.com/a.JPG?x=1', mimeType: 'image/jpeg' } },
          { fileData: { fileUri: 'https://example.com/a' } },
        ],
      },
    ]);
    const old = { model: model('gemini-2.0-flash'), messages: [{ role: 'user', content }] } as const;
    expect(thrownBy(() => toWire(old)).code).toBe('capability_missing');
    const insecure = { ...hello, messages: [{ role: 'user', content: [url('http://example.com/a.png')] }] } as const;
    expect(thrownBy(() => toWire(insecure)).code).toBe('capability_missing');
    const nowhere = { ...hello, messages: [{ role: 'user', content: [url('nowhere')] }] } as const;
    expect(thrownBy(() => toWire(nowhere)).code).toBe('capability_missing');
  });

  it('declares tools and schemas as JSON Schema, and both together only for models that take both', () => {
    const inputSchema = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ name: 'weather', description: 'Looks', inputSchema }];
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const responseFormat = { type: 'json-schema', name: 'place', schema } as const;
    const { config } = toWire({ ...hello, tools, toolChoice: { name: 'weather' }, responseFormat });
    expect(config).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'weather', description: 'Looks', parametersJsonSchema: inputSchema }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } },
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    });
    const old = { ...hello, model: model('gemini-2.5-flash') };
    expect(thrownBy(() => toWire({ ...old, tools, responseFormat })).code).toBe('capability_missing');
    expect(toWire({ ...old, responseFormat }).config?.responseJsonSchema).toEqual(schema);
  });

  it('refuses calls and results that do not match', () => {
    const result = { type: 'tool-result', toolCallId: 'a', toolName: 'weather', text: '21' } as const;
    expect(thrownBy(() => toWire({ ...hello, messages: [user, { role: 'tool', content: [result] }] })).code).toBe(
      'invalid_request',
    );
  });
});

describe('a tool loop with Gemini', () => {
  const signedCalls = candidate(
    [
      { text: 'Thinking.', thought: true },
      { functionCall: { id: 'fc-1', name: 'weather', args: { city: 'Paris' } }, thoughtSignature: 'c2ln' },
      { functionCall: { name: 'weather', args: { city: 'Rome' } } },
    ],
    'STOP',
  );

  it('gives every call an id where the vendor gives none', () => {
    const { content } = read(signedCalls);
    const calls = content.filter((part) => part.type === 'tool-call');
    const again = read(signedCalls).content.filter((part) => part.type === 'tool-call');
    expect(calls[0]?.id).toBe('fc-1');
    expect(new Set([...calls, again[1]].map((call) => call?.id)).size).toBe(3);
    expect(calls.map((call) => call.argumentsJson)).toEqual(['{"city":"Paris"}', '{"city":"Rome"}']);
  });

  it('gives signatures and ids back unchanged, results in one content', () => {
    const { content } = read(signedCalls);
    const calls = content.filter((part) => part.type === 'tool-call');
    const messages: Message[] = [
      user,
      { role: 'assistant', content },
      ...calls.map(
        (call, index): Message => ({
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: call.id,
              toolName: call.name,
              text: index === 0 ? '21' : 'unknown city',
              ...(index === 1 && { isError: true }),
            },
          ],
        }),
      ),
    ];
    expect(toWire({ ...hello, messages }).contents).toEqual([
      { role: 'user', parts: [{ text: 'Hello' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'fc-1', name: 'weather', args: { city: 'Paris' } }, thoughtSignature: 'c2ln' },
          { functionCall: { id: calls[1]?.id, name: 'weather', args: { city: 'Rome' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'fc-1', name: 'weather', response: { output: '21' } } },
          { functionResponse: { id: calls[1]?.id, name: 'weather', response: { error: 'unknown city' } } },
        ],
      },
    ]);
  });

  it('puts a call that follows words of the model into the same turn, or it is refused', () => {
    const call = { type: 'tool-call', id: 'call_1', name: 'weather', argumentsJson: '{}' } as const;
    const result = { type: 'tool-result', toolCallId: 'call_1', toolName: 'weather', text: '21' } as const;
    const messages: Message[] = [
      user,
      { role: 'assistant', content: [{ type: 'text', text: 'Let me look.' }] },
      { role: 'assistant', content: [call] },
      { role: 'tool', content: [result] },
    ];
    expect(toWire({ ...hello, messages }).contents).toMatchObject([
      { role: 'user' },
      { role: 'model', parts: [{ text: 'Let me look.' }, { functionCall: { name: 'weather' } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'weather' } }] },
    ]);
  });

  it('puts the signature of a text back on that text', () => {
    const { content } = read(candidate([{ text: 'Hello', thoughtSignature: 'dGV4dA==' }], 'STOP'));
    const messages: Message[] = [user, { role: 'assistant', content }, user];
    expect(toWire({ ...hello, messages }).contents).toContainEqual({
      role: 'model',
      parts: [{ text: 'Hello', thoughtSignature: 'dGV4dA==' }],
    });
  });

  it('can take over the calls of another vendor, which Gemini 3 refuses without a signature', () => {
    const call = (id: string) => ({ type: 'tool-call', id, name: 'weather', argumentsJson: '{}' }) as const;
    const result = (toolCallId: string) =>
      ({ type: 'tool-result', toolCallId, toolName: 'weather', text: '21' }) as const;
    const messages: Message[] = [
      user,
      { role: 'assistant', content: [call('toolu_1'), call('toolu_2')] },
      { role: 'tool', content: [result('toolu_1'), result('toolu_2')] },
    ];
    const signatures = (name: string) =>
      JSON.stringify(toWire({ model: model(name), messages }).contents).match(/skip_thought_signature_validator/g);
    expect(signatures('gemini-3.8-flash')).toHaveLength(1);
    expect(signatures('gemini-2.5-flash')).toBeNull();
  });
});
