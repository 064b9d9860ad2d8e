import { expect } from 'vitest';
import { ERROR_CODES } from '../../src/core/error-codes.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { isJsonObject, type JsonValue } from '../../src/core/json/json.ts';
import { SERVICE_MODES, type Usage } from '../../src/core/usage.ts';
import type { ScriptedAnswer } from '../../src/demo/vendors/scripted.ts';
import type { WireReply } from '../../src/demo/vendors/vendor-wire.ts';
import { type Answer, ask, failureOf, MODES } from './answers.ts';
import type { Check } from './contract.ts';
import { type Bench, MODEL_NAME } from './harness.ts';

const USAGE = { inputTokens: 9, cachedInputTokens: 2, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 3 };
const ANSWER: ScriptedAnswer = {
  text: 'Hello there.',
  reasoning: 'Hm.',
  signature: 'signed',
  toolCalls: [{ id: 'call_a', name: 'add', argumentsJson: '{"a":1}' }],
  usage: USAGE,
};
/** What every object of JavaScript has stands for all words that a table of ours does not hold. */
const ODD: readonly JsonValue[] = [null, 5, {}, [null], '', 'constructor', '__proto__'];

/** Bodies in whose every place each odd value stands once, and one with too much of what is right. */
export function describeOddValues(check: Check): void {
  for (const mode of MODES) {
    check(`reads any value anywhere in an answer, or refuses it in its own words (${mode})`, async (bench) => {
      const call = await chatCall(bench);
      const reply = mode === 'whole' ? bench.wire.whole(ANSWER, call) : bench.wire.stream(ANSWER, call);
      await forEachOdd(bench, reply, async () => {
        const answer = await ask(bench.provider, mode, bench.request(), bench.context());
        return faultsOf(answer);
      });
    });
    check(`reads any value anywhere in a failure (${mode})`, async (bench) => {
      const reply = bench.wire.failure({ failure: 'rate_limited' }, await chatCall(bench));
      for (const status of [200, reply.status]) {
        await forEachOdd(bench, { ...reply, status }, async () => {
          await ask(bench.provider, mode, bench.request(), bench.context());
          return [];
        });
      }
    });
    check(`refuses an answer of more than 1,000 tool calls (${mode})`, async (bench) => {
      const toolCalls = Array.from({ length: 1_001 }, (_, index) => ({
        id: `call_${index}`,
        name: 'add',
        argumentsJson: '{"a":1}',
      }));
      bench.upstream.script({ say: { toolCalls, usage: USAGE } });
      const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
      expect(error).toMatchObject({ code: 'malformed_response', message: expect.stringContaining('1000 tool calls') });
      // A stream told it before.
      if (mode === 'whole') expect(error.usage).toMatchObject({ outputTokens: USAGE.outputTokens });
    });
  }
  check('refuses a body that holds more values than any answer, before it is parsed', async (bench) => {
    const body = `{"choices":[${'[],'.repeat(1_500_001)}0]}`;
    bench.upstream.script({ fault: { type: 'replace', headers: { 'content-type': 'application/json' }, body } });
    const error = await failureOf(bench.provider.complete(bench.request(), bench.context()));
    expect(error).toMatchObject({
      code: 'malformed_response',
      message: expect.stringContaining('more than any answer'),
    });
  });
  check('reads many long embeddings', async (bench) => {
    const { embed } = bench.provider;
    const vectors = Array.from({ length: 100 }, () => Array.from({ length: 16_000 }, () => 1));
    const reply = bench.wire.embeddings?.(vectors, MODEL_NAME, USAGE);
    if (!embed || !reply) throw new Error('no embed: skip this case with a reason');
    bench.upstream.script({ fault: { type: 'replace', headers: reply.headers, body: reply.frames.join('') } });
    const { embeddings } = await embed({ model: bench.model, input: vectors.map(() => 'a') }, bench.context());
    expect(embeddings).toHaveLength(vectors.length);
  });
  check('reads any value anywhere in embeddings and model lists', async (bench) => {
    const { embed, listModels } = bench.provider;
    await forEachOdd(bench, bench.wire.models([MODEL_NAME]), async () => {
      const listed = (await listModels?.(bench.context())) ?? [];
      return listed.every(isWord) ? [] : ['name'];
    });
    const vectors = bench.wire.embeddings?.([[0.5, 0.25]], MODEL_NAME, USAGE);
    if (!embed || !vectors) return;
    await forEachOdd(bench, vectors, async () => {
      const { embeddings, usage, model } = await embed({ model: bench.model, input: ['a'] }, bench.context());
      const isWhole = embeddings.length === 1 && embeddings[0]?.every(Number.isFinite);
      return [...(isWhole ? [] : ['embeddings']), ...(isWord(model) ? [] : ['model']), ...faultsOfUsage(usage)];
    });
  });
}

