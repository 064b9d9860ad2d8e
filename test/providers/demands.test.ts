import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { OPENAI_COMPATIBLE_WIRE } from '../../src/demo/vendors/openai.ts';
import { ask, failureOf, MODES } from './answers.ts';
import { type Bench, setUpBench } from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await setUpBench('openai-compatible', { wire: OPENAI_COMPATIBLE_WIRE });
});
afterAll(() => bench.close());

function replace(status: number, body: object): void {
  const headers = { 'content-type': 'application/json' };
  bench.upstream.script({ fault: { type: 'replace', status, headers, body: JSON.stringify(body) } });
}

const sent = () => bench.upstream.requests.at(-1)?.body;

const LOOP: readonly Message[] = [
  { role: 'user', content: [{ type: 'text', text: 'Look.' }] },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'of another', vendorState: { kind: 'gemini', value: '{}' } },
      { type: 'tool-call', id: 'call_0', name: 'look', argumentsJson: '{}' },
    ],
  },
  { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'call_0', toolName: 'look', text: '' }] },
];

it.each([
  'Missing `reasoning_content` field in the assistant message at message index 2.',
  'The `reasoning_content` in the thinking mode must be passed back to the API.',
])('ask for the thoughts of a tool loop, which go back from then on: %s', async (message) => {
  const model = { ...bench.model, name: `thinks: ${message.length}` };
  const asked = { ...bench.request({ model }), messages: LOOP };
  const thoughts = { messages: [{}, { role: 'assistant', reasoning_content: 'Hm.' }, {}] };
  replace(400, { error: { message, type: 'invalid_request_error' } });
  const error = await failureOf(ask(bench.provider, 'whole', asked, bench.context()));
  expect(error).toMatchObject({ code: 'invalid_request', retrySame: 'at-once' });
  expect(sent()).not.toMatchObject(thoughts);
  for (const mode of MODES) {
    replace(400, { error: { message, type: 'invalid_request_error' } });
    // Sent with them it wants something else.
    expect((await failureOf(ask(bench.provider, mode, asked, bench.context()))).retrySame).toBe('no');
    expect(sent()).toMatchObject(thoughts);
  }
});

