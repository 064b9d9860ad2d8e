import type { Invoice } from './invoice.ts';

const GROQ_TIMES = { queue_time: 0.037, prompt_time: 0.0006, completion_time: 0.46, total_time: 0.4636 };

/** Shapes: console.groq.com/docs/api-reference, prompt caching, flex processing. */
export const GROQ_INVOICES: readonly Invoice[] = [
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
export const COMPATIBLE_INVOICES: readonly Invoice[] = [
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

export const OLLAMA_INVOICES: readonly Invoice[] = [
  {
    of: 'an answer on this machine',
    model: 'ollama/llama3.2',
    usage: { prompt_eval_count: 26, eval_count: 298, total_duration: 4_883_583_458, load_duration: 1_334_875 },
    costNanoUsd: 0,
  },
];
