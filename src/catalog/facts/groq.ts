import type { ModelFact } from '../model-fact.ts';

/**
 * Sources: console.groq.com/docs, the model cards, "supported models", "structured outputs" and
 * "deprecations" (the Llama models left the free and developer plans in July and August 2026 and
 * are `older` here), groq.com/pricing for Qwen 3.6 and 3.8.
 */
export const GROQ_FACTS: readonly ModelFact[] = [
  {
    name: 'openai/gpt-oss-120b',
    status: 'current',
    capabilities: ['tools', 'json-schema', 'reasoning'],
    contextTokens: 131_072,
    outputTokensMax: 65_536,
    quality: 0.52,
  },
  {
    name: 'openai/gpt-oss-20b',
    status: 'current',
    capabilities: ['tools', 'json-schema', 'reasoning'],
    contextTokens: 131_072,
    outputTokensMax: 65_536,
    quality: 0.4,
  },
  {
    name: 'qwen/qwen3.8-27b',
    status: 'current',
    capabilities: ['tools', 'vision', 'json-schema', 'reasoning'],
    contextTokens: 131_042,
    outputTokensMax: 16_384,
    quality: 0.6,
    prices: [{ tiers: [{ input: 0.8, output: 4, cachedInput: 0.4 }] }],
  },
  {
    name: 'qwen/qwen3.6-27b',
    status: 'older',
    capabilities: ['tools', 'vision', 'reasoning'],
    contextTokens: 131_072,
    outputTokensMax: 16_384,
    quality: 0.55,
    prices: [{ tiers: [{ input: 0.6, output: 3, cachedInput: 0.3 }] }],
  },
  {
    name: 'qwen/qwen3-32b',
    status: 'older',
    capabilities: ['tools', 'reasoning'],
    contextTokens: 131_072,
    outputTokensMax: 40_960,
    quality: 0.4,
  },
  {
    name: 'llama-3.3-70b-versatile',
    status: 'older',
    capabilities: ['tools'],
    contextTokens: 131_072,
    outputTokensMax: 32_768,
    quality: 0.35,
  },
  {
    name: 'llama-3.1-8b-instant',
    status: 'older',
    capabilities: ['tools'],
    contextTokens: 131_072,
    outputTokensMax: 131_072,
    quality: 0.2,
  },
  {
    name: 'meta-llama/llama-4-scout-17b-16e-instruct',
    status: 'older',
    capabilities: ['tools', 'vision', 'json-schema'],
    contextTokens: 131_072,
    outputTokensMax: 8_192,
    quality: 0.32,
  },
  {
    name: 'meta-llama/llama-4-maverick-17b-128e-instruct',
    status: 'older',
    capabilities: ['tools', 'vision', 'json-schema'],
    contextTokens: 131_072,
    outputTokensMax: 8_192,
    quality: 0.36,
  },
  {
    name: 'moonshotai/kimi-k2-instruct',
    status: 'older',
    capabilities: ['tools', 'json-schema'],
    contextTokens: 131_072,
    outputTokensMax: 16_384,
    quality: 0.5,
  },
  {
    name: 'deepseek-r1-distill-llama-70b',
    status: 'older',
    capabilities: ['tools', 'reasoning'],
    contextTokens: 131_072,
    outputTokensMax: 131_072,
    quality: 0.35,
  },
];
