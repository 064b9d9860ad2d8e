import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROVIDER_KINDS } from '../../src/core/model.ts';
import { openServedKinds, refOf, type ServedKinds } from './openai-clients.ts';

const LONG = `mcp__plugin_of_many_tools__${'get_failed_jobs_'.repeat(6)}`;
/** It differs only in the end. */
const OTHER = `${LONG}x`;
const TOOLS = [LONG, OTHER, 'look'].map((name) => ({ name, input_schema: { type: 'object' as const } }));

let served: ServedKinds;
let client: Anthropic;
beforeAll(async () => {
  served = await openServedKinds();
  client = new Anthropic({ baseURL: served.url, apiKey: served.token, maxRetries: 0 });
});
afterAll(() => served.close());

describe.each(PROVIDER_KINDS)("tools of Anthropic's client on %s", (kind) => {
  test.each(['whole', 'streamed'])('keep names of up to 128 characters for the client (%s)', async (mode) => {
    const upstream = served.upstream(kind);
    const ask = async (messages: Anthropic.MessageParam[]) => {
      const params = { model: refOf(kind), max_tokens: 100, tools: TOOLS, messages };
      const options = { headers: { 'x-signalbox-cache': 'off' } };
      return mode === 'whole'
        ? client.messages.create(params, options)
        : client.messages.stream(params, options).finalMessage();
    };
    const namesSent = () => {
      const { call } = upstream.requests.at(-1) ?? {};
      return call?.type === 'chat' ? call.tools : [];
    };
    const question = { role: 'user', content: 'Which jobs failed?' } as const;

    upstream.script({ say: { text: 'Let me see.' } });
    await ask([question]);
    const names = namesSent();
    const lengthMax = kind === 'anthropic' || kind === 'ollama' ? 128 : 64;
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toBe('look');
    for (const name of names) expect(name).toMatch(new RegExp(`^[\\w-]{1,${lengthMax}}$`));

    const calls = names.map((name, index) => ({ id: `call_${index}`, name, argumentsJson: `{"at":${index}}` }));
    upstream.script({ say: { toolCalls: calls } });
    const { content } = await ask([question]);
    const used = content.filter((block) => block.type === 'tool_use');
    expect(used.map(({ name, input }) => [name, input])).toEqual([
      [LONG, { at: 0 }],
      [OTHER, { at: 1 }],
      ['look', { at: 2 }],
    ]);

    upstream.script({ say: { text: 'None.' } });
    const results = used.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'None.' }));
    await ask([question, { role: 'assistant', content: used }, { role: 'user', content: results }]);
    expect(namesSent()).toEqual(names);
    const sent = JSON.stringify(upstream.requests.at(-1)?.body);
    expect(sent.includes(LONG)).toBe(lengthMax === 128);
    // Defined, and called.
    expect(sent.split(JSON.stringify(names[0])).length).toBeGreaterThanOrEqual(3);
  });

  test('are offered after a search by the names that they are sent with', async () => {
    const tools = [
      { name: 'search', input_schema: { type: 'object' as const } },
      { ...TOOLS[0], defer_loading: true },
    ];
    const found = [{ type: 'tool_reference' as const, tool_name: LONG }];
    await client.messages.create({
      model: refOf(kind),
      max_tokens: 100,
      tools: tools as Anthropic.Tool[],
      messages: [
        { role: 'user', content: 'Search.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'search', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: found }] },
      ],
    });
    const { call } = served.upstream(kind).requests.at(-1) ?? {};
    if (call?.type !== 'chat') throw new Error('a chat was expected');
    expect(call.tools).toHaveLength(2);
    expect(call.toolResults[0]?.text).toBe(`The tool ${call.tools[1]} can be called now.`);
  });

  test.skipIf(kind === 'ollama')('may be the one that must be called', async () => {
    await client.messages.create({
      model: refOf(kind),
      max_tokens: 100,
      tools: TOOLS,
      tool_choice: { type: 'tool', name: OTHER },
      messages: [{ role: 'user', content: 'Call the other.' }],
    });
    const { body, call } = served.upstream(kind).requests.at(-1) ?? {};
    const name = call?.type === 'chat' ? call.tools[1] : undefined;
    expect(JSON.stringify(body).split(JSON.stringify(name))).toHaveLength(3);
  });
});
