import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ProviderKind } from '../../../src/core/model.ts';
import type { ScriptedAnswer } from '../../../src/demo/vendors/scripted.ts';
import { MODEL } from '../../e2e/workplace.ts';
import type { FakeUpstream, Step } from '../../support/fake-upstream.ts';
import { type InProcess, startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const USAGE = { inputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 12, reasoningTokens: 4 };
const CALLS: Step = {
  say: {
    reasoning: 'I have to look.',
    text: 'One moment.',
    toolCalls: [{ id: 'call_1', name: 'weather', argumentsJson: '{"town":"Rome"}' }],
    signature: 'c2lnbmVk',
    usage: USAGE,
  },
};
const ANSWERS: Step = { say: { text: 'Rome is sunny.', usage: USAGE } };

async function serve(
  kind: ProviderKind,
  ...steps: readonly Step[]
): Promise<InProcess & { readonly vendor: FakeUpstream }> {
  const vendor = await startUpstream(kind);
  vendor.script(...steps);
  const config = { models: { [`main/${MODEL}`]: { contextTokens: 32_768, capabilities: ['tools', 'reasoning'] } } };
  return { ...(await startInProcess({ upstreams: [{ id: 'main', kind, upstream: vendor }], config })), vendor };
}

function toolTexts({ requests }: FakeUpstream): readonly string[] {
  const asked = requests.at(-1)?.call;
  return asked?.type === 'chat' ? asked.toolResults.map(({ text }) => text) : [];
}

const weather = tool({
  description: 'The weather of a town',
  inputSchema: z.object({ town: z.string() }),
  execute: async ({ town }) => `${town}: sunny`,
});

describe('the Vercel AI SDK with its default OpenAI model', () => {
  function modelOf({ url, token }: InProcess) {
    return createOpenAI({ baseURL: `${url}/v1`, apiKey: token })('auto');
  }

  it.each(['openai', 'anthropic', 'gemini'] as const)('runs a tool loop on %s, whole and streamed', async (kind) => {
    const served = await serve(kind, CALLS, ANSWERS, CALLS, ANSWERS);
    const settings = {
      model: modelOf(served),
      prompt: 'The weather in Rome?',
      tools: { weather },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
      providerOptions: { openai: { store: false } },
    };
    const whole = await generateText(settings);
    expect(whole.text).toBe('Rome is sunny.');
    expect(whole.finishReason).toBe('stop');
    expect(whole.steps).toHaveLength(2);
    expect(whole.totalUsage).toMatchObject({ inputTokens: 40, outputTokens: 24 });
    expect(toolTexts(served.vendor)).toEqual(['Rome: sunny']);

    const streamed = streamText({ ...settings, prompt: 'And now?' });
    expect(await streamed.text).toBe('Rome is sunny.');
    expect((await streamed.steps).map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(toolTexts(served.vendor)).toEqual(['Rome: sunny']);
  });

  it('needs no options for a loop in which the model says nothing beside its calls', async () => {
    const { say } = CALLS as { readonly say: ScriptedAnswer };
    const served = await serve('gemini', { say: { ...say, text: '' } }, ANSWERS);
    const settings = { model: modelOf(served), tools: { weather }, stopWhen: stepCountIs(3), maxRetries: 0 };
    const { text } = await generateText({ ...settings, prompt: 'The weather in Rome?' });
    expect(text).toBe('Rome is sunny.');
    expect(JSON.stringify(served.vendor.requests.at(-1)?.body)).toContain('c2lnbmVk');
  });

  it('may refer to what was said before instead of sending it back, whole and streamed', async () => {
    const served = await serve('openai', CALLS, ANSWERS, CALLS, ANSWERS);
    const settings = { model: modelOf(served), tools: { weather }, stopWhen: stepCountIs(3), maxRetries: 0 };
    const whole = await generateText({ ...settings, prompt: 'The weather in Rome?' });
    expect(whole.text).toBe('Rome is sunny.');
    expect(toolTexts(served.vendor)).toEqual(['Rome: sunny']);
    expect(await streamText({ ...settings, prompt: 'And now?' }).text).toBe('Rome is sunny.');
    expect(toolTexts(served.vendor)).toEqual(['Rome: sunny']);
  });

  it('shows what a model thought, once it is told that it thinks', async () => {
    const served = await serve('gemini', { say: { reasoning: 'Hm.', text: 'Rome.' } });
    const openai = { forceReasoning: true, reasoningEffort: 'low', reasoningSummary: 'auto' };
    const settings = { prompt: 'A town?', maxRetries: 0, providerOptions: { openai } };
    const { reasoningText, warnings } = await generateText({ model: modelOf(served), ...settings });
    expect([reasoningText, warnings]).toEqual(['Hm.', []]);
  });

  it('gets an object that fits its schema', async () => {
    const served = await serve('openai', { say: { text: '{"town":"Rome"}' } });
    const { output } = await generateText({
      model: modelOf(served),
      prompt: 'A town?',
      output: Output.object({ schema: z.object({ town: z.string() }) }),
    });
    expect(output).toEqual({ town: 'Rome' });
  });

  it('is told of a cut stream by an error', async () => {
    const cut: Step = { say: { text: 'Many words that will not all come.' }, fault: { type: 'no-terminal-event' } };
    const served = await serve('openai', cut, cut);
    const errors: unknown[] = [];
    const result = streamText({
      model: modelOf(served),
      prompt: 'Go on.',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    const parts: string[] = [];
    for await (const part of result.fullStream) parts.push(part.type);
    expect(parts).toContain('error');
    expect(JSON.stringify(errors)).toContain('stream_truncated');
    expect(await result.finishReason).toBe('error');
  });
});

describe('LangChain with the Responses API', () => {
  const look = langchainTool(async ({ town }: { town: string }) => `${town}: sunny`, {
    name: 'weather',
    description: 'The weather of a town',
    schema: z.object({ town: z.string() }),
  });

  function modelOf({ url, token }: InProcess) {
    const configuration = { baseURL: `${url}/v1` };
    return new ChatOpenAI({ model: 'auto', useResponsesApi: true, apiKey: token, configuration, maxRetries: 0 });
  }

  it.each(['openai', 'anthropic', 'gemini'] as const)('runs a tool loop on %s', async (kind) => {
    const served = await serve(kind, CALLS, ANSWERS);
    const model = modelOf(served).bindTools([look]);
    const question = new HumanMessage('The weather in Rome?');
    const first = await model.invoke([question]);
    expect(first.tool_calls).toMatchObject([{ name: 'weather', args: { town: 'Rome' } }]);
    const results = (first.tool_calls ?? []).map(
      (made) => new ToolMessage({ content: 'Rome: sunny', tool_call_id: made.id ?? '' }),
    );
    const second = await model.invoke([question, first, ...results]);
    expect(second.text).toBe('Rome is sunny.');
    expect(second.usage_metadata).toMatchObject({ input_tokens: 20, output_tokens: 12 });
    expect(toolTexts(served.vendor)).toEqual(['Rome: sunny']);
  });

  it('streams, and throws when the stream is cut', async () => {
    const cut: Step = { say: { text: 'Many words that will not all come.' }, fault: { type: 'no-terminal-event' } };
    const served = await serve('openai', ANSWERS, cut, cut);
    const model = modelOf(served);
    let text = '';
    for await (const chunk of await model.stream('The weather in Rome?')) text += chunk.text;
    expect(text).toBe('Rome is sunny.');
    const failing = (async () => {
      for await (const _chunk of await model.stream('Go on.'));
    })();
    await expect(failing).rejects.toMatchObject({ code: 'stream_truncated' });
  });
});
