import { Buffer } from 'node:buffer';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROVIDER_KINDS } from '../../src/core/model.ts';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { openServedKinds, refOf, type ServedKinds } from './openai-clients.ts';
import { MODEL } from './workplace.ts';

const PDF = Buffer.from('%PDF-1.7\n%%EOF').toString('base64');

let served: ServedKinds;
let claude: Anthropic;
beforeAll(async () => {
  served = await openServedKinds();
  claude = new Anthropic({ baseURL: served.url, apiKey: served.token, maxRetries: 0 });
});
afterAll(() => served.close());

/** Ollama has no form for them. */
describe.each(PROVIDER_KINDS.filter((kind) => kind !== 'ollama'))('a PDF shown to %s', (kind) => {
  const model = refOf(kind);

  /** What was sent for the last request. */
  function sent(): string {
    return JSON.stringify(served.upstream(kind).requests.at(-1)?.body);
  }

  test("by OpenAI's client, in both of its APIs", async () => {
    const file = { filename: 'tides.pdf', file_data: `data:application/pdf;base64,${PDF}` };
    await served.client.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'file', file },
            { type: 'text', text: 'Chat?' },
          ],
        },
      ],
    });
    expect(sent().split(PDF)).toHaveLength(2);
    const content = [
      { type: 'input_file' as const, ...file },
      { type: 'input_text' as const, text: 'Responses?' },
    ];
    await served.client.responses.create({ model, store: false, input: [{ role: 'user', content }] });
    expect(sent().split(PDF)).toHaveLength(2);
  });

  test("by Anthropic's client, in a question and in the result of a tool", async () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: PDF } as const;
    const document = { type: 'document', source, title: 'Tides' } as const;
    const use = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} } as const;
    await claude.messages.create({
      model,
      max_tokens: 10,
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: [document, { type: 'text', text: 'What is it?' }] },
        { role: 'assistant', content: [use] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: [document] }] },
      ],
    });
    expect(sent().split(PDF)).toHaveLength(3);
    if (kind !== 'anthropic') return;
    expect(served.upstream(kind).requests.at(-1)?.body).toMatchObject({
      messages: [{ content: [document, {}] }, {}, { content: [{ type: 'tool_result', content: [document] }] }],
    });
  });
});

test('a PDF at an address that its provider does not fetch is refused before anybody is asked', async () => {
  const upstream = served.upstream('openai');
  const before = upstream.requests.length;
  const source = { type: 'url', url: 'https://example.com/a.pdf' } as const;
  const messages = [{ role: 'user' as const, content: [{ type: 'document' as const, source }] }];
  const refused = claude.messages.create({ model: refOf('openai'), max_tokens: 10, messages });
  await expect(refused).rejects.toThrow(/it takes PDFs as data, not as https addresses/);
  expect(upstream.requests).toHaveLength(before);
});

// Claude Code finds the block by it, and takes it out.
test.each([
  ['image', 'it cannot read images'],
  ['document', 'it cannot read PDFs'],
] as const)('that no model takes a block of type %s is said behind its path', async (type, reason) => {
  const upstream = await startUpstream();
  const blind = { price: { inputPerMTok: 1, outputPerMTok: 1 }, contextTokens: 32_768, capabilities: ['tools'] };
  const config = { models: { [`main/${MODEL}`]: blind } };
  const { url, token } = await startServe({ upstreams: [{ id: 'main', kind: 'openai', upstream }], config });
  const anthropic = new Anthropic({ baseURL: url, apiKey: token, maxRetries: 0 });
  const block = { type, source: { type: 'url', url: 'https://example.com/a' } } as Anthropic.ImageBlockParam;
  const ask = (messages: Anthropic.MessageParam[]) =>
    anthropic.messages.create({
      model: 'auto',
      max_tokens: 10,
      messages,
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
    });
  const text = { type: 'text', text: 'What is it?' } as const;
  await expect(ask([{ role: 'user', content: [text, block] }])).rejects.toThrow(
    new RegExp(`"message":"messages\\[0]\\.content\\[1]\\.${type}: No model can take this request\\. .*${reason}`),
  );
  const used = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} } as const;
  const result: Anthropic.ToolResultBlockParam = { type: 'tool_result', tool_use_id: used.id, content: [block] };
  const looked = ask([
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: [used] },
    { role: 'user', content: [result] },
  ]);
  await expect(looked).rejects.toThrow(`messages[2].content[0].tool_result.content[0].${type}: No model`);
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
  const image_url = { url: 'https://example.com/a.png' };
  const shown = openai.chat.completions.create({
    model: 'auto',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url }] }],
  });
  await expect(shown).rejects.toMatchObject({ param: 'messages', code: 'capability_missing' });
  expect(upstream.requests).toEqual([]);
});
