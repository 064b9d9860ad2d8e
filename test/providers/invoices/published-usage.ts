import type { ModelRef } from '../../../src/core/model.ts';

/** What a vendor answers, as it publishes it, and what its price list makes of it. */
export type Invoice = {
  readonly of: string;
  readonly model: ModelRef;
  readonly usage: object;
  /** Beside the usage, at the top of the answer. */
  readonly served?: string;
  /** Whole nano-dollars by the vendor's price list; absent: it has no price for this. */
  readonly costNanoUsd?: number;
  /** What the independent calculation reads: its name of the dialect; absent where it is wrong or has no such class. */
  readonly flavor?: string;
};

const OPENAI_DETAILS = { accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 };
const chat = (prompt: number, completion: number, input: object = {}, output: object = {}) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0, ...input },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, ...OPENAI_DETAILS, ...output },
});
const responses = (input: number, output: number, cached: number, reasoning: number) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
});

/** Shapes: platform.openai.com/docs/api-reference (chat/object, responses/object) and its guides to caching, reasoning, audio. */
const OPENAI: readonly Invoice[] = [
  { of: 'a chat', model: 'openai/gpt-5', usage: chat(19, 10), served: 'default', costNanoUsd: 123_750, flavor: 'chat' },
  // 86 at $1.25, 1,920 at $0.125, 300 at $10.
  {
    of: 'a chat with a cached prompt',
    model: 'openai/gpt-5',
    usage: chat(2_006, 300, { cached_tokens: 1_920 }),
    costNanoUsd: 3_347_500,
    flavor: 'chat',
  },
  // Reasoning is output: 75 at $1.25, 1,186 at $10.
  {
    of: 'reasoning',
    model: 'openai/gpt-5',
    usage: chat(75, 1_186, {}, { reasoning_tokens: 1_024 }),
    costNanoUsd: 11_953_750,
    flavor: 'chat',
  },
  // 500 at $2, 1,000 written at $2.50, 2,500 read at $0.20, 100 at $10.
  {
    of: 'writes to the cache',
    model: 'openai/gpt-6-sol',
    usage: chat(4_000, 100, { cached_tokens: 2_500, cache_write_tokens: 1_000 }),
    costNanoUsd: 5_000_000,
    flavor: 'chat',
  },
  // Above 272,000 everything is dearer: 300,000 at $4, 1,000 at $15.
  {
    of: 'a long prompt',
    model: 'openai/gpt-6-sol',
    usage: chat(300_000, 1_000),
    costNanoUsd: 1_215_000_000,
    flavor: 'chat',
  },
  // 15 of text at $2.50, 95 of sound at $32; 40 of text at $10, 160 of sound at $64.
  {
    of: 'sound both ways',
    model: 'openai/gpt-audio',
    usage: chat(
      110,
      200,
      { audio_tokens: 95, text_tokens: 15, image_tokens: 0 },
      { audio_tokens: 160, text_tokens: 40 },
    ),
    costNanoUsd: 13_717_500,
    flavor: 'chat',
  },
  { of: 'flex', model: 'openai/gpt-5', usage: chat(19, 10), served: 'flex', costNanoUsd: 61_875 },
  // $12.50 and $75 instead of $5 and $30.
  { of: 'priority', model: 'openai/gpt-5.5', usage: chat(1_000, 100), served: 'priority', costNanoUsd: 20_000_000 },
  {
    of: 'priority of a model whose factor is not known',
    model: 'openai/gpt-6-sol',
    usage: chat(9, 9),
    served: 'priority',
  },
  { of: 'capacity paid in advance', model: 'openai/gpt-5', usage: chat(19, 10), served: 'scale' },
  {
    of: 'the names of the Responses API',
    model: 'openai/gpt-4.1',
    usage: responses(36, 87, 0, 0),
    costNanoUsd: 768_000,
    flavor: 'responses',
  },
  {
    of: 'reasoning and a cached prompt by these names',
    model: 'openai/gpt-5',
    usage: responses(328, 52, 256, 20),
    costNanoUsd: 642_000,
    flavor: 'responses',
  },
  { of: 'nothing at all', model: 'openai/gpt-5', usage: chat(0, 0), costNanoUsd: 0, flavor: 'chat' },
];

