/**
 * Programs written for OpenAI or Anthropic with another base URL: whole answers and streams, each
 * client also on the other vendor's model, and a repeat that costs nothing. Run it:
 * `npx node examples/change-the-base-url.ts`
 */
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { withService } from './with-service.ts';

await withService(async ({ url, token }) => {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: token });
  const question = { role: 'user', content: 'What are your hours?' } as const;
  const ask = () => openai.chat.completions.create({ model: 'auto', messages: [question] }).withResponse();
  const { data, response } = await ask();
  process.stdout.write(`${data.choices[0]?.message.content} (${data.model})\n`);
  process.stdout.write(`It cost ${response.headers.get('x-signalbox-cost-usd')} $.\n`);
  assert.equal(response.headers.get('x-signalbox-cache'), 'miss');
  const again = await ask();
  assert.equal(again.response.headers.get('x-signalbox-cache'), 'hit');

  const stream = await openai.chat.completions.create({
    model: 'anthropic/claude-haiku-5-5',
    messages: [question],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let outputTokens = 0;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    outputTokens = chunk.usage?.completion_tokens ?? outputTokens;
  }
  process.stdout.write(`From Claude, through OpenAI's client: ${text}\n`);
  assert.deepEqual({ text, outputTokens }, { text: 'An answer to: What are your hours?', outputTokens: 30 });

  const anthropic = new Anthropic({ baseURL: url, apiKey: token });
  const message = await anthropic.messages
    .stream({ model: 'openai/gpt-6-luna', max_tokens: 200, messages: [question] })
    .finalMessage();
  process.stdout.write(`From GPT, through Anthropic's client: ${JSON.stringify(message.content)}\n`);
  assert.equal(message.model, 'openai/gpt-6-luna');
  assert.equal(message.stop_reason, 'end_turn');

  const wrongToken = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'another', maxRetries: 0 });
  await assert.rejects(wrongToken.models.list(), OpenAI.AuthenticationError);
});
