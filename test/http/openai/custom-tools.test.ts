import OpenAI from 'openai';
import type {
  ChatCompletionChunk,
  ChatCompletionCustomTool,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { expect, it } from 'vitest';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const PATCH = '*** Begin Patch\n+"é"\n*** End Patch';
const TOOL: ChatCompletionCustomTool = {
  type: 'custom',
  custom: {
    name: 'apply_patch',
    description: 'Edits files.',
    format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "*** Begin Patch"' } },
  },
};
const LOOK = { type: 'function', function: { name: 'look', parameters: {} } } as const;
const QUESTION: ChatCompletionMessageParam = { role: 'user', content: 'Change it.' };
const CALL = { id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: PATCH } } as const;

async function serve() {
  const vendor = await startUpstream();
  const { url, token } = await startInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] });
  return { vendor, client: new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 }) };
}

it('a tool that takes free text is called with it, whole and streamed', async () => {
  const { vendor, client } = await serve();
  const toolCalls = [
    { id: 'call_1', name: 'apply_patch', argumentsJson: JSON.stringify({ input: PATCH }) },
    { id: 'call_2', name: 'look', argumentsJson: '{"at":1}' },
  ];
  const plain = { id: 'call_2', type: 'function', function: { name: 'look', arguments: '{"at":1}' } };
  const request = { model: 'auto', messages: [QUESTION], tools: [TOOL, LOOK] };
  vendor.script({ say: { toolCalls } }, { say: { toolCalls, argumentPieces: 5 } });
  const { choices } = await client.chat.completions.create(request);
  expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [CALL, plain] } });

  const options = { headers: { 'x-signalbox-cache': 'off' } };
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true }, options))
    chunks.push(chunk);
  const deltas = chunks.flatMap(({ choices: [choice] }) => choice?.delta.tool_calls ?? []);
  const [opened, ...more] = deltas.filter(({ index }) => index === 0);
  expect(opened).toMatchObject({ id: 'call_1', type: 'custom', custom: { name: 'apply_patch' } });
  expect([opened, ...more].map((delta) => delta?.custom?.input).join('')).toBe(PATCH);
  expect(deltas.every(({ index, custom }) => (index === 0) === (custom !== undefined))).toBe(true);
  const texts = deltas.filter(({ index }) => index === 1).map((delta) => delta.function?.arguments ?? '');
  expect(texts.join('')).toBe('{"at":1}');
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
});

it('what it was called with comes back, and the model is told how to call it', async () => {
  const { vendor, client } = await serve();
  vendor.script({ say: { text: 'Changed.' } });
  await client.chat.completions.create({
    model: 'auto',
    tools: [TOOL, LOOK],
    tool_choice: { type: 'custom', custom: { name: 'apply_patch' } },
    messages: [
      QUESTION,
      { role: 'assistant', tool_calls: [CALL] },
      { role: 'tool', tool_call_id: CALL.id, content: 'Done.' },
    ],
  });
  expect(vendor.requests[0]?.body).toMatchObject({
    tool_choice: { function: { name: 'apply_patch' } },
    tools: [
      {
        type: 'function',
        function: {
          name: 'apply_patch',
          description: 'Edits files.',
          parameters: {
            properties: { input: { description: expect.stringMatching(/must match this Lark grammar:\nstart: /) } },
          },
        },
      },
      { function: { name: 'look' } },
    ],
    messages: [
      QUESTION,
      {
        tool_calls: [
          { type: 'function', function: { name: 'apply_patch', arguments: JSON.stringify({ input: PATCH }) } },
        ],
      },
      { role: 'tool', content: 'Done.' },
    ],
  });
});

it('a grammar without its definition is refused by its place', async () => {
  const { vendor, client } = await serve();
  const custom = { name: 'x', format: { type: 'grammar', grammar: { syntax: 'regex' } } };
  const tools = [{ type: 'custom', custom }] as unknown as ChatCompletionCustomTool[];
  const refused = client.chat.completions.create({ model: 'auto', messages: [QUESTION], tools });
  await expect(refused).rejects.toMatchObject({ param: 'tools[0].custom.format.grammar.definition' });
  expect(vendor.requests).toEqual([]);
});
