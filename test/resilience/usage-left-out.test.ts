import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { ModelInfo, Price } from '../../src/core/model.ts';
import { nanoUsd } from '../../src/core/money.ts';
import { NO_USAGE, type Usage } from '../../src/core/usage.ts';
import { fromAnthropicUsage, mergeAnthropicUsage } from '../../src/providers/anthropic/anthropic-usage.ts';
import { fromGeminiUsage } from '../../src/providers/gemini/gemini-usage.ts';
import { fromOllamaUsage } from '../../src/providers/ollama/ollama-usage.ts';
import { fromChatUsage } from '../../src/providers/shared/openai-wire/chat-usage.ts';
import { createAttemptTrace, endingCost, failedEnding, usageOrEstimate } from '../../src/resilience/attempt-trace.ts';
import { estimateTextTokens } from '../../src/routing/estimate-tokens.ts';
import { modelOf } from '../support/catalog.ts';

const ESTIMATE = { inputTokens: 40, outputTokens: estimateTextTokens };
const SAID = 'The tides follow the moon, and a little the sun. '.repeat(4);
const SAID_TOKENS = estimateTextTokens(SAID);
/** $1 in, $10 out. */
const model = modelOf('a/m', { usd: [1, 10] });

function ofPrice({ price }: ModelInfo): Price {
  if (!price) throw new RangeError('it has none');
  return price;
}

function traceOf(said: string, usage?: Usage) {
  const trace = createAttemptTrace(ESTIMATE);
  trace.sent = true;
  trace.received.add(said);
  trace.usage = usage;
  return trace;
}
const finished = (reported: Usage, said = SAID) => usageOrEstimate(reported, traceOf(said).received, ESTIMATE);
const chat = (usage: unknown) => finished(fromChatUsage(usage));

describe('what a provider left out of the usage of a whole answer', () => {
  it('is all of it: estimated, marked, and paid for', () => {
    const usage = chat(undefined);
    expect(usage).toEqual({ ...NO_USAGE, inputTokens: 40, outputTokens: SAID_TOKENS, source: 'estimated' });
    expect(endingCost({ status: 'settled', usage }, model)).toBe(40_000 + SAID_TOKENS * 10_000);
  });

  it('is a side of it: that one is estimated, the other one stays, and both are marked', () => {
    expect(chat({ prompt_tokens: 17 })).toMatchObject({
      inputTokens: 17,
      outputTokens: SAID_TOKENS,
      source: 'partial',
    });
    expect(chat({ completion_tokens: 9_000 })).toMatchObject({
      inputTokens: 40,
      outputTokens: 9_000,
      source: 'partial',
    });
    expect(finished(fromOllamaUsage({ eval_count: 9_000 }))).toMatchObject({ inputTokens: 40, source: 'partial' });
    const begun = fromAnthropicUsage({ input_tokens: 12, output_tokens: 1 }, 'partial');
    expect(finished(begun)).toMatchObject({ inputTokens: 12, outputTokens: SAID_TOKENS, source: 'partial' });
  });

  it('is nothing where the total tells the rest', () => {
    expect(chat({ prompt_tokens: 17, total_tokens: 20 })).toMatchObject({ outputTokens: 3, source: 'reported' });
    expect(chat({ completion_tokens: 3, total_tokens: 20 })).toMatchObject({ inputTokens: 17, source: 'reported' });
  });

  it('is what it says is zero of an answer with content, and nothing of one without', () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    expect(chat(zero)).toEqual({ ...NO_USAGE, inputTokens: 40, outputTokens: SAID_TOKENS, source: 'estimated' });
    expect(chat({ prompt_tokens: 17, completion_tokens: 0 })).toMatchObject({
      ...{ inputTokens: 17, outputTokens: SAID_TOKENS, source: 'partial' },
    });
    expect(chat({ prompt_tokens: 0, completion_tokens: 3 })).toMatchObject({
      ...{ inputTokens: 40, outputTokens: 3, source: 'partial' },
    });
    expect(finished(fromChatUsage(zero), '')).toEqual({ ...NO_USAGE, source: 'reported' });
  });

  it.each([
    ['an OpenAI-compatible server', fromChatUsage({ total_tokens: 500 })],
    ['one that says zero of both sides', fromChatUsage({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 500 })],
    ['Gemini', fromGeminiUsage({ totalTokenCount: 500 })],
  ])('is how a total divides, and not the total: %s', (_who, told) => {
    expect(finished(told)).toEqual({ ...NO_USAGE, inputTokens: 40, outputTokens: 460, source: 'partial' });
    // An estimate of the input leaves room for what was seen of the output.
    const short = { ...told, undividedTokens: SAID_TOKENS + 9 };
    expect(finished(short)).toMatchObject({ inputTokens: 9, outputTokens: SAID_TOKENS, source: 'partial' });
    expect(failedEnding(new GatewayError('cancelled', 'left'), traceOf(SAID, told), ESTIMATE).usage).toEqual(
      finished(told),
    );
  });

  it('is a side that a total below its own parts tells nothing of', () => {
    expect(chat({ prompt_tokens: 17, completion_tokens: -3, total_tokens: 14 })).toMatchObject({
      inputTokens: 17,
      outputTokens: SAID_TOKENS,
      source: 'partial',
    });
  });

  it("is told by Gemini's total, or estimated", () => {
    const gemini = (usage: unknown) => finished(fromGeminiUsage(usage));
    expect(gemini({ candidatesTokenCount: 3, totalTokenCount: 20 })).toMatchObject({
      ...{ inputTokens: 17, outputTokens: 3, source: 'reported' },
    });
    expect(gemini({ promptTokenCount: 17, totalTokenCount: 20 })).toMatchObject({
      outputTokens: 3,
      source: 'reported',
    });
    expect(gemini({ promptTokenCount: 17 })).toMatchObject({ outputTokens: SAID_TOKENS, source: 'partial' });
  });

  it('is estimated where Anthropic, or who speaks like it, counts one side only', () => {
    const anthropic = (usage: unknown) => finished(fromAnthropicUsage(usage, 'reported'));
    expect(anthropic({ input_tokens: 17 })).toMatchObject({ outputTokens: SAID_TOKENS, source: 'partial' });
    expect(anthropic({ input_tokens: '17', output_tokens: 9_000 })).toMatchObject({
      ...{ inputTokens: 40, outputTokens: 9_000, source: 'partial' },
    });
    const start = fromAnthropicUsage({ input_tokens: 17, output_tokens: 1 }, 'partial');
    const end = mergeAnthropicUsage(start, { output_tokens: 3 }, 'reported');
    expect(finished(end)).toMatchObject({ inputTokens: 17, outputTokens: 3, source: 'reported' });
    const hollow = mergeAnthropicUsage(start, { input_tokens: 0, output_tokens: 3 }, 'reported');
    expect(finished(hollow)).toMatchObject({ inputTokens: 17, outputTokens: 3, source: 'reported' });
    const cached = mergeAnthropicUsage(
      start,
      { input_tokens: 0, cache_read_input_tokens: 17, output_tokens: 3 },
      'reported',
    );
    expect(finished(cached)).toMatchObject({ inputTokens: 0, cachedInputTokens: 17, source: 'reported' });
  });

  it('is estimated too when the answer beside it could not be read', () => {
    const usage = fromChatUsage({ completion_tokens: 3 });
    const error = new GatewayError('malformed_response', 'it is none', { usage });
    expect(failedEnding(error, traceOf(''), ESTIMATE)).toMatchObject({
      status: 'settled',
      usage: { inputTokens: 40, outputTokens: 3, source: 'partial' },
    });
  });
});

