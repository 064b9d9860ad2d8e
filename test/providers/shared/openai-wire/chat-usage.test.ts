import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../../src/core/usage.ts';
import { fromChatUsage } from '../../../../src/providers/shared/openai-wire/chat-usage.ts';

describe('usage', () => {
  const usage = (more: object) => ({ ...NO_USAGE, source: 'reported', ...more });

  it('counts cached and cache-written tokens out of the prompt', () => {
    const details = { cached_tokens: 60, cache_write_tokens: 10 };
    expect(fromChatUsage({ prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: details })).toEqual(
      usage({ inputTokens: 30, cachedInputTokens: 60, cacheWriteTokens: 10, outputTokens: 5 }),
    );
  });

  it('counts reasoning within the output, and on top where the total shows it', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 40 } };
    expect(fromChatUsage({ prompt_tokens: 10, completion_tokens: 50, total_tokens: 60, ...details })).toEqual(
      usage({ inputTokens: 10, outputTokens: 50, reasoningTokens: 40 }),
    );
    expect(fromChatUsage({ prompt_tokens: 10, completion_tokens: 50, total_tokens: 100, ...details })).toEqual(
      usage({ inputTokens: 10, outputTokens: 90, reasoningTokens: 40 }),
    );
  });

  it('takes what is cached for a part of the prompt unless the total shows it on top', () => {
    const counts = { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60 } };
    const [within, onTop] = [165 - 60, 165].map((total_tokens) => fromChatUsage({ ...counts, total_tokens }));
    expect(within).toEqual(usage({ inputTokens: 40, cachedInputTokens: 60, outputTokens: 5 }));
    expect(onTop).toEqual(usage({ inputTokens: 100, cachedInputTokens: 60, outputTokens: 5 }));
    expect(fromChatUsage({ ...counts, prompt_tokens: 60 })).toMatchObject({ inputTokens: 0, cachedInputTokens: 60 });
    // As much reasoning: the total shows one of them on top, and it is the one that vendors leave out.
    const reasoning = { completion_tokens: 80, completion_tokens_details: { reasoning_tokens: 60 } };
    expect(fromChatUsage({ ...counts, ...reasoning, total_tokens: 240 })).toMatchObject({
      inputTokens: 40,
      outputTokens: 140,
    });
  });

  it.each([
    ['cached_tokens', 'cache_write_tokens'],
    ['cached_tokens', 'cache_creation_input_tokens'],
    ['cached_tokens', 'cache_creation_tokens'],
  ])('reads the cache under the names %s and %s, and no more of an hour than was written', (read, write) => {
    const input_tokens_details = { [read]: 60, [write]: 10, cache_creation: { ephemeral_1h_input_tokens: 11 } };
    const output_tokens_details = { reasoning_tokens: 2 };
    expect(fromChatUsage({ input_tokens: 100, output_tokens: 5, input_tokens_details, output_tokens_details })).toEqual(
      usage({
        inputTokens: 30,
        cachedInputTokens: 60,
        cacheWriteTokens: 10,
        cacheWrite1hTokens: 10,
        outputTokens: 5,
        reasoningTokens: 2,
      }),
    );
  });

  it('takes output that is all reasoning for all of it', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 50 } };
    expect(fromChatUsage({ prompt_tokens: 10, completion_tokens: 50, ...details })).toEqual(
      usage({ inputTokens: 10, outputTokens: 50, reasoningTokens: 50 }),
    );
  });

  it('is in part where a side is missing, unless the total tells it', () => {
    expect(fromChatUsage({ prompt_tokens: 9 })).toEqual(usage({ inputTokens: 9, source: 'partial' }));
    expect(fromChatUsage({ completion_tokens: 9 })).toEqual(usage({ outputTokens: 9, source: 'partial' }));
    expect(fromChatUsage({ completion_tokens: 9, total_tokens: 12 })).toEqual(
      usage({ inputTokens: 3, outputTokens: 9 }),
    );
    expect(fromChatUsage({ completion_tokens: 9, total_tokens: 9 })).toEqual(usage({ outputTokens: 9 }));
  });

  it('counts sound and pictures, cached as few of them as can be, and of the output what is not reasoning', () => {
    const prompt_tokens_details = { cached_tokens: 60, audio_tokens: 30, image_tokens: 25 };
    const completion_tokens_details = { reasoning_tokens: 20, audio_tokens: 25, image_tokens: 25 };
    const details = { prompt_tokens_details, completion_tokens_details };
    expect(fromChatUsage({ prompt_tokens: 100, completion_tokens: 60, ...details })).toMatchObject({
      audioInputTokens: 30,
      imageInputTokens: 10,
      cachedImageInputTokens: 15,
      audioOutputTokens: 25,
      imageOutputTokens: 15,
    });
    const sound = { cached_tokens: 80, audio_tokens: 30 };
    expect(fromChatUsage({ prompt_tokens: 100, completion_tokens: 0, prompt_tokens_details: sound })).toMatchObject({
      audioInputTokens: 20,
      cachedAudioInputTokens: 10,
    });
  });

  it('takes an explicit zero for zero, and the cache of DeepSeek', () => {
    expect(fromChatUsage({ prompt_tokens: 0, completion_tokens: 0 })).toEqual(usage({}));
    expect(fromChatUsage({ prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 4 })).toEqual(
      usage({ inputTokens: 5, cachedInputTokens: 4, outputTokens: 1 }),
    );
  });

  it('believes no count that nobody could pay for', () => {
    expect(fromChatUsage({ prompt_tokens: 9e15, completion_tokens: 9e15 })).toEqual(NO_USAGE);
  });

  it.each([undefined, null, {}, 'x', { prompt_tokens: null }, { prompt_tokens: -1, completion_tokens: 1.5 }])(
    'takes %j for none',
    (value) => {
      expect(fromChatUsage(value)).toEqual(NO_USAGE);
    },
  );
});
