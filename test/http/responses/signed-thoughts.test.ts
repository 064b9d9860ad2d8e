import { createOpenAI } from '@ai-sdk/openai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import type { ResponseInput } from 'openai/resources/responses/responses';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { MODEL } from '../../e2e/workplace.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const usage = { inputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 12, reasoningTokens: 4 };
const signature = 'c2lnbmVk';
const toolCalls = [{ id: 'call_1', name: 'weather', argumentsJson: '{"town":"Rome"}' }];
const weather = tool({
  description: 'The weather of a town',
  inputSchema: z.object({ town: z.string() }),
  execute: async ({ town }) => `${town}: sunny`,
});

it.each(['whole', 'streamed'])(
  'a client that refers to what was said brings signed thoughts back with it, though it has not asked for their state (%s)',
  async (form) => {
    const upstream = await startUpstream('anthropic');
    upstream.script({ say: { reasoning: 'I have to look.', text: 'One moment.', toolCalls, signature, usage } });
    upstream.script({ say: { text: 'Rome is sunny.', usage } });
    const models = { [`main/${MODEL}`]: { contextTokens: 32_768, capabilities: ['tools', 'reasoning'] } };
    const { url, token } = await startInProcess({
      upstreams: [{ id: 'main', kind: 'anthropic', upstream }],
      config: { models },
    });
    const settings = {
      model: createOpenAI({ baseURL: `${url}/v1`, apiKey: token })('auto'),
      prompt: 'The weather in Rome?',
      tools: { weather },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
      providerOptions: { openai: { reasoningSummary: 'auto', forceReasoning: true } },
    };
    const text = form === 'whole' ? (await generateText(settings)).text : await streamText(settings).text;
    expect(text).toBe('Rome is sunny.');
    expect(upstream.requests.at(-1)?.body).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'I have to look.', signature },
            { type: 'text', text: 'One moment.' },
            { type: 'tool_use', name: 'weather' },
          ],
        },
        { role: 'user' },
      ],
    });
  },
);

it.each(['whole', 'streamed'])(
  'a client that sends back what it got brings signed thoughts back with it, though it has asked for nothing (%s)',
  async (form) => {
    const upstream = await startUpstream('anthropic');
    upstream.script({ say: { reasoning: 'I have to look.', toolCalls, signature, usage } });
    upstream.script({ say: { text: 'Rome is sunny.', usage } });
    const models = { [`main/${MODEL}`]: { contextTokens: 32_768, capabilities: ['tools', 'reasoning'] } };
    const { url, token } = await startInProcess({
      upstreams: [{ id: 'main', kind: 'anthropic', upstream }],
      config: { models },
    });
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
    const asked: ResponseInput = [{ role: 'user', content: 'The weather in Rome?' }];
    const parameters = { type: 'object', properties: { town: { type: 'string' } } };
    const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: false }];
    const ask = (input: ResponseInput) => {
      const body = { model: 'auto', input, tools };
      return form === 'whole' ? client.responses.create(body) : client.responses.stream(body).finalResponse();
    };
    const { output } = await ask(asked);
    const seen = { type: 'function_call_output' as const, call_id: 'call_1', output: 'Rome: sunny' };
    expect((await ask([...asked, ...(output as ResponseInput), seen])).output_text).toBe('Rome is sunny.');
    expect(upstream.requests.at(-1)?.body).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', signature },
            { type: 'tool_use', name: 'weather' },
          ],
        },
        { role: 'user' },
      ],
    });
  },
);
