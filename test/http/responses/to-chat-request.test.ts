import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/core/json/json.ts';
import { toCarriedId, toCarriedState } from '../../../src/http/carried-state.ts';
import { toChatRequest } from '../../../src/http/responses/to-chat-request.ts';

const STATE = { kind: 'gemini', value: '{"thoughtSignature":"abc"}' } as const;

function read(more: JsonObject, unsupportedParameters: 'reject' | 'drop' = 'reject') {
  return toChatRequest(
    { model: 'auto', input: 'Hello', ...more },
    { caller: { tenant: 'local', client: 'test' }, unsupportedParameters, routing: () => ({ cache: 'use' }) },
  );
}

function messagesOf(input: JsonValue) {
  return read({ input }).request.messages;
}

const call = (callId: string, more: JsonObject = {}): JsonObject => ({
  ...{ type: 'function_call', call_id: callId, name: 'look', arguments: '{}' },
  ...more,
});
const output = (callId: string, text: JsonValue = 'seen'): JsonObject => ({
  ...{ type: 'function_call_output', call_id: callId, output: text },
});

describe('a request of the Responses API', () => {
  it('is given back with what functions have when it is left out, which strict languages need', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const given = { type: 'function', name: 'look', description: 'Looks', parameters, strict: true };
    const bare = { type: 'function', name: 'wait', strict: null };
    expect(read({ tools: [given, bare] }).echo.fields.tools).toEqual([
      given,
      { ...bare, description: null, parameters: { type: 'object', properties: {} }, strict: false },
    ]);
    expect(read({ tools: null }).echo.fields.tools).toEqual([]);
  });

  it('is a question when its input is a text', () => {
    expect(read({}).request).toMatchObject({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
      routing: { cache: 'use' },
    });
  });

  it('puts its instructions before all else', () => {
    expect(
      read({
        instructions: 'Be brief.',
        input: [
          { role: 'developer', content: 'In French.' },
          { role: 'user', content: 'Hi' },
        ],
      }).request.messages,
    ).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'system', content: [{ type: 'text', text: 'In French.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ]);
  });

  it.each([
    ['temperature', { temperature: 0.5 }, { temperature: 0.5 }],
    ['top_p', { top_p: 0.9 }, { topP: 0.9 }],
    ['a top_p of 0', { top_p: 0 }, { topP: 0 }],
    ['max_output_tokens', { max_output_tokens: 100 }, { maxOutputTokens: 100 }],
    ['parallel_tool_calls', { parallel_tool_calls: false }, { parallelToolCalls: false }],
    ['reasoning.effort', { reasoning: { effort: 'high' } }, { reasoningEffort: 'high' }],
    [
      'reasoning.summary, which asks for the thoughts',
      { reasoning: { effort: 'high', summary: 'auto' } },
      { reasoningEffort: 'high', thinking: { type: 'adaptive', display: 'summarized' } },
    ],
    [
      'reasoning.summary where nothing is to be thought',
      { reasoning: { effort: 'none', summary: 'auto' } },
      { reasoningEffort: 'none' },
    ],
    ['metadata', { metadata: { run: '7' } }, { metadata: { run: '7' } }],
    [
      'text.format json_object',
      { text: { format: { type: 'json_object' } } },
      { responseFormat: { type: 'json-object' } },
    ],
    [
      'text.format json_schema',
      { text: { format: { type: 'json_schema', name: 'town', schema: { type: 'object' }, strict: true } } },
      { responseFormat: { type: 'json-schema', name: 'town', schema: { type: 'object' } } },
    ],
    [
      'what the format is for',
      { text: { format: { type: 'json_schema', name: 'town', description: 'A town', schema: { type: 'object' } } } },
      { responseFormat: { type: 'json-schema', name: 'town', schema: { type: 'object', description: 'A town' } } },
    ],
    [
      'what its schema says of itself',
      {
        text: {
          format: { type: 'json_schema', name: 'a', description: 'A', schema: { type: 'object', description: 'B' } },
        },
      },
      { responseFormat: { schema: { type: 'object', description: 'B' } } },
    ],
    [
      'tools',
      { tools: [{ type: 'function', name: 'look', description: 'Looks', parameters: null, strict: true }] },
      {
        tools: [{ name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} }, strict: true }],
      },
    ],
    [
      'what the API knows of functions besides',
      { tools: [{ type: 'function', name: 'look', allowed_callers: ['direct'], output_schema: { type: 'object' } }] },
      { tools: [{ name: 'look', inputSchema: { type: 'object', properties: {} } }] },
    ],
  ])('honours %s', (_name, more, expected) => {
    expect(read(more as JsonObject).request).toMatchObject(expected);
  });

  it('takes null for absent in every field', () => {
    const nulls = [
      'instructions',
      'temperature',
      'tools',
      'store',
      'conversation',
      'previous_response_id',
      'reasoning',
      'text',
    ];
    const { request } = read(Object.fromEntries(nulls.map((name) => [name, null])));
    expect(Object.keys(request).sort()).toEqual(['caller', 'messages', 'routing', 'unsupportedParameters']);
  });

  it('takes an empty list of tools for none, as agent frameworks send it', () => {
    expect(read({ tools: [], tool_choice: 'auto' }).request.tools).toBeUndefined();
  });

  it('narrows the tools to the allowed ones', () => {
    const tools = ['look', 'jump'].map((name) => ({ type: 'function', name, parameters: {} }));
    const tool_choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'jump' }] };
    const { request } = read({ tools, tool_choice });
    expect(request.toolChoice).toBe('required');
    expect(request.tools?.map(({ name }) => name)).toEqual(['jump']);
  });

  it('drops what no model is told, and names it, when the policy says so', () => {
    const { droppedFields } = read({ service_tier: 'flex' }, 'drop');
    expect(droppedFields).toEqual(['service_tier']);
    expect(() => read({ service_tier: 'flex' })).toThrow(/service_tier/);
  });

  it('says as much as it is told to', () => {
    const { request, echo } = read({ text: { verbosity: 'low' } });
    expect(request.verbosity).toBe('low');
    expect(echo.fields.text).toEqual({ format: { type: 'text' }, verbosity: 'low' });
  });
});

