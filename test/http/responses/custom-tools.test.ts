import OpenAI from 'openai';
import type { CustomTool, ResponseCustomToolCall, ResponseInputItem } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import type { ProviderKind } from '../../../src/core/model.ts';
import { toCustomInput } from '../../../src/http/openai/shared/custom-tool.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

const PATCH = '*** Begin Patch\n+"é"\n*** End Patch';
const TOOL: CustomTool = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch"' },
};
const QUESTION: ResponseInputItem = { role: 'user', content: 'Change it.' };

async function serve(kind: ProviderKind = 'anthropic') {
  const vendor = await startUpstream(kind);
  const { url, token } = await startInProcess({ upstreams: [{ id: 'main', kind, upstream: vendor }] });
  return { vendor, client: new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 }) };
}

describe('a tool that takes free text', () => {
  it.each(['whole', 'streamed'])('is called with it by models of any vendor (%s)', async (form) => {
    const { vendor, client } = await serve();
    const argumentsJson = JSON.stringify({ input: PATCH });
    vendor.script({ say: { toolCalls: [{ id: 'toolu_1', name: 'apply_patch', argumentsJson }] } });
    const request = { model: 'auto', store: false, input: [QUESTION], tools: [TOOL] };
    const events: { readonly type: string; readonly delta?: unknown; readonly input?: unknown }[] = [];
    const ask = async () => {
      if (form === 'whole') return client.responses.create(request);
      const stream = client.responses.stream(request).on('event', (event) => events.push(event as never));
      return stream.finalResponse();
    };
    const { output, tools } = await ask();
    const call = output.find((item) => item.type === 'custom_tool_call') as ResponseCustomToolCall | undefined;
    expect(call).toMatchObject({ status: 'completed', call_id: 'toolu_1', name: 'apply_patch', input: PATCH });
    expect(call?.id).toMatch(/^ctc_/);
    expect(output).toHaveLength(1);
    expect(tools).toEqual([TOOL]);
    if (form === 'streamed') {
      const told = events.filter(({ type }) => type.startsWith('response.custom_tool_call_input.'));
      expect(told.map(({ delta, input }) => delta ?? input)).toEqual([PATCH, PATCH]);
      expect(events.some(({ type }) => type.includes('function_call'))).toBe(false);
    }

    vendor.script({ say: { text: 'Changed.' } });
    const outcome = { type: 'custom_tool_call_output', call_id: call?.call_id ?? '', output: 'Done.' } as const;
    const next = await client.responses.create({ ...request, input: [QUESTION, ...(call ? [call] : []), outcome] });
    expect(next.output_text).toBe('Changed.');
    expect(vendor.requests.at(-1)?.body).toMatchObject({
      tools: [
        {
          name: 'apply_patch',
          description: 'Edits files.',
          input_schema: {
            properties: { input: { description: expect.stringMatching(/must match this Lark grammar:\nstart: /) } },
          },
        },
      ],
      messages: [
        { role: 'user' },
        { content: [{ type: 'tool_use', name: 'apply_patch', input: { input: PATCH } }] },
        { content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Done.' }] },
      ],
    });
  });

  it('may be one of a namespace, the one that must be called, and the only one that may be', async () => {
    const { vendor, client } = await serve();
    const plain = { type: 'function' as const, name: 'look', parameters: {}, strict: false };
    const group = { type: 'namespace' as const, name: 'files', description: 'Files.', tools: [plain, TOOL] };
    vendor.script({
      say: { toolCalls: [{ id: 'toolu_1', name: 'files__apply_patch', argumentsJson: '{"input":"x"}' }] },
    });
    const grouped = await client.responses.create({ model: 'auto', input: 'Change it.', tools: [group] });
    expect(grouped.output).toMatchObject([
      { type: 'custom_tool_call', namespace: 'files', name: 'apply_patch', input: 'x' },
    ]);
    const custom = { type: 'custom' as const, name: 'apply_patch' };
    await client.responses.create({ model: 'auto', input: 'Now!', tools: [plain, TOOL], tool_choice: custom });
    expect(vendor.requests.at(-1)?.body).toMatchObject({ tool_choice: { type: 'tool', name: 'apply_patch' } });
    const allowed = { type: 'allowed_tools' as const, mode: 'auto' as const, tools: [custom] };
    await client.responses.create({ model: 'auto', input: 'So?', tools: [plain, TOOL], tool_choice: allowed });
    expect(vendor.requests.at(-1)?.body).toMatchObject({ tools: [{ name: 'apply_patch' }] });
  });

  it.each(['whole', 'streamed'])('comes back when its limit cut it within a character (%s)', async (form) => {
    const { vendor, client } = await serve('openai');
    const argumentsJson = '{"input":"Fine \\ud83d\\ude';
    vendor.script({ say: { finish: 'length', toolCalls: [{ id: 'toolu_1', name: 'apply_patch', argumentsJson }] } });
    const request = { model: 'auto', store: false, input: [QUESTION], tools: [TOOL] };
    const { output } = await (form === 'whole'
      ? client.responses.create(request)
      : client.responses.stream(request).finalResponse());
    const call = output[0] as ResponseCustomToolCall;
    expect(call).toMatchObject({ status: 'incomplete', input: 'Fine ' });
    const outcome = { type: 'custom_tool_call_output', call_id: call.call_id, output: 'It was cut.' } as const;
    const next = await client.responses.create({ ...request, input: [QUESTION, call, outcome] });
    expect(next.output_text).toBe('Hello there.');
  });

  it.each([
    ['{"input":"a"}', 'a'],
    ['{"input":"a","why":"b"}', 'a'],
    ['{"patch":"a"}', 'a'],
    ['{}', ''],
    ['*** Begin Patch', '*** Begin Patch'],
    ['{"input":7}', '{"input":7}'],
    ['{"a":"b","c":"d"}', '{"a":"b","c":"d"}'],
    ['{"input":"cut', 'cut'],
    ['{"input":"cut\\', 'cut'],
    ['{"input":"cut\\\\', 'cut\\'],
    ['{"input":"cut\\u00e', 'cut'],
    ['{"input":"cut 😀'.slice(0, -1), 'cut '],
    ['{"input":"cut \\ud83d', 'cut '],
    ['{"input":"cut \\ud83d\\ude', 'cut '],
    ['{"input":"cut"', 'cut'],
    ['{ "inp', ''],
    ['{"input":', ''],
    ['{"other":', '{"other":'],
  ])('is given what the model meant by %s', (argumentsJson, input) => {
    expect(toCustomInput(argumentsJson)).toBe(input);
  });
});
