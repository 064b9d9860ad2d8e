import { expect } from 'vitest';
import type { JsonObject } from '../../src/core/json/json.ts';
import type { Message, ToolDefinition } from '../../src/core/message.ts';
import type { ChatCall, ScriptedAnswer } from '../../src/demo/vendors/scripted.ts';
import { ask, failureOf, MODES } from './answers.ts';
import type { Check } from './contract.ts';
import { type Bench, MODEL_NAME, modelOf, type ProviderHarness, SECRET_KEY } from './harness.ts';

const UNICODE = 'Grüße, 世界! 👩‍👩‍👧 שלום \u0000 "quoted" \\ {"a":[1]} data: x\n\nevent: y';
const PDF = 'JVBERi0xLjcKJSVFT0YK';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const USAGE = {
  inputTokens: 120,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 37,
  reasoningTokens: 0,
};

const WEATHER: ToolDefinition = {
  name: 'get_weather',
  description: 'The weather of a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { answer: { type: 'integer' } },
  required: ['answer'],
  additionalProperties: false,
};

/** What the fake upstream understood of the last request. */
export function lastCall({ upstream }: Bench): ChatCall {
  const call = upstream.requests.at(-1)?.call;
  if (call?.type !== 'chat') throw new Error('the last request was no chat');
  return call;
}

export function describeAnswers(check: Check, harness: ProviderHarness): void {
  for (const mode of MODES) {
    describeText(check, mode);
    describeTools(check, mode);
    describeInput(check, mode);
    describeUsage(check, mode, harness);
    describeFinishReasons(check, mode, harness);
  }
  describeOtherCalls(check);
}

type Mode = (typeof MODES)[number];

function describeText(check: Check, mode: Mode): void {
  check(`gives a text (${mode})`, async (bench) => {
    bench.upstream.script({ say: { text: 'Good morning to you.', usage: USAGE } });
    const answer = await ask(bench.provider, mode, bench.request(), bench.context());
    expect(answer).toMatchObject({ text: 'Good morning to you.', toolCalls: [], model: MODEL_NAME });
    expect(answer.finishReason.unified).toBe('stop');
    expect(lastCall(bench)).toMatchObject({
      prompt: 'Hi',
      key: SECRET_KEY,
      model: MODEL_NAME,
      stream: mode === 'streamed',
    });
  });

  check(`keeps every character (${mode})`, async (bench) => {
    bench.upstream.script({ say: { text: UNICODE, pieces: [...UNICODE] } });
    const content = [{ type: 'text' as const, text: UNICODE }];
    const answer = await ask(
      bench.provider,
      mode,
      bench.request({ messages: [{ role: 'user', content }] }),
      bench.context(),
    );
    expect(answer.text).toBe(UNICODE);
    expect(lastCall(bench).prompt).toBe(UNICODE);
  });

  check(`takes an empty answer for an answer (${mode})`, async (bench) => {
    bench.upstream.script({ say: { text: '', usage: { ...USAGE, outputTokens: 0 } } });
    const answer = await ask(bench.provider, mode, bench.request(), bench.context());
    expect(answer).toMatchObject({ text: '', toolCalls: [] });
    expect(answer.usage).toEqual({ ...USAGE, outputTokens: 0, source: 'reported' });
  });
}

function describeTools(check: Check, mode: Mode): void {
  const calls = [
    { id: 'call_1', name: 'get_weather', argumentsJson: '{"city":"Zürich"}' },
    { id: 'call_2', name: 'get_weather', argumentsJson: '{"city":"Ho Chi Minh City"}' },
  ] as const;

  check(`passes on parallel tool calls (${mode})`, async (bench) => {
    bench.upstream.script({ say: { toolCalls: calls, usage: USAGE } });
    const request = bench.request({ tools: [WEATHER], toolChoice: 'auto' });
    const answer = await ask(bench.provider, mode, request, bench.context());
    expect(answer.toolCalls.map(({ name, argumentsJson }) => [name, JSON.parse(argumentsJson)])).toEqual(
      calls.map(({ name, argumentsJson }) => [name, JSON.parse(argumentsJson)]),
    );
    expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(2);
    expect(answer.finishReason.unified).toBe('tool_calls');
    expect(lastCall(bench).tools).toEqual(['get_weather']);
  });

  check(`brings a tool's result back to its call (${mode})`, async (bench) => {
    bench.upstream.script(
      { say: { text: 'Looking.', toolCalls: [calls[0]], signature: 'opaque-state' } },
      { say: { text: 'Sunny.' } },
    );
    const question: Message = { role: 'user', content: [{ type: 'text', text: 'Weather in Zürich?' }] };
    const first = await ask(
      bench.provider,
      mode,
      bench.request({ messages: [question], tools: [WEATHER] }),
      bench.context(),
    );
    expect(first).toMatchObject({ text: 'Looking.', finishReason: { unified: 'tool_calls' } });
    const toolCalls = first.toolCalls.map((call) => ({ ...call, type: 'tool-call' as const }));
    const [call] = toolCalls;
    if (!call) throw new Error('no tool call');
    const messages: Message[] = [
      question,
      { role: 'assistant', content: [{ type: 'text', text: first.text }, ...toolCalls] },
      {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: call.id, toolName: call.name, text: '23 degrees' }],
      },
    ];
    const second = await ask(bench.provider, mode, bench.request({ messages, tools: [WEATHER] }), bench.context());
    expect(second.text).toBe('Sunny.');
    const [result, ...others] = lastCall(bench).toolResults;
    expect(others).toEqual([]);
    expect(result?.text).toContain('23 degrees');
  });
}

