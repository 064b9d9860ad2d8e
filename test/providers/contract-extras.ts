import { expect } from 'vitest';
import type { Completion } from '../../src/core/completion.ts';
import type { Message } from '../../src/core/message.ts';
import { ask, failureOf, MODES, partsOf } from './answers.ts';
import type { Check } from './contract.ts';
import { lastCall, USAGE } from './contract-answers.ts';
import { type Bench, modelOf, type ProviderHarness } from './harness.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const tools = [{ name: 'look', inputSchema: { type: 'object' } }];

/** What came with the service: several answers, arguments in pieces, bare JSON, images of tools, thinking. */
export function describeExtras(check: Check, harness: ProviderHarness): void {
  if (harness.parameterFields.choices) describeChoices(check);
  describeArguments(check, harness);
  describeBareJson(check, harness);
  describeToolImages(check);
  describeThinking(check);
}

function describeChoices(check: Check): void {
  check('gives several answers whole, and none of them as a stream', async (bench) => {
    const say = { text: 'One', others: [{ text: 'Two' }, { text: 'Three', finish: 'length' as const }], usage: USAGE };
    bench.upstream.script({ say });
    const request = bench.request({ choices: 3 });
    const completion = await bench.provider.complete(request, bench.context());
    const textOf = ({ content }: Pick<Completion, 'content'>) => content.map((part) => 'text' in part && part.text);
    expect(textOf(completion)).toEqual(['One']);
    expect(completion.alternatives?.map(textOf)).toEqual([['Two'], ['Three']]);
    expect(completion.alternatives?.map(({ finishReason }) => finishReason.unified)).toEqual(['stop', 'length']);
    expect(completion.usage.outputTokens).toBe(USAGE.outputTokens);
    const before = bench.upstream.requests.length;
    expect((await failureOf(ask(bench.provider, 'streamed', request, bench.context()))).code).toBe(
      'capability_missing',
    );
    expect(bench.upstream.requests).toHaveLength(before);
  });
}

function describeArguments(check: Check, { streamsArguments }: ProviderHarness): void {
  const toolCalls = [
    { id: 'call_a', name: 'look', argumentsJson: '{"at":"Zürich 👋","deep":{"x":[1,2,3]}}' },
    { id: 'call_b', name: 'look', argumentsJson: '{"at":"Genève"}' },
  ];

  check('passes on the arguments of calls as they come, and then the whole calls', async (bench) => {
    bench.upstream.script({ say: { toolCalls, argumentPieces: 7 }, fault: { type: 'byte-by-byte' } });
    const parts = await partsOf(bench.provider, bench.request({ tools }), bench.context());
    const calls = parts.filter((part) => part.type === 'tool-call');
    expect(calls.map(({ argumentsJson }) => JSON.parse(argumentsJson))).toEqual(
      toolCalls.map(({ argumentsJson }) => JSON.parse(argumentsJson)),
    );
    for (const call of calls) {
      const at = parts.indexOf(call);
      const deltas = parts.filter((part) => part.type === 'tool-call-delta').filter(({ id }) => id === call.id);
      expect(deltas.every((delta) => parts.indexOf(delta) < at && delta.name === call.name)).toBe(true);
      if (streamsArguments) {
        expect(deltas.length).toBeGreaterThan(3);
        expect(deltas.map(({ argumentsText }) => argumentsText).join('')).toBe(call.argumentsJson);
      } else expect(deltas).toEqual([]);
    }
  });
}

function describeBareJson(check: Check, { jsonObjectFields }: ProviderHarness): void {
  for (const mode of MODES) {
    check(`asks for any JSON object (${mode})`, async (bench) => {
      bench.upstream.script({ say: { text: '{"a":1}' } });
      const responseFormat = { type: 'json-object' } as const;
      const answer = await ask(bench.provider, mode, bench.request({ responseFormat }), bench.context());
      expect(answer.text).toBe('{"a":1}');
      if (jsonObjectFields) expect(bench.upstream.requests.at(-1)?.body).toMatchObject(jsonObjectFields);
      else expect(lastCall(bench).system).toContain('JSON');
    });
  }
}

function describeToolImages(check: Check): void {
  check('shows the model what a tool showed', async (bench) => {
    const image = { type: 'image', source: { type: 'data', mediaType: 'image/png', base64: PIXEL } } as const;
    const call = (id: string) => ({ type: 'tool-call', id, name: 'look', argumentsJson: '{}' }) as const;
    const result = (id: string) => ({ type: 'tool-result', toolCallId: id, toolName: 'look', text: 'Seen.' }) as const;
    const messages: Message[] = [
      { role: 'user', content: [{ type: 'text', text: 'Look twice.' }] },
      { role: 'assistant', content: [call('call_1'), call('call_2')] },
      { role: 'tool', content: [{ ...result('call_1'), media: [image] }] },
      { role: 'tool', content: [result('call_2')] },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
    ];
    for (const mode of MODES) {
      await ask(bench.provider, mode, bench.request({ messages, tools }), bench.context());
      const { toolResults, prompt } = lastCall(bench);
      expect(toolResults.map(({ text }) => text)).toEqual(['Seen.', 'Seen.']);
      expect(prompt).toContain('And?');
      expect(JSON.stringify(bench.upstream.requests.at(-1)?.body).split(PIXEL)).toHaveLength(2);
    }
  });
}

function describeThinking(check: Check): void {
  const asked = (bench: Bench) =>
    bench.request({ model: modelOf(bench.kind, ['reasoning', 'tools']), reasoningEffort: 'high' });

  for (const mode of MODES) {
    check(`brings the thoughts of a model that was asked to think (${mode})`, async (bench) => {
      bench.upstream.script({ say: { reasoning: 'Let me see.', text: 'Yes.', signature: 'c2ln' } });
      const answer = await ask(bench.provider, mode, asked(bench), bench.context());
      expect(answer).toMatchObject({ reasoning: 'Let me see.', text: 'Yes.' });
    });
  }
}