describe('the items of an input', () => {
  it('become turns: what the assistant said in several items is one message', () => {
    expect(
      messagesOf([
        { role: 'user', content: [{ type: 'input_text', text: 'Look twice.' }] },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Two looks.' }],
          encrypted_content: toCarriedState(STATE) ?? null,
        },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Looking.', annotations: [], logprobs: [] }],
        },
        call('a', { id: 'fc_1', status: 'completed' }),
        call('b'),
        output('b', [{ type: 'input_text', text: 'B' }]),
        output('a'),
        call('c'),
        output('c'),
        { role: 'assistant', content: 'Done.' },
      ]),
    ).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Look twice.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Two looks.', vendorState: STATE },
          { type: 'text', text: 'Looking.' },
          { type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{}' },
          { type: 'tool-call', id: 'b', name: 'look', argumentsJson: '{}' },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'b', toolName: 'look', text: 'B' },
          { type: 'tool-result', toolCallId: 'a', toolName: 'look', text: 'seen' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'look', argumentsJson: '{}' }] },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'look', text: 'seen' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Done.' }] },
    ]);
  });

  it('give a tool call back the state that its id carried', () => {
    const carried = toCarriedId({ id: 'call 1', vendorState: STATE });
    const [, assistant, tool] = messagesOf([{ role: 'user', content: 'Look' }, call(carried), output(carried)]);
    expect(assistant?.content[0]).toMatchObject({ id: 'call 1', vendorState: STATE });
    expect(tool?.content[0]).toMatchObject({ toolCallId: 'call 1', toolName: 'look' });
  });

  it("pass images on, the user's and those a tool showed", () => {
    const image_url = 'https://example.org/cat.png';
    const image = { type: 'input_image', image_url, detail: 'low' };
    const [user, , tool] = messagesOf([
      { role: 'user', content: [{ type: 'input_text', text: 'What?' }, image] },
      call('a'),
      output('a', [image]),
    ]);
    expect(user?.content[1]).toEqual({ type: 'image', source: { type: 'url', url: image_url }, detail: 'low' });
    expect(tool?.content[0]).toMatchObject({ text: '', media: [{ source: { url: image_url } }] });
  });

  it('may be what a tool says without having been called', () => {
    const said = {
      type: 'function_call_output',
      id: 'fco_1',
      name: 'send_message',
      namespace: 'app',
      output: 'Go on.',
    };
    expect(messagesOf([said])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Said by the tool send_message:' },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ]);
  });

  it('may each have the note that Codex makes, of which no model is told', () => {
    const noted = { internal_chat_message_metadata_passthrough: { turn_id: 't1', content_item_kinds: ['user'] } };
    const items: JsonObject[] = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      call('a'),
      output('a'),
    ];
    expect(messagesOf(items.map((item) => ({ ...item, ...noted })))).toEqual(messagesOf(items));
  });

  it('may hold reasoning of another service, of which only the readable part is kept', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABn_of_another_house' };
    expect(
      messagesOf([{ role: 'user', content: 'Hi' }, reasoning, { role: 'assistant', content: 'Hello' }])[1]?.content,
    ).toEqual([{ type: 'text', text: 'Hello' }]);
  });

  it('may let the system speak between a call and its output, which is heard after all outputs of the turn', () => {
    const said = (text: string) => ({ role: 'developer', content: text });
    const input = [
      ...[{ role: 'user', content: 'Look' }, call('a'), said('Be quick.'), said(' ')],
      ...[{ role: 'assistant', content: 'Looking.' }, call('b'), output('a'), said('Now.'), output('b'), call('c')],
    ];
    const messages = messagesOf([...input, output('c'), { role: 'user', content: 'Well?' }]);
    const roles = ['user', 'assistant', 'tool', 'system', 'system', 'assistant', 'tool', 'user'];
    expect(messages.map(({ role }) => role)).toEqual(roles);
    expect(messages[1]?.content).toMatchObject([{ id: 'a' }, { text: 'Looking.' }, { id: 'b' }]);
    expect(messages.slice(3, 5).map(({ content }) => content)).toMatchObject([
      [{ text: 'Be quick.' }],
      [{ text: 'Now.' }],
    ]);
    const last = messagesOf([{ role: 'user', content: 'Look' }, call('a'), said('Be quick.'), output('a')]);
    expect(last.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'system']);
  });

  it('may number calls anew in every turn', () => {
    const turn = [call('call_1'), output('call_1'), { role: 'assistant', content: 'So.' }];
    expect(messagesOf([{ role: 'user', content: 'Twice' }, ...turn, ...turn])).toHaveLength(6);
  });
});
