import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { toChatRequest } from '../../../src/http/anthropic/to-chat-request.ts';

const SURROUNDINGS = {
  routing: { cache: 'use' },
  caller: { tenant: 't', client: 'c' },
  unsupportedParameters: 'reject',
} as const;
const HELLO = { role: 'user', content: 'Hello' };
const input_schema = { type: 'object' };
const TOOLS = [
  { name: 'search', input_schema },
  { name: 'fetch', input_schema, defer_loading: true },
  { name: 'list', input_schema, defer_loading: true },
];
const FOUND = [
  { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'search', input: {} }] },
  {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'fetch' }] }],
  },
];

function translate(messages: readonly JsonObject[], more: JsonObject = {}) {
  return toChatRequest({ model: 'm', max_tokens: 100, messages: [...messages], tools: TOOLS, ...more }, SURROUNDINGS);
}

const change = (type: string, tool: JsonObject, ...texts: readonly JsonObject[]) => ({
  role: 'system',
  content: [...texts, { type, tool }],
});
const reference = (name: string) => ({ type: 'tool_reference', name });
const offered = (...messages: readonly JsonObject[]) => translate([HELLO, ...messages]).tools?.map(({ name }) => name);

describe('a deferred tool', () => {
  it("is known from the start where Anthropic's own search would find it, which is no tool here", () => {
    const search = { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' };
    const { tools } = translate([HELLO, change('tool_removal', reference('list'))], { tools: [search, ...TOOLS] });
    expect(tools?.map(({ name }) => name)).toEqual(['search', 'fetch']);
    const wrong = { ...search, limit: 5 };
    expect(() => translate([HELLO], { tools: [wrong, ...TOOLS] })).toThrow('Unknown field "limit" in "tools[0]"');
  });

  it('is not told to the model until a result refers to it', () => {
    expect(offered()).toEqual(['search']);
    expect(offered(...FOUND)).toEqual(['search', 'fetch']);
    expect(translate([HELLO, ...FOUND]).messages.at(-1)?.content).toEqual([
      { type: 'tool-result', toolCallId: 'a', toolName: 'search', text: 'The tool fetch can be called now.' },
    ]);
  });

  it('is added and removed by system messages, which need no text for that', () => {
    const added = change('tool_addition', reference('list'));
    expect(offered(added)).toEqual(['search', 'list']);
    expect(translate([HELLO, added]).messages).toHaveLength(1);
    expect(offered(added, change('tool_removal', reference('list')))).toEqual(['search']);
    expect(offered(change('tool_removal', reference('search')), ...FOUND)).toEqual(['fetch']);
    const told = change('tool_addition', reference('list'), { type: 'text', text: 'There is a list now.' });
    expect(translate([HELLO, told]).messages[1]).toEqual({
      role: 'system',
      content: [{ type: 'text', text: 'There is a list now.' }],
    });
  });

  it('is not added behind the words of the model, which it would have to go on from', () => {
    const added = change('tool_addition', reference('list'));
    expect(() => translate([HELLO, { role: 'assistant', content: 'The jobs are' }, added])).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages[1].role' }),
    );
  });

  it('may be defined where it is added', () => {
    const definition = { name: 'new', description: 'New.', input_schema };
    expect(translate([HELLO, change('tool_addition', { type: 'tool_definition', definition })]).tools?.at(-1)).toEqual({
      name: 'new',
      description: 'New.',
      inputSchema: input_schema,
    });
  });

  it('cannot be asked for before it is offered', () => {
    const tool_choice = { type: 'tool', name: 'fetch' };
    expect(() => translate([HELLO], { tool_choice })).toThrow(
      /"tool_choice.name" is "fetch", which is none of "tools"/,
    );
    expect(translate([HELLO, ...FOUND], { tool_choice }).toolChoice).toEqual({ name: 'fetch' });
  });

  it('is, with those that messages define, one of a thousand at most', () => {
    const defined = (count: number) => ({
      role: 'system',
      content: Array.from({ length: count }, (_, index) => ({
        type: 'tool_addition',
        tool: { type: 'tool_definition', definition: { name: `tool_${index}`, input_schema } },
      })),
    });
    expect(offered(defined(997))).toHaveLength(998);
    expect(offered(defined(500), defined(500))).toHaveLength(501);
    expect(() => offered(defined(998))).toThrow('"messages" must not add more than 1,000 tools in all.');
    expect(() => offered(defined(1_001))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages[1].content[1000].tool' }),
    );
  });

  it.each<readonly [param: string, message: JsonObject]>([
    ['messages[1].content[0].tool.name', change('tool_addition', reference('nobody'))],
    ['messages[1].content[0].tool.type', change('tool_addition', { type: 'mcp_toolset_reference', server_name: 's' })],
    [
      'messages[1].content[0].tool.type',
      change('tool_removal', { type: 'tool_definition', definition: TOOLS[0] ?? {} }),
    ],
    [
      'messages[1].content[0].tool.definition.name',
      change('tool_addition', { type: 'tool_definition', definition: {} }),
    ],
    ['messages[1].content[0].tool.server_name', change('tool_addition', { ...reference('list'), server_name: 's' })],
    [
      'messages[1].content[0].cache_control',
      { role: 'system', content: [{ type: 'tool_removal', tool: reference('search'), cache_control: 'yes' }] },
    ],
    ['messages[1].content[0].tool', { role: 'system', content: [{ type: 'tool_addition' }] }],
    ['messages[1].content', { role: 'system', content: [] }],
  ])('that is changed in a way nobody can is refused at %s', (param, message) => {
    expect(() => translate([HELLO, message])).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
