import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { MODEL } from './workplace.ts';

test.each(['openai', 'anthropic'] as const)('a client searches tools for a model of %s', async (kind) => {
  const upstream = await startUpstream(kind);
  const models = { [`main/${MODEL}`]: { contextTokens: 32_768, capabilities: ['tools'] } };
  const { url, token } = await startServe({ upstreams: [{ id: 'main', kind, upstream }], config: { models } });
  const client = new Anthropic({ baseURL: url, apiKey: token, maxRetries: 0 });
  const input_schema = { type: 'object' } as const;
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Which jobs are there?' }];
  const ask = async () => {
    const { content } = await client.messages.create({
      model: 'auto',
      max_tokens: 100,
      messages,
      tools: [
        { name: 'search_tools', input_schema },
        { name: 'list_jobs', input_schema, defer_loading: true },
        { name: 'end_job', input_schema, defer_loading: true },
      ],
    });
    messages.push({ role: 'assistant', content });
    return content;
  };
  const toolsSent = () => {
    const { call } = upstream.requests.at(-1) ?? {};
    return call?.type === 'chat' ? call.tools : [];
  };

  upstream.script({ say: { toolCalls: [{ id: 'call_1', name: 'search_tools', argumentsJson: '{}' }] } });
  const [search] = await ask();
  expect(search).toMatchObject({ type: 'tool_use', name: 'search_tools' });
  expect(toolsSent()).toEqual(['search_tools']);

  const found = { type: 'tool_reference', tool_name: 'list_jobs' } as const;
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: [found] }] });
  upstream.script({ say: { toolCalls: [{ id: 'call_2', name: 'list_jobs', argumentsJson: '{}' }] } });
  const [list] = await ask();
  expect(list).toMatchObject({ type: 'tool_use', name: 'list_jobs' });
  expect(toolsSent()).toEqual(['search_tools', 'list_jobs']);
});

test.each([false, true])("Vercel's AI SDK searches tools through the Responses API, streamed: %s", async (streamed) => {
  const upstream = await startUpstream('anthropic');
  const { url, token } = await startServe({ upstreams: [{ id: 'main', kind: 'anthropic', upstream }] });
  const vendor = createOpenAI({ baseURL: `${url}/v1`, apiKey: token });
  const listed = { type: 'function', name: 'list_jobs', parameters: { type: 'object' }, defer_loading: true } as const;
  const parameters = { type: 'object', properties: { query: { type: 'string' } } };
  const searched: unknown[] = [];
  const find = (given: unknown) => {
    searched.push(given);
    return { tools: [listed] };
  };
  const tools = {
    tool_search: vendor.tools.toolSearch({ execution: 'client', parameters, execute: find }),
    list_jobs: tool({
      inputSchema: z.object({}),
      execute: () => 'Two jobs.',
      providerOptions: { openai: { deferLoading: true } },
    }),
  };
  upstream.script(
    { say: { toolCalls: [{ id: 'call_1', name: 'tool_search', argumentsJson: '{"query":"jobs"}' }] } },
    { say: { toolCalls: [{ id: 'call_2', name: 'list_jobs', argumentsJson: '{}' }] } },
    { say: { text: 'There are two.' } },
  );
  const options = { prompt: 'Which jobs?', tools, stopWhen: stepCountIs(4), maxRetries: 0 };
  const model = vendor.responses(`main/${MODEL}`);
  const text = streamed
    ? await streamText({ ...options, model }).text
    : (await generateText({ ...options, model })).text;
  expect(text).toBe('There are two.');
  expect(searched).toMatchObject([{ arguments: { query: 'jobs' }, call_id: 'call_1' }]);
  const offered = upstream.requests.map(({ call }) => (call?.type === 'chat' ? call.tools : []));
  expect(offered).toEqual([['tool_search'], ['tool_search', 'list_jobs'], ['tool_search', 'list_jobs']]);
});
