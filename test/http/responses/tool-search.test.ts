import OpenAI from 'openai';
import type { ResponseInputItem, ResponseToolSearchCall, Tool } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { toChatRequest } from '../../../src/http/responses/to-chat-request.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const SEARCH: Tool = {
  type: 'tool_search',
  execution: 'client',
  description: 'Searches the tools.',
  parameters: { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'number' } } },
};
const tool = (name: string, more: object = {}) => ({ type: 'function', name, parameters: {}, strict: null, ...more });
/** As Codex brings the tools of an MCP server. */
const FOUND = {
  type: 'namespace',
  name: 'mcp__files',
  description: 'Files.',
  tools: [tool('look', { defer_loading: true })],
};
const question = { role: 'user', content: 'Look.' } as const;

describe('a search for tools that the client runs', () => {
  it.each(['whole', 'streamed'])(
    'is called by models of any vendor, and brings the tools it found (%s)',
    async (form) => {
      const vendor = await startUpstream('anthropic');
      const { url, token } = await startInProcess({ upstreams: [{ id: 'main', kind: 'anthropic', upstream: vendor }] });
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
      const argumentsJson = '{"query":"files","limit":8}';
      vendor.script({ say: { toolCalls: [{ id: 'toolu_1', name: 'tool_search', argumentsJson }] } });
      const request = { model: 'auto', store: false, input: [question] as ResponseInputItem[], tools: [SEARCH] };
      const types: string[] = [];
      const ask = () =>
        form === 'whole'
          ? client.responses.create(request)
          : client.responses
              .stream(request)
              .on('event', ({ type }) => types.push(type))
              .finalResponse();
      const { output, tools } = await ask();
      const call = output[0] as ResponseToolSearchCall;
      expect(output).toHaveLength(1);
      expect(call).toMatchObject({
        type: 'tool_search_call',
        status: 'completed',
        execution: 'client',
        call_id: 'toolu_1',
      });
      expect(call.arguments).toEqual({ query: 'files', limit: 8 });
      expect(call.id).toMatch(/^tsc_/);
      expect(tools).toEqual([SEARCH]);
      expect(types.some((type) => type.includes('arguments'))).toBe(false);

      vendor.script({ say: { toolCalls: [{ id: 'toolu_2', name: 'mcp__files__look', argumentsJson: '{}' }] } });
      const found = { type: 'tool_search_output', call_id: 'toolu_1', execution: 'client', tools: [FOUND] };
      const input = [question, call, found] as ResponseInputItem[];
      const next = await client.responses.create({ ...request, input });
      expect(next.output).toMatchObject([{ type: 'function_call', namespace: 'mcp__files', name: 'look' }]);
      expect(vendor.requests.at(-1)?.body).toMatchObject({
        tools: [{ name: 'tool_search', description: 'Searches the tools.' }, { name: 'mcp__files__look' }],
        messages: [
          { role: 'user' },
          { content: [{ type: 'tool_use', name: 'tool_search', input: { query: 'files', limit: 8 } }] },
          { content: [{ type: 'tool_result', content: 'The tool mcp__files__look can be called now.' }] },
        ],
      });
    },
  );
});

function read(tools: readonly JsonObject[], input: readonly JsonObject[] = [question]) {
  const { request, echo } = toChatRequest(
    { model: 'auto', input, tools },
    { caller: { tenant: 't', client: 'c' }, unsupportedParameters: 'reject', routing: () => ({ cache: 'use' }) },
  );
  return { names: request.tools?.map(({ name }) => name), messages: request.messages, called: echo.called };
}

const later = tool('later', { defer_loading: true });
const search = { type: 'tool_search', execution: 'client' };
const call = { type: 'tool_search_call', call_id: 'call_1', execution: 'client', arguments: { query: 'x' } };
const output = (...tools: readonly JsonObject[]): JsonObject => ({ ...call, type: 'tool_search_output', tools });
const found = (...tools: readonly JsonObject[]): JsonObject => {
  const { arguments: _, ...item } = output(...tools);
  return item;
};

describe('a deferred tool', () => {
  it('is known to the model from where a search of the client has found it', () => {
    expect(read([tool('now'), later, search]).names).toEqual(['now', 'tool_search']);
    expect(read([tool('now'), later, search], [question, call, found(later)]).names).toEqual([
      'now',
      'tool_search',
      'later',
    ]);
  });

  it("is known from the start where OpenAI's own search would find it, which is no tool here", () => {
    expect(read([{ type: 'tool_search' }, tool('now'), later]).names).toEqual(['now', 'later']);
    const hosted = { type: 'tool_search_call', call_id: null, execution: 'server', arguments: { paths: ['later'] } };
    const { messages, names } = read(
      [{ type: 'tool_search' }],
      [question, hosted, { type: 'tool_search_output', call_id: null, execution: 'server', tools: [later] }, question],
    );
    expect(messages).toHaveLength(2);
    expect(names).toEqual(['later']);
  });

  it('may be one of many', () => {
    const many = Array.from({ length: 900 }, (_, index) => tool(`tool${index}`, { defer_loading: true }));
    expect(read([search, ...many]).names).toEqual(['tool_search']);
    expect(() => read([{ type: 'tool_search' }, ...many])).toThrow('"tools" must hold at most 128 tools.');
  });

  it.each<readonly [param: string, fault: string, tools: readonly JsonObject[], input: readonly JsonObject[]]>([
    ['tools[0].defer_loading', 'false or left out', [later], [question]],
    ['tools[1].execution', 'must be', [later, { type: 'tool_search', execution: 'cloud' }], [question]],
    ['tools[0].name', 'Unknown', [{ ...search, name: 'find' }], [question]],
    ['tools[1].name', 'an earlier tool', [search, tool('tool_search')], [question]],
    ['input[1].call_id', 'of no call', [search], [question, found()]],
    ['input[1].call_id', 'must be a text', [search], [question, { ...call, call_id: null }]],
    ['input[2].arguments', 'Unknown', [search], [question, call, output()]],
    ['input[2].tools[0].type', 'only functions', [search], [question, call, found({ type: 'mcp' })]],
  ])('is refused by its place: %s %s', (param, fault, tools, input) => {
    expect(() => read(tools, input)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
    expect(() => read(tools, input)).toThrow(fault);
  });

  it('may be none, of a search that found nothing', () => {
    const { messages } = read([search], [question, call, found()]);
    expect(messages.at(-1)).toMatchObject({ content: [{ type: 'tool-result', text: 'No tools were found.' }] });
  });
});
