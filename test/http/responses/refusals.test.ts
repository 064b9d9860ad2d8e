import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { MODEL, WIRES } from '../../e2e/workplace.ts';
import { type FakeUpstream, startFakeUpstream } from '../../support/fake-upstream.ts';
import { openInProcess } from '../../support/serve.ts';

let vendor: FakeUpstream;
let served: Awaited<ReturnType<typeof openInProcess>>;

beforeAll(async () => {
  vendor = await startFakeUpstream(WIRES.openai, { models: [MODEL] });
  served = await openInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] });
});

afterAll(async () => {
  await served.close();
  await vendor.close();
});

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${served.url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${served.token}`, 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as { error: JsonObject } };
}

const user = { role: 'user', content: 'Hi' };
const call = { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'a', output: 'seen' };
const tool = { type: 'function', name: 'look', parameters: { type: 'object' } };
const image = (image_url: string) => ({ input: [{ role: 'user', content: [{ type: 'input_image', image_url }] }] });

/** Where clients know what to do by the vendor's own code. */
const VENDOR_CODES: Readonly<Record<string, string>> = { previous_response_id: 'previous_response_not_found' };

/** What is wrong, the body (added to a good one) and the field the answer names. */
const CASES: readonly (readonly [string, object, string])[] = [
  ['no model', { model: null }, 'model'],
  ['no input', { input: null }, 'input'],
  ['an empty input', { input: ' ' }, 'input'],
  ['an empty list', { input: [] }, 'input'],
  ['only blank system messages', { input: [{ role: 'system', content: ' ' }] }, 'input'],
  ['a model that is no text', { model: 7 }, 'model'],
  ['an unknown field', { temprature: 1 }, 'temprature'],
  ['a field in another case', { Model: 'auto' }, 'Model'],
  ['a number as text', { temperature: '0.7' }, 'temperature'],
  ['temperature out of range', { temperature: 2.1 }, 'temperature'],
  ['top_p below 0', { top_p: -0.1 }, 'top_p'],
  ['max_output_tokens of 0', { max_output_tokens: 0 }, 'max_output_tokens'],
  ['max_output_tokens of -1', { max_output_tokens: -1 }, 'max_output_tokens'],
  ['max_output_tokens of a billion', { max_output_tokens: 1e9 }, 'max_output_tokens'],
  ['max_output_tokens with a fraction', { max_output_tokens: 1.5 }, 'max_output_tokens'],
  ['store', { store: true }, 'store'],
  ['background', { background: true }, 'background'],
  ['a previous response', { previous_response_id: 'resp_1' }, 'previous_response_id'],
  // What is missing in the input is in what it goes on from; clients send the input first.
  [
    'an output that goes on from a previous response',
    { input: [output], previous_response_id: 'resp_1' },
    'previous_response_id',
  ],
  ['a conversation', { conversation: 'conv_1' }, 'conversation'],
  ['a prompt template', { prompt: { id: 'pmpt_1' } }, 'prompt'],
  ['truncation', { truncation: 'auto' }, 'truncation'],
  ['another service tier', { service_tier: 'flex' }, 'service_tier'],
  [
    'warming a cache, which asks for no answer',
    { prompt_cache_options: { prewarm: true } },
    'prompt_cache_options.prewarm',
  ],
  ['an unknown verbosity', { text: { verbosity: 'none' } }, 'text.verbosity'],
  ['log probabilities', { top_logprobs: 3 }, 'top_logprobs'],
  ['log probabilities to include', { include: ['message.output_text.logprobs'] }, 'include[0]'],
  ['stream options without a stream', { stream_options: { include_obfuscation: false } }, 'stream_options'],
  [
    'obfuscation',
    { stream: true, stream_options: { include_obfuscation: true } },
    'stream_options.include_obfuscation',
  ],
  ['an unknown effort', { reasoning: { effort: 'huge' } }, 'reasoning.effort'],
  ['an unknown field of reasoning', { reasoning: { efort: 'low' } }, 'reasoning.efort'],
  ['an unknown format', { text: { format: { type: 'yaml' } } }, 'text.format.type'],
  [
    'a schema that leads elsewhere',
    { text: { format: { type: 'json_schema', name: 'a', schema: { $ref: 'https://evil.example/' } } } },
    'text.format.schema',
  ],
  [
    'a schema without a name',
    { text: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    'text.format.name',
  ],
  [
    'a schema of a list',
    { text: { format: { type: 'json_schema', name: 'a', schema: { type: 'array' } } } },
    'text.format.schema.type',
  ],
  ['metadata that is no text', { metadata: { run: 7 } }, 'metadata.run'],
  ['nested metadata', { metadata: { run: {} } }, 'metadata.run'],
  ['a built-in tool', { tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['an MCP tool', { tools: [tool, { type: 'mcp', server_label: 'x' }] }, 'tools[1].type'],
  ['a custom tool without a name', { tools: [{ type: 'custom' }] }, 'tools[0].name'],
  ['a custom tool with parameters', { tools: [{ type: 'custom', name: 'x', parameters: {} }] }, 'tools[0].parameters'],
  [
    'a custom tool in a namespace with a grammar in another syntax',
    {
      tools: [
        {
          type: 'namespace',
          name: 'a',
          tools: [{ type: 'custom', name: 'x', format: { type: 'grammar', syntax: 'ebnf' } }],
        },
      ],
    },
    'tools[0].tools[0].format.syntax',
  ],
  [
    'a call of a custom tool without its input',
    { input: [{ type: 'custom_tool_call', call_id: 'a', name: 'x' }] },
    'input[0].input',
  ],
  [
    'a function of a namespace with the name of another tool',
    {
      tools: [
        { ...tool, name: 'a__look' },
        { type: 'namespace', name: 'a', tools: [{ ...tool, name: 'look' }] },
      ],
    },
    'tools[1].tools[0].name',
  ],
  [
    'a tool for code that runs at OpenAI',
    { tools: [{ ...tool, allowed_callers: ['direct', 'programmatic'] }] },
    'tools[0].allowed_callers[1]',
  ],
  ['two tools of one name', { tools: [tool, tool] }, 'tools[1].name'],
  ['a tool with a bad name', { tools: [{ ...tool, name: 'look up' }] }, 'tools[0].name'],
  ['1,001 tools', { tools: Array.from({ length: 1_001 }, (_, index) => ({ ...tool, name: `t${index}` })) }, 'tools'],
  [
    'a schema that refers elsewhere',
    { tools: [{ ...tool, parameters: { $ref: 'https://evil.example/x' } }] },
    'tools[0].parameters',
  ],
  ['tool_choice without tools', { tool_choice: 'required' }, 'tool_choice'],
  ['tool_choice of an unknown tool', { tools: [tool], tool_choice: { type: 'function', name: 'jump' } }, 'tool_choice'],
  ['tool_choice of a built-in tool', { tools: [tool], tool_choice: { type: 'web_search' } }, 'tool_choice.type'],
  ['an unknown role', { input: [{ role: 'tool', content: 'x' }] }, 'input[0].role'],
  ['an unknown item', { input: [user, { type: 'web_search_call', id: 'ws_1' }] }, 'input[1].type'],
  ['an item by reference', { input: [user, { type: 'item_reference', id: 'msg_1' }] }, 'input[1].type'],
  ['an item by reference without a type', { input: [user, { id: 'msg_1' }] }, 'input[1].type'],
  [
    'an unknown content part',
    { input: [{ role: 'user', content: [{ type: 'video', url: 'x' }] }] },
    'input[0].content[0].type',
  ],
  [
    'a file',
    { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] },
    'input[0].content[0].file_id',
  ],
  [
    'an image by file id',
    { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] },
    'input[0].content[0].file_id',
  ],
  ['an image on the disk', image('file:///etc/passwd'), 'input[0].content[0].image_url'],
  ['an image at a private address', image('https://169.254.169.254/x.png'), 'input[0].content[0].image_url'],
  ['an image at a private address within 6to4', image('https://[2002:a00:1::]/x.png'), 'input[0].content[0].image_url'],
  ['an image at a private address within IPv6', image('https://[::a00:1]/x.png'), 'input[0].content[0].image_url'],
  ['an image of bad base64', image('data:image/png;base64,!!'), 'input[0].content[0].image_url'],
  ['an output without a call', { input: [user, output] }, 'input[1].call_id'],
  ['an output of no call and no tool', { input: [user, { ...output, call_id: null }] }, 'input[1].call_id'],
  [
    'an output of no call that says nothing',
    { input: [{ ...output, call_id: null, name: 'look', output: '' }] },
    'input[0].output',
  ],
  ['a call without an output', { input: [user, call] }, 'input[1]'],
  ['a message between call and output', { input: [user, call, user, output] }, 'input[1]'],
  ['an output twice', { input: [user, call, output, output] }, 'input[3].call_id'],
  ['an output before its call', { input: [user, output, call] }, 'input[1].call_id'],
  ['two calls of one id', { input: [user, call, call, output] }, 'input[2].call_id'],
  ['a base URL of the caller', { base_url: 'https://evil.example' }, 'base_url'],
  ['a key of the caller', { api_key: 'sk-evil' }, 'api_key'],
];

describe('a request of the Responses API is refused with the field named, and nobody is asked, for', () => {
  it.each(CASES)('%s', async (_name, more, param) => {
    const { status, body } = await post(JSON.stringify({ model: 'auto', input: 'Hi', ...more }));
    const code = VENDOR_CODES[param] ?? 'invalid_request';
    expect(body.error).toMatchObject({ type: 'invalid_request_error', param, code });
    expect(status).toBe(400);
    expect(String(body.error.message)).toMatch(/[.?]$/);
    expect(JSON.stringify(body)).not.toMatch(/ at .+\.ts|node_modules/);
    expect(vendor.requests).toHaveLength(0);
  });

  it('says the nearest name for a misspelled field', async () => {
    const { body } = await post(JSON.stringify({ model: 'auto', input: 'Hi', max_ouput_tokens: 5 }));
    expect(body.error.message).toContain('Did you mean "max_output_tokens"?');
  });

  it('an unknown model', async () => {
    const { status, body } = await post(JSON.stringify({ model: 'main/modle-under-test', input: 'Hi' }));
    expect([status, body.error.code]).toEqual([404, 'unknown_model']);
    expect(vendor.requests).toHaveLength(0);
  });
});