function describeInput(check: Check, mode: Mode): void {
  check(`puts the system prompt where the vendor wants it (${mode})`, async (bench) => {
    const messages: Message[] = [
      { role: 'system', content: [{ type: 'text', text: 'You are terse.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ];
    await ask(bench.provider, mode, bench.request({ messages }), bench.context());
    expect(lastCall(bench)).toMatchObject({ system: 'You are terse.', prompt: 'Hi' });
  });

  check(`sends an image as data (${mode})`, async (bench) => {
    const image = { type: 'image', source: { type: 'data', mediaType: 'image/png', base64: PIXEL } } as const;
    const content = [{ type: 'text' as const, text: 'What is it?' }, image];
    await ask(bench.provider, mode, bench.request({ messages: [{ role: 'user', content }] }), bench.context());
    const { images, prompt } = lastCall(bench);
    expect(images).toHaveLength(1);
    expect(images[0]).toContain(PIXEL);
    expect(prompt).toContain('What is it?');
  });

  check(`sends a PDF as data (${mode})`, async (bench) => {
    const source = { type: 'data', mediaType: 'application/pdf', base64: PDF } as const;
    const content = [{ type: 'document' as const, source, title: 'Tides' }];
    await ask(bench.provider, mode, bench.request({ messages: [{ role: 'user', content }] }), bench.context());
    const sent = JSON.stringify(bench.upstream.requests.at(-1)?.body);
    expect(sent.split(PDF)).toHaveLength(2);
    expect(sent).toContain('application/pdf');
  });

  check(`passes on an image's address (${mode})`, async (bench) => {
    const url = 'https://images.example/cat.png';
    const content = [{ type: 'image' as const, source: { type: 'url' as const, url } }];
    await ask(bench.provider, mode, bench.request({ messages: [{ role: 'user', content }] }), bench.context());
    expect(lastCall(bench).images).toEqual([url]);
  });

  check(`asks for JSON by schema (${mode})`, async (bench) => {
    const responseFormat = { type: 'json-schema', name: 'the answer', schema: SCHEMA } as const;
    bench.upstream.script({ say: { text: '{"answer":42}' } });
    const answer = await ask(bench.provider, mode, bench.request({ responseFormat }), bench.context());
    expect(JSON.parse(answer.text)).toEqual({ answer: 42 });
    expect(lastCall(bench).jsonSchema).toMatchObject({ properties: { answer: { type: 'integer' } } });
  });

  check(`asks a model without native schemas in words (${mode})`, async (bench) => {
    const responseFormat = { type: 'json-schema', name: 'answer', schema: SCHEMA } as const;
    bench.upstream.script({ say: { text: '{"answer":42}' } });
    const request = bench.request({ model: modelOf(bench.kind, []), responseFormat });
    const answer = await ask(bench.provider, mode, request, bench.context());
    expect(JSON.parse(answer.text)).toEqual({ answer: 42 });
    expect(lastCall(bench)).not.toHaveProperty('jsonSchema');
    expect(lastCall(bench).system).toContain(JSON.stringify(SCHEMA));
  });

  check(`sends the output limit and the temperature (${mode})`, async (bench) => {
    await ask(bench.provider, mode, bench.request({ maxOutputTokens: 77, temperature: 0.25 }), bench.context());
    expect(lastCall(bench)).toMatchObject({ maxOutputTokens: 77, temperature: 0.25 });
  });
}

function describeUsage(check: Check, mode: Mode, { usageClasses, usageParts }: ProviderHarness): void {
  const classes = usageClasses ?? ['cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'];
  const said: NonNullable<ScriptedAnswer['usage']> = {
    inputTokens: 120,
    cachedInputTokens: classes.includes('cachedInputTokens') ? 80 : 0,
    cacheWriteTokens: classes.includes('cacheWriteTokens') ? 16 : 0,
    outputTokens: 37,
    reasoningTokens: classes.includes('reasoningTokens') ? 21 : 0,
    ...usageParts,
  };

  check(`counts every class of tokens once (${mode})`, async (bench) => {
    bench.upstream.script({ say: { text: 'Counted.', usage: said } });
    const { usage } = await ask(bench.provider, mode, bench.request(), bench.context());
    expect(usage).toEqual({ ...said, source: 'reported' });
    expect(bench.upstream.requests.at(-1)?.usage).toEqual(said);
  });

  check(`says when no usage was reported (${mode})`, async (bench) => {
    bench.upstream.script({ say: { text: 'Uncounted.' } });
    const { usage, text } = await ask(bench.provider, mode, bench.request(), bench.context());
    expect(text).toBe('Uncounted.');
    expect(usage.source).toBe('none');
  });
}

function describeFinishReasons(check: Check, mode: Mode, { finishWords }: ProviderHarness): void {
  for (const [unified, raw] of Object.entries(finishWords)) {
    check(`understands the finish reason ${unified} (${mode})`, async (bench) => {
      const toolCalls = [{ id: 'call_1', name: 'get_weather', argumentsJson: '{}' }];
      const finish = unified as NonNullable<ScriptedAnswer['finish']>;
      bench.upstream.script({ say: { text: 'So far', finish, ...(finish === 'tool_calls' && { toolCalls }) } });
      const answer = await ask(bench.provider, mode, bench.request({ tools: [WEATHER] }), bench.context());
      expect(answer.finishReason).toEqual({ unified, raw });
      expect(answer.text).toBe('So far');
    });
  }
}

function describeOtherCalls(check: Check): void {
  check('lists the models', async (bench) => {
    expect(await bench.provider.listModels?.(bench.context())).toEqual([MODEL_NAME]);
  });

  check('embeds texts in their order', async (bench) => {
    if (!bench.provider.embed) throw new Error('no embed: skip this case with a reason');
    const model = modelOf(bench.kind, ['embedding']);
    const both = await bench.provider.embed({ model, input: ['one', 'two'] }, bench.context());
    const second = await bench.provider.embed({ model, input: ['two'] }, bench.context());
    expect(both.embeddings).toHaveLength(2);
    expect(both.embeddings[1]).toEqual(second.embeddings[0]);
    expect(both.embeddings[0]).not.toEqual(both.embeddings[1]);
    expect(both.usage.inputTokens).toBe(bench.upstream.requests.at(-2)?.usage?.inputTokens);
  });

  check('embeds at the length that is asked for', async (bench) => {
    const model = modelOf(bench.kind, ['embedding']);
    const asked = { model, input: ['one', 'two'], dimensions: 3 };
    const answer = await bench.provider.embed?.(asked, bench.context());
    expect(answer?.embeddings.map((vector) => vector.length)).toEqual([3, 3]);
  });

  check('takes an error in the place of embeddings for what it is', async (bench) => {
    const body = JSON.stringify({ error: { message: 'no credit today' } });
    bench.upstream.script({ fault: { type: 'replace', status: 200, body } });
    const model = modelOf(bench.kind, ['embedding']);
    const asking = Promise.resolve(bench.provider.embed?.({ model, input: ['one'] }, bench.context()));
    const error = await failureOf(asking);
    expect(error).toMatchObject({ code: 'provider_error', message: expect.stringContaining('no credit today') });
  });

  check('marks its requests and sends the configured headers', async (bench) => {
    const provider = await bench.create({ headers: { 'x-team': 'blue' } });
    await provider.complete(bench.request(), bench.context());
    expect(bench.upstream.requests.at(-1)?.headers).toMatchObject({ 'x-signalbox-hop': '1', 'x-team': 'blue' });
  });

  check('reports once that it sent, and then that bytes arrive', async (bench) => {
    const events: string[] = [];
    const context = bench.context({ onSent: () => events.push('sent'), onActivity: () => events.push('activity') });
    await bench.provider.complete(bench.request(), context);
    expect(events[0]).toBe('sent');
    expect(events.filter((event) => event === 'sent')).toHaveLength(1);
    expect(events).toContain('activity');
  });
}