const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const TURNS: readonly Message[] = [
  { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
  ...LOOP,
  says('And?'),
  { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
  { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://a.example/1.png' } }] },
  { role: 'assistant', content: [{ type: 'text', text: 'A cat.' }] },
  { role: 'assistant', content: [{ type: 'text', text: 'Black.' }] },
  says('Well?'),
];

it.each([
  [400, "Unexpected role 'user' after role 'tool'"],
  [400, 'jinja template rendering failed. System message must be at the beginning.'],
  [500, 'Conversation roles must alternate user/assistant/user/assistant/...'],
])('want the roles by turns, and get them so from then on: %i %s', async (status, message) => {
  const provider = await bench.create({});
  const call = () => ask(provider, 'whole', { ...bench.request(), messages: TURNS }, bench.context());
  replace(status, { error: { message, code: status } });
  expect(await failureOf(call())).toMatchObject({ code: 'invalid_request', retrySame: 'at-once' });
  expect(sent()).toHaveProperty('messages.length', TURNS.length);
  await call();
  expect(sent()).toHaveProperty('messages', [
    { role: 'system', content: 'Be brief.\n\nBe kind.' },
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: null, tool_calls: [expect.objectContaining({ id: 'call_0' })] },
    { role: 'tool', content: '', tool_call_id: 'call_0' },
    { role: 'assistant', content: 'OK.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'And?' },
        { type: 'image_url', image_url: { url: 'https://a.example/1.png' } },
      ],
    },
    { role: 'assistant', content: 'A cat.\n\nBlack.' },
    { role: 'user', content: 'Well?' },
  ]);
  replace(status, { error: { message, code: status } });
  expect((await failureOf(call())).retrySame).not.toBe('at-once');
});

it.each([
  [400, { object: 'error', message: 'Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of 9.' }],
  [500, { error: { message: 'Tool call id was call_0 but must be a-z, A-Z, 0-9,\nwith a length of 9' } }],
  [
    400,
    {
      error: {
        message: "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40",
      },
    },
  ],
])('want short ids of calls, and get them from then on: %i %j', async (status, body) => {
  const provider = await bench.create({});
  const [question, turn, result] = LOOP as [
    Message,
    Extract<Message, { role: 'assistant' }>,
    Extract<Message, { role: 'tool' }>,
  ];
  const own = { type: 'tool-call', id: 'D681PevKs', name: 'look', argumentsJson: '{}' } as const;
  const messages = [
    question,
    { ...turn, content: [...turn.content, own] },
    {
      ...result,
      content: [...result.content, { type: 'tool-result', toolCallId: own.id, toolName: 'look', text: '' }],
    },
  ] satisfies Message[];
  const call = () => ask(provider, 'streamed', { ...bench.request(), messages }, bench.context());
  replace(status, body);
  expect(await failureOf(call())).toMatchObject({ code: 'invalid_request', retrySame: 'at-once' });
  for (let turns = 0; turns < 2; turns += 1) {
    await call();
    const id = 'xVeoWgAkm';
    expect(sent()).toMatchObject({
      messages: [{}, { tool_calls: [{ id }, { id: own.id }] }, { tool_call_id: id }, { tool_call_id: own.id }],
    });
  }
});

it('do not think where a tool must be called, unless the caller asks for both', async () => {
  const provider = await bench.create({});
  const tools = [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }];
  const refuse = () => replace(400, { error: { message: 'Thinking mode does not support this tool_choice' } });
  const call = (more: object) =>
    ask(provider, 'whole', bench.request({ tools, toolChoice: 'required', ...more }), bench.context());
  refuse();
  expect((await failureOf(call({}))).retrySame).toBe('at-once');
  expect(sent()).not.toHaveProperty('reasoning_effort');
  await call({});
  expect(sent()).toMatchObject({ tool_choice: 'required', reasoning_effort: 'none' });
  await call({ toolChoice: 'auto' });
  expect(sent()).not.toHaveProperty('reasoning_effort');
  refuse();
  expect(await failureOf(call({ reasoningEffort: 'high' }))).toMatchObject({ code: 'capability_missing' });
  expect(sent()).toMatchObject({ reasoning_effort: 'high' });
});

it('take no schema, in words that name no field, and are told of it in words', async () => {
  const provider = await bench.create({});
  const responseFormat = { type: 'json-schema', name: 'answer', schema: { type: 'object' } } as const;
  const model = { ...bench.model, capabilities: [...bench.model.capabilities, 'json-schema' as const] };
  const call = () => ask(provider, 'whole', bench.request({ model, responseFormat }), bench.context());
  replace(400, { error: { message: 'This response_format type is unavailable now', type: 'invalid_request_error' } });
  expect((await failureOf(call())).retrySame).toBe('at-once');
  await call();
  expect(sent()).not.toHaveProperty('response_format');
});

it('take tools only when they do not think, also when the caller has them think and lets that be dropped', async () => {
  const message =
    "Function tools with reasoning_effort are not supported for gpt-6-sol in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.";
  const tools = [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }];
  for (const [more, refusals] of [
    [{}, 1],
    [{ reasoningEffort: 'high', unsupportedParameters: 'drop' }, 2],
  ] as const) {
    const provider = await bench.create({});
    const call = () => ask(provider, 'whole', bench.request({ tools, ...more }), bench.context());
    for (let refused = 0; refused < refusals; refused += 1) {
      replace(400, { error: { message, type: 'invalid_request_error', param: 'reasoning_effort' } });
      expect((await failureOf(call())).retrySame).toBe('at-once');
    }
    await call();
    expect(sent()).toMatchObject({ reasoning_effort: 'none' });
    await ask(provider, 'whole', bench.request({ reasoningEffort: 'high' }), bench.context());
    expect(sent()).toMatchObject({ reasoning_effort: 'high' });
  }
});

it('may name the effort in camel case', async () => {
  const provider = await bench.create({});
  const message = 'Model grok-4-1-fast does not support parameter reasoningEffort.';
  replace(400, { code: 'Client specified an invalid argument', error: message });
  const asked = bench.request({ reasoningEffort: 'high' });
  const error = await failureOf(ask(provider, 'whole', asked, bench.context()));
  expect(error).toMatchObject({ code: 'capability_missing', param: 'reasoning_effort' });
});
