import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import type { UnsupportedParameters } from '../../../src/core/parameters.ts';
import type { ChatRequest } from '../../../src/core/request.ts';
import { toCarriedId, toCarriedState } from '../../../src/http/carried-state.ts';
import { toChatRequest } from '../../../src/http/openai/to-chat-request.ts';

const caller = { tenant: 'tests', client: 'test' };

function translate(body: JsonObject, unsupportedParameters: UnsupportedParameters = 'reject') {
  return toChatRequest(body, { caller, unsupportedParameters, routing: (model) => ({ model, cache: 'use' }) });
}

const user = { role: 'user', content: 'Hello?' };
const ask = { model: 'openai/some-model', messages: [user] };
const text = (value: string) => ({ type: 'text', text: value });

test('the smallest request says what it is and nothing more', () => {
  expect(translate(ask)).toEqual({
    request: {
      messages: [{ role: 'user', content: [text('Hello?')] }],
      unsupportedParameters: 'reject',
      routing: { model: 'openai/some-model', cache: 'use' },
      caller,
    },
    stream: false,
    includeUsage: false,
    customTools: new Set(),
    droppedFields: [],
  });
});

test.each<readonly [field: string, value: JsonObject[string], ours: Partial<ChatRequest>]>([
  ['temperature', 0.5, { temperature: 0.5 }],
  ['temperature', -0, { temperature: 0 }],
  ['top_p', 1, { topP: 1 }],
  ['presence_penalty', -2, { presencePenalty: -2 }],
  ['frequency_penalty', 2, { frequencyPenalty: 2 }],
  ['logit_bias', { 15: -100 }, { logitBias: { 15: -100 } }],
  ['logit_bias', {}, {}],
  ['n', 1, {}],
  ['n', 3, { choices: 3 }],
  ['seed', -7, { seed: -7 }],
  ['stop', 'END', { stop: ['END'] }],
  ['stop', ['a', 'b'], { stop: ['a', 'b'] }],
  ['stop', [], {}],
  ['max_tokens', 5, { maxOutputTokens: 5 }],
  ['max_completion_tokens', 5, { maxOutputTokens: 5 }],
  ['reasoning_effort', 'minimal', { reasoningEffort: 'minimal' }],
  ['metadata', { team: 'a' }, { metadata: { team: 'a' } }],
  ['response_format', { type: 'text' }, {}],
  ['response_format', { type: 'json_object' }, { responseFormat: { type: 'json-object' } }],
  [
    'response_format',
    { type: 'json_schema', json_schema: { name: 'place', strict: true, schema: { type: 'object' } } },
    { responseFormat: { type: 'json-schema', name: 'place', schema: { type: 'object' } } },
  ],
  ['tool_choice', 'none', { toolChoice: 'none' }],
  ...['user', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention'].map(
    (field) => [field, 'x', {}] as const,
  ),
  ['prompt_cache_options', { mode: 'implicit', prewarm: false }, {}],
  ['store', false, {}],
  ['logprobs', false, {}],
  ['top_logprobs', 0, {}],
  ['modalities', ['text'], {}],
  ['service_tier', 'auto', {}],
  ['verbosity', 'low', { verbosity: 'low' }],
  ['verbosity', 'medium', { verbosity: 'medium' }],
  ['parallel_tool_calls', true, {}],
  ['audio', null, {}],
  ['functions', null, {}],
])('%s: %j is understood', (field, value, ours) => {
  const { request } = translate({ ...ask, [field]: value });
  expect(request).toEqual({ ...translate(ask).request, ...ours });
});

test.each(['auto', 'required'] as const)('of the tools the allowed ones are told, %s', (mode) => {
  const named = (name: string) => ({ type: 'function', function: { name } });
  const tools = ['look', 'jump', 'wait'].map(named);
  const allowed_tools = { mode, tools: [named('wait'), named('look')] };
  const tool_choice = { type: 'allowed_tools', allowed_tools };
  const { request } = translate({ ...ask, tools, tool_choice });
  expect(request.toolChoice).toBe(mode);
  expect(request.tools?.map(({ name }) => name)).toEqual(['look', 'wait']);
  expect(() => translate({ ...ask, tools: [named('look')], tool_choice })).toThrow(/names "wait", .* \(look\)/);
  expect(() => translate({ ...ask, tool_choice })).toThrow(/needs "tools"/);
});

test('tools keep their schemas, and one without arguments gets an empty one', () => {
  const parameters = {
    type: 'object',
    properties: { at: { $ref: '#/$defs/place' } },
    $defs: { place: { type: 'string' } },
  };
  const { request } = translate({
    ...ask,
    tools: [
      { type: 'function', function: { name: 'look', description: 'Looks.', parameters, strict: true } },
      { type: 'function', function: { name: 'wait' } },
    ],
    tool_choice: { type: 'function', function: { name: 'look' } },
    parallel_tool_calls: false,
  });
  expect(request).toMatchObject({
    tools: [
      { name: 'look', description: 'Looks.', inputSchema: parameters, strict: true },
      { name: 'wait', inputSchema: { type: 'object', properties: {} } },
    ],
    toolChoice: { name: 'look' },
    parallelToolCalls: false,
  });
});

test('references in chains of thousands are followed to their end, once each', () => {
  const links = Array.from({ length: 8_000 }, (_, index) => [`a${index}`, { $ref: `#/$defs/a${index + 1}` }]);
  const tools = Array.from({ length: 20 }, (_, index) => {
    const parameters = { type: 'object', $defs: { ...Object.fromEntries(links), a8000: { type: 'string' } } };
    return { type: 'function', function: { name: `look_${index}`, parameters } };
  });
  expect(translate({ ...ask, tools }).request.tools).toHaveLength(20);
});