async function chatCall(bench: Bench) {
  await ask(bench.provider, 'whole', bench.request(), bench.context());
  const call = bench.upstream.requests.at(-1)?.call;
  if (call?.type !== 'chat') throw new Error('no chat was asked for');
  return call;
}

/** `read` says what is wrong with what it got; an error of another class, or of our own fault, is wrong as well. */
async function forEachOdd(bench: Bench, reply: WireReply, read: () => Promise<readonly string[]>): Promise<void> {
  const wrong: string[] = [];
  for (const { place, frames } of oddFrames(reply.frames)) {
    bench.upstream.script({
      fault: { type: 'replace', status: reply.status, headers: reply.headers, body: frames.join('') },
    });
    const faults = await read().catch(faultsOfError);
    if (faults.length > 0) wrong.push(`${place}: ${faults.join(', ')}`);
  }
  expect(wrong).toEqual([]);
}

function* oddFrames(frames: readonly string[]) {
  for (const [number, frame] of frames.entries()) {
    const start = frame.search(/[[{]/);
    if (start < 0 || frame.slice(start).startsWith('[DONE]')) continue;
    for (const { place, value } of oddOnes(JSON.parse(frame.slice(start)))) {
      const odd = frame.slice(0, start) + JSON.stringify(value) + (/\s+$/.exec(frame)?.[0] ?? '');
      yield { place: `${number}${place}`, frames: frames.with(number, odd) };
    }
  }
}

function* oddOnes(value: JsonValue, place = ''): Generator<{ readonly place: string; readonly value: JsonValue }> {
  for (const odd of ODD) yield { place: `${place} = ${JSON.stringify(odd)}`, value: odd };
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      for (const odd of oddOnes(one, `${place}.${index}`)) yield { ...odd, value: value.with(index, odd.value) };
    }
  } else if (isJsonObject(value)) {
    for (const [key, one] of Object.entries(value)) {
      for (const odd of oddOnes(one, `${place}.${key}`)) yield { ...odd, value: { ...value, [key]: odd.value } };
    }
  }
}

const ENDS = ['stop', 'length', 'content_filter', 'refusal', 'tool_calls', 'other'];

function faultsOf({ text, reasoning, toolCalls, finishReason, usage, model, providerRequestId = 'none' }: Answer) {
  const isSound = {
    text: typeof text === 'string' && typeof reasoning === 'string' && !/undefined|\[object/.test(text + reasoning),
    toolCalls: toolCalls.every(({ id, name, argumentsJson }) => [id, name, argumentsJson].every(isWord)),
    states: toolCalls.every(({ vendorState }) => vendorState === undefined || isWord(vendorState.value)),
    finishReason: ENDS.includes(finishReason.unified) && typeof finishReason.raw === 'string',
    model: isWord(model) && isWord(providerRequestId),
  };
  return [...Object.entries(isSound).flatMap(([name, sound]) => (sound ? [] : [name])), ...faultsOfUsage(usage)];
}

function faultsOfUsage({ source, modes = [], ...counts }: Usage): readonly string[] {
  const isSound = modes.every((mode) => SERVICE_MODES.includes(mode)) && typeof source === 'string';
  const wrong = Object.entries(counts).filter(([, count]) => !Number.isInteger(count) || count < 0);
  return [...(isSound ? [] : ['modes']), ...wrong.map(([name]) => name)];
}

function faultsOfError(error: unknown): readonly string[] {
  if (!(error instanceof GatewayError)) return [String(error instanceof Error ? error.stack : error)];
  const isSound = ERROR_CODES.includes(error.code) && error.code !== 'internal';
  return [...(isSound ? [] : [`code ${error.code}`]), ...(error.usage ? faultsOfUsage(error.usage) : [])];
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