describe('an attempt that was cut or cancelled', () => {
  const cut = new GatewayError('stream_truncated', 'it ended early');
  const left = new GatewayError('cancelled', 'the caller left');

  it.each([
    ['truncated', cut],
    ['cancelled', left],
  ] as const)('keeps what was reported until then: %s', (status, error) => {
    const reported = fromAnthropicUsage(
      {
        input_tokens: 100,
        output_tokens: 1,
        cache_creation_input_tokens: 50,
        cache_creation: { ephemeral_1h_input_tokens: 20 },
        inference_geo: 'us',
      },
      'partial',
    );
    expect(failedEnding(error, traceOf(SAID, reported), ESTIMATE)).toEqual({
      status,
      usage: {
        ...NO_USAGE,
        inputTokens: 100,
        cacheWriteTokens: 50,
        cacheWrite1hTokens: 20,
        outputTokens: SAID_TOKENS,
        modes: ['us'],
        source: 'partial',
      },
    });
  });

  it('is never free when content had come', () => {
    const ending = failedEnding(cut, traceOf(SAID), ESTIMATE);
    expect(ending.usage).toMatchObject({ inputTokens: 40, outputTokens: SAID_TOKENS, source: 'estimated' });
    expect(endingCost(ending, model)).toBe(40_000 + SAID_TOKENS * 10_000);
  });
});

it('a way of serving without a known price has no cost, rather than the usual one', () => {
  const usage: Usage = { ...NO_USAGE, inputTokens: 10, source: 'reported', modes: ['priority'] };
  expect(endingCost({ status: 'settled', usage }, model)).toBeUndefined();
  expect(endingCost({ status: 'failed_unbilled', usage: NO_USAGE }, model)).toBe(nanoUsd(0));
});

it('what no bill could say has no cost, rather than none of the answer', () => {
  const usage: Usage = { ...NO_USAGE, inputTokens: 10, source: 'reported', webSearches: 1_000_000_000 };
  const searching = { ...model, price: { ...ofPrice(model), perWebSearch: nanoUsd(10_000_000) } };
  expect(endingCost({ status: 'settled', usage }, searching)).toBeUndefined();
  expect(endingCost({ status: 'settled', usage: { ...usage, webSearches: 2 } }, searching)).toBe(20_010_000);
});
