import type { Invoice } from './invoice.ts';

/** Shapes: platform.claude.com/docs, Messages, prompt caching, web search, service tiers and data residency. */
export const ANTHROPIC_INVOICES: readonly Invoice[] = [
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