/** Shapes: platform.claude.com/docs, Messages, prompt caching, web search, service tiers and data residency. */
const ANTHROPIC: readonly Invoice[] = [
  {
    of: 'a message',
    model: 'anthropic/claude-haiku-4-5',
    usage: { input_tokens: 2_095, output_tokens: 503, service_tier: 'standard' },
    costNanoUsd: 4_610_000,
    flavor: 'default',
  },
  // 2,048 at $5, 1,800 at $0.50, 148 at $6.25, 100 at $10, 503 at $25.
  {
    of: 'a cache with both lifetimes',
    model: 'anthropic/claude-opus-4-6',
    usage: {
      input_tokens: 2_048,
      cache_read_input_tokens: 1_800,
      cache_creation_input_tokens: 248,
      output_tokens: 503,
      cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
    },
    costNanoUsd: 25_640_000,
    flavor: 'default',
  },
  // 105 at $5, 7,123 at $0.50, 7,345 at $6.25, 6,039 at $25, one search at $0.01.
  {
    of: 'a search of the web',
    model: 'anthropic/claude-opus-4-6',
    usage: {
      input_tokens: 105,
      output_tokens: 6_039,
      cache_read_input_tokens: 7_123,
      cache_creation_input_tokens: 7_345,
      server_tool_use: { web_search_requests: 1 },
    },
    costNanoUsd: 210_967_750,
    flavor: 'default',
  },
  // 150,000 + 60,000 from the cache: above 200,000 every class is dearer.
  {
    of: 'a long prompt, most of it cached',
    model: 'anthropic/claude-sonnet-4-5',
    usage: {
      input_tokens: 150_000,
      cache_read_input_tokens: 60_000,
      cache_creation_input_tokens: 0,
      output_tokens: 1_000,
    },
    costNanoUsd: 958_500_000,
    flavor: 'default',
  },
  {
    of: 'thinking',
    model: 'anthropic/claude-opus-4-6',
    usage: { input_tokens: 50, output_tokens: 400, output_tokens_details: { thinking_tokens: 300 } },
    costNanoUsd: 10_250_000,
    flavor: 'default',
  },
  {
    of: 'inference in the US only',
    model: 'anthropic/claude-opus-4-6',
    usage: { input_tokens: 25, output_tokens: 150, inference_geo: 'us' },
    costNanoUsd: 4_262_500,
  },
  {
    of: 'a batch',
    model: 'anthropic/claude-opus-4-6',
    usage: { input_tokens: 25, output_tokens: 150, service_tier: 'batch' },
    costNanoUsd: 1_937_500,
  },
  {
    of: 'capacity that was committed to',
    model: 'anthropic/claude-opus-4-6',
    usage: { input_tokens: 410, output_tokens: 585, service_tier: 'priority' },
  },
];

const modality = (name: string, tokenCount: number) => ({ modality: name, tokenCount });

/** Shapes: ai.google.dev/api/generate-content, `UsageMetadata`, and the guides to caching, thinking, images, audio. */
const GEMINI: readonly Invoice[] = [
  // Thoughts come on top of the candidates: 10 at $0.30, 2,100 at $2.50.
  {
    of: 'thoughts',
    model: 'gemini/gemini-2.5-flash',
    usage: {
      promptTokenCount: 10,
      candidatesTokenCount: 900,
      thoughtsTokenCount: 1_200,
      totalTokenCount: 2_110,
      promptTokensDetails: [modality('TEXT', 10)],
    },
    costNanoUsd: 5_253_000,
    flavor: 'default',
  },
  // Sound: 960 new at $1, 640 cached at $0.10; text: 60 at $0.30, 40 cached at $0.03; 50 at $2.50.
  {
    of: 'sound, a part of it cached',
    model: 'gemini/gemini-2.5-flash',
    usage: {
      promptTokenCount: 1_700,
      cachedContentTokenCount: 680,
      candidatesTokenCount: 50,
      totalTokenCount: 1_750,
      promptTokensDetails: [modality('TEXT', 100), modality('AUDIO', 1_600)],
      cacheTokensDetails: [modality('TEXT', 40), modality('AUDIO', 640)],
    },
    costNanoUsd: 1_168_200,
    flavor: 'default',
  },
  // 258 of a picture and 12 of text at $0.30; 1,290 of a picture at $30, 20 of text at $2.50.
  {
    of: 'a picture drawn from a picture',
    model: 'gemini/gemini-2.5-flash-image',
    usage: {
      promptTokenCount: 270,
      candidatesTokenCount: 1_310,
      totalTokenCount: 1_580,
      promptTokensDetails: [modality('TEXT', 12), modality('IMAGE', 258)],
      candidatesTokensDetails: [modality('IMAGE', 1_290), modality('TEXT', 20)],
    },
    costNanoUsd: 38_831_000,
    flavor: 'default',
  },
  // Above 200,000: 250,000 at $2.50, 1,000 at $15.
  {
    of: 'a long prompt',
    model: 'gemini/gemini-2.5-pro',
    usage: { promptTokenCount: 250_000, candidatesTokenCount: 1_000, totalTokenCount: 251_000 },
    costNanoUsd: 640_000_000,
    flavor: 'default',
  },
  {
    of: 'the results of tools that it ran',
    model: 'gemini/gemini-2.5-flash',
    usage: { promptTokenCount: 20, toolUsePromptTokenCount: 80, candidatesTokenCount: 10, totalTokenCount: 110 },
    costNanoUsd: 55_000,
    flavor: 'default',
  },
  // The total knows of 30 that nothing else names.
  {
    of: 'candidates left out',
    model: 'gemini/gemini-2.5-flash',
    usage: { promptTokenCount: 20, totalTokenCount: 50 },
    costNanoUsd: 81_000,
  },
  {
    of: 'flex',
    model: 'gemini/gemini-2.5-flash',
    usage: { promptTokenCount: 1_000, candidatesTokenCount: 100, totalTokenCount: 1_100, serviceTier: 'flex' },
    costNanoUsd: 275_000,
  },
  {
    of: 'priority',
    model: 'gemini/gemini-2.5-flash',
    usage: { promptTokenCount: 8, candidatesTokenCount: 2, totalTokenCount: 10, serviceTier: 'priority' },
  },
];

