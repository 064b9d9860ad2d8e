import Anthropic from '@anthropic-ai/sdk';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { expect, it, onTestFinished } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import type { Step } from '../../support/fake-upstream.ts';
import { openService } from './service.ts';

const GOOGLE = { google: { thought_signature: 'c2lnbmVk' } };
const CALL = { index: 0, id: 'tool_1', type: 'function', function: { name: 'look', arguments: '{"at":"x"}' } };
const PLAIN = { ...CALL, index: 1, id: 'tool_2' };
const DETAIL = { type: 'reasoning.encrypted', data: 'c2lnbmVk', id: 'tool_1', format: 'google-gemini-v1', index: 0 };
const THOUGHT = { type: 'reasoning.text', text: 'Hm.', format: 'google-gemini-v1', index: 0 };
const LOOK = { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } };

/** The pieces in which a server says its calls, and what has to be in the turn that gives them back. */
const SERVERS = {
  Google: [[{ tool_calls: [{ ...CALL, extra_content: GOOGLE }, PLAIN] }], { onCall: GOOGLE, beside: undefined }],
  OpenRouter: [
    [{ reasoning_details: [THOUGHT] }, { reasoning_details: [DETAIL], tool_calls: [CALL, PLAIN] }],
    { onCall: undefined, beside: [DETAIL] },
  ],
  'OpenRouter, which signs after it calls': [
    [{ reasoning_details: [THOUGHT] }, { tool_calls: [CALL, PLAIN] }, { reasoning_details: [DETAIL] }],
    { onCall: undefined, beside: [DETAIL] },
  ],
} as const;
const NAMES = Object.keys(SERVERS) as (keyof typeof SERVERS)[];

type Pieces = readonly { readonly tool_calls?: readonly object[]; readonly reasoning_details?: readonly object[] }[];

function said(pieces: Pieces, isStreamed: boolean): Step {
  const end = { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };
  const events = [
    ...pieces.map((delta) => ({ provider: 'Google', choices: [{ index: 0, delta, finish_reason: null }] })),
    end,
  ];
  const message = {
    role: 'assistant',
    content: null,
    tool_calls: pieces.flatMap((piece) => piece.tool_calls ?? []),
    reasoning_details: pieces.flatMap((piece) => piece.reasoning_details ?? []),
  };
  const body = isStreamed
    ? `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
    : JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
  const headers = { 'content-type': isStreamed ? 'text/event-stream' : 'application/json' };
  return { fault: { type: 'replace', body, headers } };
}

async function open() {
  const price = { inputPerMTok: 1, outputPerMTok: 2 };
  const model = { price, contextTokens: 32_768, capabilities: ['tools'] };
  const models = { [`openai-compatible/${MODEL}`]: model, [`openai/${MODEL}`]: model };
  const service = await openService(['openai-compatible', 'openai'], { config: { models } });
  onTestFinished(() => service.close());
  return service;
}

it.each(NAMES.flatMap((server) => [true, false].map((isStreamed) => [server, isStreamed] as const)))(
  'what %s wants back with a call comes back where it was, and goes nowhere else (streamed: %s)',
  async (server, isStreamed) => {
    const service = await open();
    const [pieces, expected] = SERVERS[server];
    service.upstream('openai-compatible').script(said(pieces, isStreamed));
    const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Look.' }];
    const base = { tools: [{ type: 'function' as const, function: LOOK }] };
    const asked = { ...base, model: `openai-compatible/${MODEL}`, messages };
    const { completions } = service.client.chat;
    const first = isStreamed ? await completions.stream(asked).finalChatCompletion() : await completions.create(asked);
    // As clients write them that know no other fields.
    const tool_calls = (first.choices[0]?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ id: call.id, type: call.type, function: call.function }] : [],
    );
    expect(tool_calls).toMatchObject([{ function: CALL.function }, { id: 'tool_2' }]);
    messages.push({ role: 'assistant', tool_calls });
    for (const { id } of tool_calls) messages.push({ role: 'tool', tool_call_id: id, content: 'Seen.' });
    for (const kind of ['openai-compatible', 'openai'] as const) {
      await completions.create({ ...base, model: `${kind}/${MODEL}`, messages });
      const body = service.upstream(kind).requests.at(-1)?.body as { messages: Record<string, object[]>[] };
      const turn = body.messages[1];
      const isHome = kind === 'openai-compatible';
      expect(turn?.tool_calls).toEqual([
        {
          id: 'tool_1',
          type: 'function',
          function: CALL.function,
          ...(isHome && expected.onCall && { extra_content: GOOGLE }),
        },
        { id: 'tool_2', type: 'function', function: CALL.function },
      ]);
      expect(turn?.reasoning_details).toEqual(isHome ? expected.beside : undefined);
    }
  },
);

it("comes back through Anthropic's client as well", async () => {
  const service = await open();
  service.upstream('openai-compatible').script(said(SERVERS.OpenRouter[0], true));
  const client = new Anthropic({ baseURL: service.url, apiKey: service.token, maxRetries: 0 });
  const hello = { role: 'user' as const, content: 'Look.' };
  const tools = [{ name: 'look', input_schema: { type: 'object' as const } }];
  const base = { model: `openai-compatible/${MODEL}`, max_tokens: 100, tools };
  const { content } = await client.messages.stream({ ...base, messages: [hello] }).finalMessage();
  const results = content.flatMap((block) =>
    block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'Seen.' }] : [],
  );
  const messages = [hello, { role: 'assistant' as const, content }, { role: 'user' as const, content: results }];
  await client.messages.create({ ...base, messages });
  expect(service.upstream('openai-compatible').requests[1]?.body).toMatchObject({
    messages: [{}, { tool_calls: [{ id: 'tool_1' }, { id: 'tool_2' }], reasoning_details: [DETAIL] }, {}, {}],
  });
});