test('what is data in a schema is not read as a schema', () => {
  const data = { pattern: '(', $ref: '#/nowhere' };
  const parameters = { type: 'object', properties: { filter: { default: data, enum: [data], examples: [data] } } };
  const { request } = translate({ ...ask, tools: [{ type: 'function', function: { name: 'look', parameters } }] });
  expect(request.tools?.[0]?.inputSchema).toEqual(parameters);
});

test('a conversation with tools is told one for one, and its results know their tools', () => {
  const { request } = translate({
    ...ask,
    messages: [
      { role: 'system', content: '' },
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'See?' },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'high' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        refusal: null,
        annotations: [],
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
      },
      {
        role: 'tool',
        tool_call_id: 'call_1',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Yes, ' },
          { type: 'refusal', refusal: 'but no more.' },
        ],
      },
      { role: 'user', content: 'Why?' },
    ],
  });
  expect(request.messages).toEqual([
    { role: 'system', content: [text('Be brief.')] },
    {
      role: 'user',
      content: [
        text('See?'),
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, detail: 'high' },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool-call', id: 'call_1', name: 'look', argumentsJson: '{"at":1}' }] },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call_1', toolName: 'look', text: 'a\nb' }] },
    { role: 'assistant', content: [text('Yes, '), text('but no more.')] },
    { role: 'user', content: [text('Why?')] },
  ]);
});

test('what a vendor wants back comes back: in the ids of calls, and with the reasoning', () => {
  const thought = { kind: 'gemini', value: 'thought' } as const;
  const signed = { kind: 'anthropic', value: 'signed' } as const;
  const id = toCarriedId({ id: 'call_1', vendorState: thought });
  const details = [
    { type: 'reasoning.text', text: 'Thinking.', format: 'signalbox', signature: toCarriedState(signed) ?? '' },
    { type: 'reasoning.text', text: 'Of another router.', format: 'other', signature: 'x' },
  ];
  const { request } = translate({
    ...ask,
    messages: [
      user,
      {
        role: 'assistant',
        reasoning_content: 'Thinking.',
        reasoning_details: details,
        tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: id, content: '' },
    ],
  });
  expect(request.messages.slice(1)).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Thinking.', vendorState: signed },
        { type: 'tool-call', id: 'call_1', name: 'look', argumentsJson: '{}', vendorState: thought },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call_1', toolName: 'look', text: '' }] },
  ]);
});

test('an answer comes back from LiteLLM as well, which puts aside what it has no field for', () => {
  const signed = { kind: 'anthropic', value: 'signed' } as const;
  const detail = { type: 'reasoning.text', text: 'Hm.', format: 'signalbox', signature: toCarriedState(signed) ?? '' };
  const answer = { role: 'assistant', content: 'No.', tool_calls: null, function_call: null, thinking_blocks: [] };
  const { request } = translate({
    ...ask,
    messages: [
      user,
      { ...answer, provider_specific_fields: { refusal: null } },
      user,
      { ...answer, provider_specific_fields: { refusal: null, reasoning_details: [detail] } },
      user,
    ],
  });
  expect(request.messages[1]).toEqual({ role: 'assistant', content: [text('No.')] });
  expect(request.messages[3]).toEqual({
    role: 'assistant',
    content: [{ type: 'reasoning', text: 'Hm.', vendorState: signed }, text('No.')],
  });
});

test('a wish no model is told of is left out and named, where the policy is to drop', () => {
  const call = translate({ ...ask, prediction: { type: 'content', content: 'a' }, service_tier: 'flex' }, 'drop');
  expect(call.droppedFields).toEqual(['prediction', 'service_tier']);
  expect(call.request.unsupportedParameters).toBe('drop');
});

test('marks of the prompt cache, on messages and parts, are those of Claude models', () => {
  const cache_control = { type: 'ephemeral' };
  const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' }, cache_control };
  const messages = [
    { role: 'system', content: 'Be brief.', cache_control },
    { role: 'user', content: [{ ...text('Look.'), cache_control: { type: 'ephemeral', ttl: '1h' } }, text('Now.')] },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: [{ ...text('A cat.'), cache_control }] },
    { role: 'user', content: 'And?', cache_control },
  ];
  const marks = translate({ ...ask, messages }).request.messages.map(({ content }) =>
    content.map((part) => ('cacheBreakpoint' in part ? part.cacheBreakpoint : undefined)),
  );
  expect(marks).toEqual([['5m'], ['1h', undefined], [undefined], ['5m'], ['5m']]);
  const wrong = [{ role: 'user', content: 'Hi', cache_control: { type: 'forever' } }];
  expect(() => translate({ ...ask, messages: wrong })).toThrow(/messages\[0\]\.cache_control\.type/);
});

test('a part of an answer may come back with all that stood beside the content, as an Agents SDK sends it', () => {
  const calls = [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }];
  const beside = { role: 'assistant', refusal: null, annotations: [], reasoning_content: 'Hm.', tool_calls: calls };
  const answer = { role: 'assistant', content: [{ ...text('Looking.'), ...beside }], tool_calls: calls };
  const result = { role: 'tool', tool_call_id: 'call_1', content: 'A cat.' };
  const [, assistant] = translate({ ...ask, messages: [user, answer, result] }).request.messages;
  expect(assistant?.content).toEqual([
    text('Looking.'),
    { type: 'tool-call', id: 'call_1', name: 'look', argumentsJson: '{}' },
  ]);
  const asked = [{ role: 'user', content: [{ ...text('Hi'), role: 'user' }] }];
  expect(() => translate({ ...ask, messages: asked })).toThrow(/"role" in "messages\[0\]\.content\[0\]"/);
});
