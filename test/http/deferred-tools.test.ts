import { describe, expect, it, onTestFinished } from 'vitest';
import { MODEL } from '../e2e/workplace.ts';
import { refusal } from '../providers/openai-calls.ts';
import { openService } from './openai/service.ts';

const CLAUDE = 'claude-sonnet-5-5';
const input_schema = { type: 'object' };
const cache_control = { type: 'ephemeral' };
const TOOLS = [
  { name: 'find', input_schema },
  { name: 'look', input_schema, defer_loading: true, cache_control },
  { name: 'list', input_schema, defer_loading: true },
];
const user = { role: 'user', content: 'Look.' };
const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'find', input: {} }] };
const references = [{ type: 'tool_reference', tool_name: 'look' }];
const resultOf = (content: unknown) => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }],
});

async function openClaude(model = CLAUDE) {
  const service = await openService(['anthropic'], { models: [model] });
  onTestFinished(() => service.close());
  const ask = async (body: object, path = '/v1/messages') => {
    const response = await service.post(path, { model: `anthropic/${model}`, max_tokens: 9, ...body });
    expect([response.status, await response.json()]).toMatchObject([200, {}]);
    return service.upstream('anthropic').requests.at(-1)?.body as { tools: object[]; messages: object[] };
  };
  return { vendor: service.upstream('anthropic'), ask };
}

describe('deferred tools of a Claude model', () => {
  it("are the vendor's to keep from it, so that its prompt cache goes on when one is found", async () => {
    const { ask } = await openClaude();
    const before = await ask({ messages: [user], tools: TOOLS });
    expect(before.tools).toMatchObject([{ name: 'find' }, { name: 'look', defer_loading: true }, { name: 'list' }]);
    expect(before.tools[0]).not.toHaveProperty('defer_loading');
    expect(before.tools[1]).not.toHaveProperty('cache_control');
    const after = await ask({ messages: [user, call, resultOf(references)], tools: TOOLS });
    expect(after.tools).toEqual(before.tools);
    expect(after.messages.at(-1)).toMatchObject(resultOf(references));
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
    const mixed = [{ type: 'text', text: 'Found:' }, ...references, { type: 'text', text: 'No more.' }, image];
    const shown = await ask({ messages: [user, call, resultOf(mixed)], tools: TOOLS });
    expect(shown.messages.at(-1)).toMatchObject(resultOf(mixed));
  });

  it('are found by a search of the Responses API too', async () => {
    const { ask } = await openClaude();
    const look = { type: 'function', name: 'look', parameters: input_schema, defer_loading: true };
    const search = { call_id: 'toolu_1', execution: 'client' };
    const asked = {
      max_tokens: null,
      tools: [{ type: 'tool_search', execution: 'client', parameters: input_schema }],
      input: [
        user,
        { type: 'tool_search_call', ...search, arguments: {} },
        { type: 'tool_search_output', ...search, tools: [look] },
      ],
    };
    const sent = await ask(asked, '/v1/responses');
    expect(sent.tools).toMatchObject([{ name: 'tool_search' }, { name: 'look', defer_loading: true }]);
    expect(sent.messages.at(-1)).toMatchObject(resultOf(references));
  });

  it('that OpenAI found in an earlier turn are known to it, since nothing in the conversation refers to them', async () => {
    const { ask } = await openClaude();
    const look = { type: 'function', name: 'look', parameters: input_schema, defer_loading: true };
    const execution = 'server';
    const search = { type: 'tool_search_call', call_id: null, execution, arguments: {} };
    const found = { type: 'tool_search_output', call_id: null, execution, tools: [look] };
    const own = { type: 'function', name: 'find', parameters: input_schema };
    const asked = { max_tokens: null, tools: [own, { type: 'tool_search' }], input: [user, search, found, user] };
    const sent = await ask(asked, '/v1/responses');
    expect(sent.tools).toMatchObject([{ name: 'find' }, { name: 'look' }]);
    expect(JSON.stringify(sent)).not.toContain('defer_loading');
  });

  it.each<readonly [what: string, model: string, body: object, tools: readonly string[]]>([
    ['of an older one', 'claude-3-7-sonnet', {}, ['find', 'look']],
    ['of another server', MODEL, {}, ['find', 'look']],
    ['when none is known to it', CLAUDE, { tools: [TOOLS[1]] }, ['look']],
    [
      'when the conversation takes one away',
      CLAUDE,
      {
        messages: [
          user,
          call,
          resultOf(references),
          { role: 'system', content: [{ type: 'tool_removal', tool: { type: 'tool_reference', name: 'find' } }] },
        ],
      },
      ['look'],
    ],
  ])('are told to it in words, %s', async (_what, model, body, tools) => {
    const { ask } = await openClaude(model);
    const sent = await ask({ messages: [user, call, resultOf(references)], tools: TOOLS, ...body });
    expect(sent.tools).toMatchObject(tools.map((name) => ({ name })));
    expect(JSON.stringify(sent)).not.toContain('defer_loading');
    expect(JSON.stringify(sent)).toContain('The tool look can be called now.');
  });

  it.each([
    'tools.1.custom.defer_loading: Extra inputs are not permitted',
    "Tool reference 'look' not found in available tools",
    'Deferred custom tools are only supported on Anthropic models.',
  ])('are told to it in words from then on, when the vendor refuses: %s', async (message) => {
    const { vendor, ask } = await openClaude();
    vendor.script(refusal(400, { type: 'invalid_request_error', message }));
    const asked = { messages: [user, call, resultOf(references)], tools: TOOLS };
    expect((await ask(asked)).tools).toMatchObject([{ name: 'find' }, { name: 'look' }]);
    expect(vendor.requests).toHaveLength(2);
    expect(JSON.stringify(await ask({ ...asked, messages: [user] }))).not.toContain('defer_loading');
    expect(vendor.requests).toHaveLength(3);
  });
});
