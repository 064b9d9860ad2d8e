import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { toChatRequest } from '../../../src/http/anthropic/to-chat-request.ts';
import { thrownBy } from '../../support/thrown-by.ts';

const SURROUNDINGS = {
  routing: { cache: 'use' },
  caller: { tenant: 't', client: 'c' },
  unsupportedParameters: 'reject',
} as const;
const HELLO = { role: 'user', content: 'Hello' };
const WEATHER = { name: 'weather', input_schema: { type: 'object', properties: { town: { type: 'string' } } } };
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { town: 'Rome' } };
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Sunny.' };

function translate(more: JsonObject) {
  return toChatRequest({ model: 'm', max_tokens: 100, messages: [HELLO], ...more }, SURROUNDINGS);
}

const user = (content: unknown) => ({ messages: [{ role: 'user', content }] }) as JsonObject;
const tool = (more: object) => ({ tools: [{ ...WEATHER, ...more }] }) as JsonObject;
const image = (source: object) => user([{ type: 'image', source }]);
const talk = (...messages: unknown[]) => ({ messages }) as JsonObject;

describe('a field that is wrong is refused by its name', () => {
  it.each<[string, JsonObject]>([
    ['max_tokens', { max_tokens: undefined as never }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: -1 }],
    ['max_tokens', { max_tokens: 1e9 }],
    ['max_tokens', { max_tokens: '100' }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['messages', { messages: undefined as never }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hello' }],
    ['messages[0]', { messages: ['Hello'] }],
    ['messages', talk({ role: 'system', content: 'x' })],
    ['messages[0].role', talk({ role: 'tool', content: 'x' })],
    ['messages[0].content', talk({ role: 'user' })],
    ['messages[0].content', talk({ role: 'user', content: '' })],
    ['messages[0].content', talk({ role: 'user', content: [] })],
    ['messages[0].content', talk({ role: 'user', content: 7 })],
    ['messages[0].name', talk({ role: 'user', content: 'x', name: 'y' })],
    ['messages[0].content[0].type', user([{ text: 'x' }])],
    ['messages[0].content[0].container_upload', user([{ type: 'container_upload', file_id: 'f' }])],
    ['messages[0].content[0].source.type', user([{ type: 'document', source: {} }])],
    ['messages[0].content[0].source.type', user([{ type: 'document', source: { type: 'file', file_id: 'f' } }])],
    ['messages[0].content[0].source.media_type', user([{ type: 'document', source: { type: 'text', data: 'x' } }])],
    ['messages[0].content[0].source.content', user([{ type: 'document', source: { type: 'content' } }])],
    [
      'messages[0].content[0].source',
      user([{ type: 'document', source: { type: 'base64', media_type: 'text/plain', data: 'eA==' } }]),
    ],
    [
      'messages[0].content[0].citations.enabled',
      user([
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'x' },
          citations: { enabled: true },
        },
      ]),
    ],
    ['messages[0].content[0].source', user([{ type: 'search_result', title: 'x', content: [] }])],
    ['messages[0].content[0].type', user([{ type: 'no such block' }])],
    ['messages[0].content[0].tool_use', user([{ type: 'tool_use', id: 'x', name: 'y', input: {} }])],
    ['messages[0].content[0].text', user([{ type: 'text' }])],
    ['messages[0].content[0].txt', user([{ type: 'text', text: 'x', txt: 'y' }])],
    [
      'messages[0].content[0].cache_control.type',
      user([{ type: 'text', text: 'x', cache_control: { type: 'forever' } }]),
    ],
    [
      'messages[0].content[0].cache_control.ttl',
      user([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '2d' } }]),
    ],
    ['messages[0].content[0].source.type', image({ type: 'file', file_id: 'f' })],
    ['messages[0].content[0].source', image({ type: 'base64', media_type: 'image/svg+xml', data: 'PHN2Zz4=' })],
    ['messages[0].content[0].source', image({ type: 'base64', media_type: 'image/png', data: '???' })],
    ['messages[0].content[0].source.url', image({ type: 'url', url: 'http://example.com/a.png' })],
    ['messages[0].content[0].source.url', image({ type: 'url', url: 'https://169.254.169.254/a.png' })],
    ['messages[0].content[0].source.url', image({ type: 'url', url: 'file:///etc/passwd' })],
    ['messages[0].content[0].tool_use_id', user([RESULT])],
    ['messages[1].content[0]', talk(HELLO, { role: 'assistant', content: [CALL] })],
    ['messages[1].content[0]', talk(HELLO, { role: 'assistant', content: [CALL] }, HELLO)],
    ['messages[1].content[1].id', talk(HELLO, { role: 'assistant', content: [CALL, CALL] })],
    ['messages[1].content[0].input', talk(HELLO, { role: 'assistant', content: [{ ...CALL, input: '{}' }] })],
    ['messages[1].content[0].id', talk(HELLO, { role: 'assistant', content: [{ ...CALL, id: '' }] })],
    [
      'messages[1].content[0].server_tool_use',
      talk(HELLO, { role: 'assistant', content: [{ type: 'server_tool_use' }] }),
    ],
    [
      'messages[1].content[0].signature',
      talk(HELLO, { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 7 }] }),
    ],
    [
      'messages[2].content[1].tool_use_id',
      talk(HELLO, { role: 'assistant', content: [CALL] }, { role: 'user', content: [RESULT, RESULT] }),
    ],
    [
      'messages[2].content[1]',
      talk(
        HELLO,
        { role: 'assistant', content: [CALL] },
        { role: 'user', content: [{ type: 'text', text: 'x' }, RESULT] },
      ),
    ],
    [
      'messages[2].content[0].tool_result.content[0].tool_name',
      talk(
        HELLO,
        { role: 'assistant', content: [CALL] },
        { role: 'user', content: [{ ...RESULT, content: [{ type: 'tool_reference', tool_name: 'x' }] }] },
      ),
    ],
    ['messages[0].content[0].source.file', image({ type: 'url', url: 'https://example.com/a.png', file: 'x' })],
    [
      'messages[0].content[0].transformations.oversized_image',
      user([{ type: 'image', source: {}, transformations: { oversized_image: 'crop' } }]),
    ],
    ...[
      ['thinking_id', { type: 'thinking', thinking: 'x', signature: 'y', thinking_id: 'z' }] as const,
      ['arguments', { ...CALL, arguments: {} }] as const,
      ['toolset_name', { ...CALL, toolset_name: 'x' }] as const,
      ['caller.type', { ...CALL, caller: { type: 'code_execution_20250825' } }] as const,
      ['id', { ...CALL, id: 'x'.repeat(300_000) }] as const,
    ].map(([field, block]): [string, JsonObject] => [
      `messages[1].content[0].${field}`,
      talk(HELLO, { role: 'assistant', content: [block] }),
    ]),
    ...['error', 'toolset_name'].map((field): [string, JsonObject] => [
      `messages[2].content[0].${field}`,
      talk(HELLO, { role: 'assistant', content: [CALL] }, { role: 'user', content: [{ ...RESULT, [field]: 'x' }] }),
    ]),
    [
      'messages[2].content[0].tool_result.content',
      talk(HELLO, { role: 'assistant', content: [CALL] }, { role: 'user', content: [{ ...RESULT, content: 7 }] }),
    ],
    ['messages[1].role', talk(HELLO, { role: 'assistant', content: '{' })],
    [
      'messages[1].role',
      talk(HELLO, { role: 'assistant', content: '{' }, { role: 'system', output_config: { effort: 'low' } }),
    ],
    ['messages[1].output_config.effort', talk(HELLO, { role: 'system', output_config: { effort: 'huge' } })],
    ['messages[1].output_config.format', talk(HELLO, { role: 'system', content: 'x', output_config: { format: {} } })],
    ['messages[1].content', talk(HELLO, { role: 'system', output_config: {} })],
    ['messages[0].output_config', talk({ role: 'user', content: 'x', output_config: { effort: 'low' } })],
    ['system', { system: 7 }],
    ['system[0].type', { system: [{ type: 'image' }] }],
    ['temperature', { temperature: '0.7' }],
    ['temperature', { temperature: 1.5 }],
    ['temperature', { temperature: -0.1 }],
    ['temperature', { temperature: true }],
    ['top_p', { top_p: -0.1 }],
    ['top_p', { top_p: 1.1 }],
    ['top_k', { top_k: 0 }],
    ['stop_sequences', { stop_sequences: 'END' }],
    ['stop_sequences', { stop_sequences: Array.from({ length: 65 }, () => 'x') }],
    ['stop_sequences[0]', { stop_sequences: [''] }],
    ['stop_sequences[1]', { stop_sequences: ['x', 7] }],
    ['stop_sequences[0]', { stop_sequences: ['x'.repeat(1_001)] }],
    ['thinking.effort', { thinking: { type: 'adaptive', effort: 'low' } }],
    ['thinking.block_binding.mode', { thinking: { type: 'adaptive', block_binding: { mode: 'x' } } }],
    ['output_config.verbosity', { output_config: { verbosity: 'low' } }],
    ['thinking.type', { thinking: { type: 'sometimes' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 1000 } }],
    ['thinking.budget_tokens', { thinking: { type: 'adaptive', budget_tokens: 2000 } }],
    ['output_config.effort', { output_config: { effort: 'huge' } }],
    ['output_config.format.type', { output_config: { format: { type: 'xml' } } }],
    ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
    ['metadata', { metadata: 'x' }],
    ['metadata.user_id', { metadata: { user_id: { a: 1 } } }],
    ['metadata.user_id', { metadata: { user_id: 'x'.repeat(17_000) } }],
    ['metadata.trace', { metadata: { trace: 'x' } }],
    ['tools', { tools: Array.from({ length: 1_001 }, (_, index) => ({ ...WEATHER, name: `t${index}` })) }],
    ['tools[0].type', tool({ type: 'web_search_20250305' })],
    ['tools[0].type', tool({ type: 'bash_20250124' })],
    ['tools[0].name', tool({ name: 'a b' })],
    ['tools[0].name', tool({ name: 'x'.repeat(129) })],
    ['tools[0].input_schema', tool({ input_schema: undefined })],
    ['tools[0].input_schema.type', tool({ input_schema: { type: 'string' } })],
    ['tools[0].input_schema', tool({ input_schema: { $ref: 'https://example.com/schema.json' } })],
    ['tools[0].input_schema', tool({ input_schema: { properties: { a: { type: 'string', pattern: '(' } } } })],
    ['tools[0].defer_loading', tool({ defer_loading: 'yes' })],
    ['tools[0].allowed_callers', tool({ allowed_callers: ['code_execution_20250825'] })],
    ['tools[1].name', { tools: [WEATHER, WEATHER] }],
    ['tool_choice', { tool_choice: { type: 'any' } }],
    ['tool_choice.type', { tools: [WEATHER], tool_choice: { type: 'required' } }],
    ['tool_choice.name', { tools: [WEATHER], tool_choice: { type: 'tool', name: 'other' } }],
    ['context_management.edits[0].type', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
    ['speed', { speed: 'fast' }],
    ['container', { container: 'c_1' }],
    ['mcp_servers', { mcp_servers: [{ type: 'url', url: 'https://example.com' }] }],
    ['inference_geo', { inference_geo: 'eu' }],
    ['fallbacks', { fallbacks: 'default' }],
    ['max_token', { max_token: 7 }],
    ['Model', { Model: 'x' }],
    ['base_url', { base_url: 'https://example.com' }],
    ['api_key', { api_key: 'x' }],
    ['n', { n: 2 }],
  ])('%s in %j', (field, more) => {
    const error = thrownBy(() => translate(more));
    expect(error).toMatchObject({ code: 'invalid_request', param: field });
    expect(error.message).toContain(field.split('.').at(-1)?.split('[')[0]);
  });

  it('with the nearest name when it is misspelled', () => {
    const { message, hint } = thrownBy(() => translate({ max_tokns: 7 }));
    expect(message).toBe('Unknown field "max_tokns". Did you mean "max_tokens"?');
    expect(hint).toContain('set "routing.unsupportedParameters" to "drop"');
  });
});
