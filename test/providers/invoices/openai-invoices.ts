import type { Invoice } from './invoice.ts';

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
export const OPENAI_INVOICES: readonly Invoice[] = [
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
