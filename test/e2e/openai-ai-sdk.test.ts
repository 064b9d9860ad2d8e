import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, embedMany, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import { EMBEDDER, openServedKinds, refOf, type ServedKinds } from './openai-clients.ts';

let served: ServedKinds;
beforeAll(async () => {
  served = await openServedKinds();
});
afterAll(() => served.close());

function provider() {
  return createOpenAI({ baseURL: `${served.url}/v1`, apiKey: served.token });
}

function chatModel(kind: ProviderKind) {
  return provider().chat(refOf(kind));
}

const usage = { inputTokens: 20, cachedInputTokens: 4, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 0 };
let count = 0;
function question(): string {
  count += 1;
  return `Question ${count}?`;
}

describe.each(PROVIDER_KINDS)("Vercel's AI SDK on %s", (kind) => {
  test('gets texts, whole and streamed', async () => {
    served.upstream(kind).script({ say: { text: 'Whole.', usage } }, { say: { text: 'Piece by piece.', usage } });
    const whole = await generateText({ model: chatModel(kind), prompt: question(), maxRetries: 0 });
    expect(whole).toMatchObject({ text: 'Whole.', finishReason: 'stop', usage: { outputTokens: 7 } });
    const streamed = streamText({ model: chatModel(kind), prompt: question(), maxRetries: 0 });
    let text = '';
    for await (const piece of streamed.textStream) text += piece;
    expect(text).toBe('Piece by piece.');
    expect(await streamed.finishReason).toBe('stop');
    expect((await streamed.usage).outputTokens).toBe(7);
  });

  test.each([false, true])('goes through a loop of tools, streamed: %s', async (streamed) => {
    const at = served.upstream(kind).requests.length;
    const calls = ['a', 'b'].map((place) => ({
      id: `call_${place}`,
      name: 'look',
      argumentsJson: JSON.stringify({ place }),
    }));
    served.upstream(kind).script({ say: { toolCalls: calls } }, { say: { text: 'Both seen.' } });
    const tools = {
      look: tool({
        description: 'Looks.',
        inputSchema: z.object({ place: z.string() }),
        execute: ({ place }) => `saw ${place}`,
      }),
    };
    const options = { model: chatModel(kind), prompt: question(), tools, stopWhen: stepCountIs(3), maxRetries: 0 };
    const text = streamed ? await streamText(options).text : (await generateText(options)).text;
    expect(text).toBe('Both seen.');
    const asked = served
      .upstream(kind)
      .requests.slice(at)
      .map((request) => request.call);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({ toolResults: [{ text: 'saw a' }, { text: 'saw b' }] });
  });

  test('gets an object of a schema', async () => {
    served.upstream(kind).script({ say: { text: '{"city":"Oslo"}' } });
    const output = Output.object({ schema: z.object({ city: z.string() }) });
    const answer = await generateText({ model: chatModel(kind), prompt: question(), output, maxRetries: 0 });
    expect(answer.output).toEqual({ city: 'Oslo' });
  });
});

describe("Vercel's AI SDK", () => {
  test('is told of a cut stream', async () => {
    served.upstream('openai').script({ say: { text: 'Half of it and' }, fault: { type: 'no-terminal-event' } });
    const errors: unknown[] = [];
    const streamed = streamText({
      model: chatModel('openai'),
      prompt: question(),
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    for await (const _piece of streamed.textStream);
    expect(errors).toHaveLength(1);
    expect(await Promise.resolve(streamed.finishReason).catch(() => 'error')).not.toBe('stop');
  });

  test('reads errors, and which of them it may repeat', async () => {
    const wrong = generateText({ model: provider().chat('openai/no-such'), prompt: question(), maxRetries: 0 });
    const error = await wrong.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false });
  });

  test('embeds', async () => {
    const { embeddings } = await embedMany({
      model: provider().embedding(`openai/${EMBEDDER}`),
      values: ['one', 'two'],
    });
    expect(embeddings).toHaveLength(2);
  });
});