const GROQ_TIMES = { queue_time: 0.037, prompt_time: 0.0006, completion_time: 0.46, total_time: 0.4636 };

/** Shapes: console.groq.com/docs/api-reference, prompt caching, flex processing. */
const GROQ: readonly Invoice[] = [
  {
    of: 'a chat',
    model: 'groq/llama-3.3-70b-versatile',
    usage: { ...GROQ_TIMES, prompt_tokens: 18, completion_tokens: 556, total_tokens: 574 },
    served: 'on_demand',
    costNanoUsd: 449_860,
    flavor: 'default',
  },
  // 33 at $0.15, 4,608 cached at $0.075, 1,817 at $0.60.
  {
    of: 'a cached prompt',
    model: 'groq/openai/gpt-oss-120b',
    usage: {
      ...GROQ_TIMES,
      prompt_tokens: 4_641,
      completion_tokens: 1_817,
      total_tokens: 6_458,
      prompt_tokens_details: { cached_tokens: 4_608 },
      completion_tokens_details: { reasoning_tokens: 900 },
    },
    costNanoUsd: 1_440_750,
    flavor: 'default',
  },
  {
    of: 'flex, at the usual price',
    model: 'groq/llama-3.3-70b-versatile',
    usage: { prompt_tokens: 18, completion_tokens: 556, total_tokens: 574 },
    served: 'flex',
    costNanoUsd: 449_860,
  },
];

/** A server of one's own: $1 in, $0.10 cached, $1.25 and $2 written, $4 out, $3 for reasoning, $0.005 a search. */
const COMPATIBLE: readonly Invoice[] = [
  {
    of: "DeepSeek's cache",
    model: 'compatible/m',
    usage: {
      ...{ prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
      ...{ prompt_cache_hit_tokens: 600, prompt_cache_miss_tokens: 400 },
    },
    costNanoUsd: 860_000,
  },
  // Its total shows that reasoning is not in the completion: 50 at $4, 200 at $3.
  {
    of: "xAI's reasoning",
    model: 'compatible/m',
    usage: {
      ...{ prompt_tokens: 100, completion_tokens: 50, total_tokens: 350 },
      completion_tokens_details: { reasoning_tokens: 200 },
    },
    costNanoUsd: 900_000,
  },
  // More reasoning than completion cannot be a part of it.
  {
    of: "Perplexity's research",
    model: 'compatible/m',
    usage: {
      ...{ prompt_tokens: 33, completion_tokens: 7_163, total_tokens: 7_196 },
      ...{ reasoning_tokens: 95_305, num_search_queries: 18 },
    },
    costNanoUsd: 404_600_000,
  },
  {
    of: "Moonshot's cache",
    model: 'compatible/m',
    usage: { prompt_tokens: 19, completion_tokens: 21, total_tokens: 40, cached_tokens: 10 },
    costNanoUsd: 94_000,
  },
  {
    of: 'writes to a cache behind a gateway',
    model: 'compatible/m',
    usage: {
      ...{ prompt_tokens: 1_000, completion_tokens: 10, total_tokens: 1_010 },
      prompt_tokens_details: {
        cached_tokens: 500,
        cache_creation_tokens: 300,
        cache_creation: { ephemeral_1h_input_tokens: 100 },
      },
    },
    costNanoUsd: 740_000,
  },
  {
    of: 'a cache counted beside the prompt',
    model: 'compatible/m',
    usage: {
      ...{ prompt_tokens: 100, completion_tokens: 10, total_tokens: 610 },
      ...{ cache_read_input_tokens: 400, cache_creation_input_tokens: 100 },
    },
    costNanoUsd: 305_000,
  },
  {
    of: 'details that are null',
    model: 'compatible/m',
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_tokens_details: null },
    costNanoUsd: 19_000,
  },
  {
    of: 'a completion that only the total knows of',
    model: 'compatible/m',
    usage: { prompt_tokens: 7, total_tokens: 10 },
    costNanoUsd: 19_000,
  },
];

const OLLAMA: readonly Invoice[] = [
  {
    of: 'an answer on this machine',
    model: 'ollama/llama3.2',
    usage: { prompt_eval_count: 26, eval_count: 298, total_duration: 4_883_583_458, load_duration: 1_334_875 },
    costNanoUsd: 0,
  },
];

export const INVOICES: readonly Invoice[] = [OPENAI, ANTHROPIC, GEMINI, GROQ, COMPATIBLE, OLLAMA].flat();
