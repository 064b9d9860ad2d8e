import OpenAI from 'openai';
import type { FunctionTool, NamespaceTool, ResponseInputItem } from 'openai/resources/responses/responses';
import { expect, it } from 'vitest';
import { toPlainName } from '../../../src/http/responses/called-tool.ts';
import { toChatRequest } from '../../../src/http/responses/to-chat-request.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const look = { type: 'function', name: 'look', description: 'Looks.', parameters: {}, strict: false } as const;
const PLAIN: FunctionTool = look;
const NAMESPACE: NamespaceTool = {
  type: 'namespace',
  name: 'zoo',
  description: 'All about the zoo.',
  tools: [look, { ...look, name: 'feed' }],
};
const TOOLS = [PLAIN, NAMESPACE];

type Call = OpenAI.Responses.ResponseFunctionToolCall;
type Sent = {
  readonly tools: readonly { readonly function: { readonly name: string; readonly description: string } }[];
  readonly messages: readonly { readonly tool_calls?: readonly { readonly function: { readonly name: string } }[] }[];
};

async function serve() {
  const vendor = await startUpstream();
  const { url, token } = await startInProcess({ upstreams: [{ id: 'main', kind: 'openai', upstream: vendor }] });
  return { vendor, client: new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 }) };
}

it.each(['whole', 'streamed'])('a function of a namespace is called by both its names, %s', async (form) => {
  const { vendor, client } = await serve();
  const calls = ['zoo__look', 'look'].map((name, index) => ({ id: `call_${index}`, name, argumentsJson: '{}' }));
  vendor.script({ say: { toolCalls: calls } }, { say: { text: 'A cat.' } });
  const question: ResponseInputItem = { role: 'user', content: 'What is there?' };
  const request = { model: 'auto', input: [question], tools: TOOLS, client_metadata: { session: 's' } };
  const { output } =
    form === 'whole' ? await client.responses.create(request) : await client.responses.stream(request).finalResponse();
  const items: readonly { readonly type: string }[] = output;
  const called = items.filter((item): item is Call => item.type === 'function_call');
  expect(called.map(({ namespace, name }) => [namespace, name])).toEqual([
    ['zoo', 'look'],
    [undefined, 'look'],
  ]);
  const outputs = called.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'A cat.' }) as const);
  const next = await client.responses.create({ ...request, input: [question, ...called, ...outputs] });
  expect(next.output_text).toBe('A cat.');
  const { tools = [], messages = [] } = (vendor.requests.at(-1)?.body ?? {}) as Partial<Sent>;
  expect(tools.map(({ function: { name, description } }) => [name, description])).toEqual([
    ['look', 'Looks.'],
    ['zoo__look', 'All about the zoo.\n\nLooks.'],
    ['zoo__feed', 'Looks.'],
  ]);
  const names = messages.flatMap(({ tool_calls = [] }) => tool_calls.map((each) => each.function.name));
  expect(names).toEqual(['zoo__look', 'look']);
});

it('names too long for a vendor are cut, and stay apart', () => {
  const names = ['a', 'b'].map((end) => toPlainName({ namespace: 'mcp__server__', name: 'n'.repeat(60) + end }));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^mcp__server__n[\w]{50}$/);
  expect(toPlainName({ namespace: 'mcp__zoo', name: 'look' })).toBe('mcp__zoo__look');
  expect(toPlainName({ namespace: 'mcp__zoo__', name: 'look' })).toBe('mcp__zoo__look');
});

it('the functions of all namespaces together are at most as many as tools may be', () => {
  const tools = Array.from({ length: 65 }, (_, index) => ({ ...look, name: `t${index}` }));
  const groups = ['a', 'b'].map((name) => ({ type: 'namespace', name, tools }));
  const read = () =>
    toChatRequest(
      { model: 'auto', input: 'Hi', tools: groups },
      {
        caller: { tenant: 'local', client: 'test' },
        unsupportedParameters: 'reject',
        routing: () => ({ cache: 'use' }),
      },
    );
  expect(read).toThrow(/"tools".*128/);
});
