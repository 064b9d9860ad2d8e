import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { Annotation, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { ProviderKind } from '../../src/core/model.ts';
import { EMBEDDER, openServedKinds, refOf, type ServedKinds } from './openai-clients.ts';

let served: ServedKinds;
beforeAll(async () => {
  served = await openServedKinds();
});
afterAll(() => served.close());

function chatModel(kind: ProviderKind): ChatOpenAI {
  return new ChatOpenAI({
    model: refOf(kind),
    apiKey: served.token,
    configuration: { baseURL: `${served.url}/v1` },
    maxRetries: 0,
  });
}

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  plan: Annotation<string>,
  summary: Annotation<string>,
});

/** A planner, an executor that uses tools until it is done, and a summariser, each on a model of its own. */
function buildGraph(kinds: Readonly<Record<'planner' | 'executor' | 'summariser', ProviderKind>>) {
  const measured: string[] = [];
  const measure = tool(
    ({ city }) => {
      measured.push(city);
      return `${city}: 21 degrees`;
    },
    { name: 'measure', description: 'Measures the temperature.', schema: z.object({ city: z.string() }) },
  );
  const planner = chatModel(kinds.planner);
  const executor = chatModel(kinds.executor).bindTools([measure]);
  const summariser = chatModel(kinds.summariser);
  const isDone = ({ messages }: typeof State.State) => {
    const last = messages.at(-1);
    return last instanceof AIMessage && (last.tool_calls?.length ?? 0) > 0 ? 'tools' : 'summarise';
  };
  const graph = new StateGraph(State)
    .addNode('plans', async ({ messages }) => {
      const answer = await planner.invoke([new SystemMessage('Plan the work.'), ...messages]);
      return { plan: answer.text };
    })
    .addNode('executes', async ({ messages, plan }) => ({
      messages: [await executor.invoke([new SystemMessage(`Follow the plan: ${plan}`), ...messages])],
    }))
    .addNode('tools', new ToolNode([measure]))
    .addNode('summarise', async ({ messages }) => {
      const asked: BaseMessage[] = [...messages, new HumanMessage('Summarise.')];
      return { summary: (await summariser.invoke(asked)).text };
    })
    .addEdge(START, 'plans')
    .addEdge('plans', 'executes')
    .addConditionalEdges('executes', isDone, ['tools', 'summarise'])
    .addEdge('tools', 'executes')
    .addEdge('summarise', END)
    .compile();
  return { graph, measured };
}

/** Runs the graph as an agent that shows its words as they come, which makes every model stream. */
async function lastOf(steps: Promise<AsyncIterable<readonly [string, unknown]>>): Promise<typeof State.State> {
  let words = 0;
  let last: unknown;
  for await (const [mode, step] of await steps) {
    if (mode === 'values') last = step;
    else words += 1;
  }
  expect(words).toBeGreaterThan(3);
  return last as typeof State.State;
}

test.each([
  { streaming: false, planner: 'anthropic', executor: 'openai', summariser: 'gemini' },
  { streaming: true, planner: 'gemini', executor: 'anthropic', summariser: 'groq' },
  { streaming: false, planner: 'groq', executor: 'gemini', summariser: 'ollama' },
  { streaming: true, planner: 'ollama', executor: 'openai-compatible', summariser: 'openai' },
] as const)(
  'LangGraph plans on $planner, works with tools on $executor and sums up on $summariser (streaming: $streaming)',
  async ({ streaming, ...kinds }) => {
    const { graph, measured } = buildGraph(kinds);
    served.upstream(kinds.planner).script({ say: { text: 'Measure both cities.' } });
    const call = (id: string, city: string) => ({ id, name: 'measure', argumentsJson: JSON.stringify({ city }) });
    served
      .upstream(kinds.executor)
      .script(
        { say: { toolCalls: [call('call_1', 'Oslo'), call('call_2', 'Rome')], signature: 'c2lnbmF0dXJl' } },
        { say: { toolCalls: [call('call_3', 'Riga')] } },
        { say: { text: 'All measured.' } },
      );
    served.upstream(kinds.summariser).script({ say: { text: 'Three cities, 21 degrees each.' } });
    const question = `How warm is it? (${kinds.executor}, ${streaming})`;
    const input = { messages: [new HumanMessage(question)] };
    const end = streaming
      ? await lastOf(graph.stream(input, { streamMode: ['messages', 'values'] }))
      : await graph.invoke(input);
    expect(measured.toSorted()).toEqual(['Oslo', 'Riga', 'Rome']);
    expect(end.plan).toBe('Measure both cities.');
    expect(end.messages.at(-1)?.text).toBe('All measured.');
    expect(end.summary).toBe('Three cities, 21 degrees each.');
    const worked = served
      .upstream(kinds.executor)
      .requests.slice(-3)
      .map((request) => request.call);
    expect(worked.map((asked) => asked?.type === 'chat' && asked.toolResults.map(({ text }) => text))).toEqual([
      [],
      ['Oslo: 21 degrees', 'Rome: 21 degrees'],
      ['Oslo: 21 degrees', 'Rome: 21 degrees', 'Riga: 21 degrees'],
    ]);
    expect(worked.every((asked) => asked?.type === 'chat' && asked.stream === streaming)).toBe(true);
  },
);

test('LangChain counts tokens of streams, parses answers of a schema and embeds', async () => {
  const usage = { inputTokens: 11, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 0 };
  served.upstream('openai').script({ say: { text: 'Counted.', usage } });
  let counted: { input_tokens: number; output_tokens: number } | undefined;
  for await (const chunk of await chatModel('openai').stream('Count these.')) counted = chunk.usage_metadata ?? counted;
  expect(counted).toMatchObject({ input_tokens: 11, output_tokens: 5 });

  served.upstream('openai').script({ say: { text: '{"city":"Oslo"}' } });
  const place = chatModel('openai').withStructuredOutput(z.object({ city: z.string() }), {
    method: 'jsonSchema',
  });
  expect(await place.invoke('Where?')).toEqual({ city: 'Oslo' });

  const embeddings = new OpenAIEmbeddings({
    model: `openai/${EMBEDDER}`,
    apiKey: served.token,
    configuration: { baseURL: `${served.url}/v1` },
  });
  expect(await embeddings.embedDocuments(['one', 'two'])).toHaveLength(2);
});
