import type { Capability } from '../../core/model.ts';
import type { ModelFact } from '../model-fact.ts';

const ALL = ['tools', 'vision', 'pdf', 'json-schema', 'reasoning'] as const satisfies readonly Capability[];
/**
 * From GPT-5.6 on, Chat Completions (the API we call) takes function tools only together with the
 * reasoning effort `none`. Models that refuse this effort do not count as having tools.
 */
const ALL_BUT_TOOLS = ['vision', 'pdf', 'json-schema', 'reasoning'] as const satisfies readonly Capability[];
const CHAT = ['tools', 'vision', 'pdf', 'json-schema'] as const satisfies readonly Capability[];
/** Above 272,000 input tokens the whole request costs twice the input and 1.5 times the output. */
const LONG_CONTEXT_FROM = 272_000;

/**
 * Sources: developers.openai.com/api/docs, the model pages (windows, output limits, modalities,
 * prices of 6.1 and 6.2, tools on Chat Completions) and the embeddings guide.
 */
export const OPENAI_FACTS: readonly ModelFact[] = [
  {
    name: 'gpt-6.2-sol',
    status: 'current',
    capabilities: ALL_BUT_TOOLS,
    contextTokens: 1_050_000,
    outputTokensMax: 128_000,
    quality: 0.9,
    prices: [
      {
        tiers: [
          { input: 2, output: 10, cachedInput: 0.1, cacheWrite: 2.5 },
          { aboveInputTokens: LONG_CONTEXT_FROM, input: 4, output: 15, cachedInput: 0.2, cacheWrite: 5 },
        ],
      },
    ],
  },
  {
    name: 'gpt-6.1-sol',
    status: 'current',
    capabilities: ALL_BUT_TOOLS,
    contextTokens: 1_050_000,
    outputTokensMax: 128_000,
    quality: 0.87,
    prices: [
      {
        tiers: [
          { input: 2, output: 10, cachedInput: 0.1, cacheWrite: 2.5 },
          { aboveInputTokens: LONG_CONTEXT_FROM, input: 4, output: 15, cachedInput: 0.2, cacheWrite: 5 },
        ],
      },
    ],
  },
  { name: 'gpt-6-astra', status: 'current', capabilities: ALL_BUT_TOOLS, outputTokensMax: 128_000, quality: 0.88 },
  { name: 'gpt-6-sol', status: 'current', capabilities: ALL, outputTokensMax: 128_000, quality: 0.8 },
  { name: 'gpt-6-luna', status: 'current', capabilities: ALL, outputTokensMax: 128_000, quality: 0.7 },
  { name: 'gpt-5.6-sol', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.81 },
  { name: 'gpt-5.6', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.81 },
  { name: 'gpt-5.6-terra', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.73 },
  { name: 'gpt-5.6-luna', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.66 },
  { name: 'gpt-5.5', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.78 },
  { name: 'gpt-5.4', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.74 },
  { name: 'gpt-5.4-mini', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.58 },
  { name: 'gpt-5.4-nano', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.48 },
  { name: 'gpt-5.2', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.7 },
  { name: 'gpt-5.1', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.67 },
  { name: 'gpt-5', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.64 },
  { name: 'gpt-5-mini', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.52 },
  { name: 'gpt-5-nano', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.4 },
  { name: 'o3', status: 'older', capabilities: ALL, outputTokensMax: 100_000, quality: 0.55 },
  { name: 'o4-mini', status: 'older', capabilities: ALL, outputTokensMax: 100_000, quality: 0.5 },
  {
    name: 'o3-mini',
    status: 'older',
    capabilities: ['tools', 'json-schema', 'reasoning'],
    outputTokensMax: 100_000,
    quality: 0.45,
  },
  { name: 'o1', status: 'older', capabilities: ALL, outputTokensMax: 100_000, quality: 0.45 },
  {
    name: 'gpt-4.1',
    status: 'older',
    capabilities: CHAT,
    contextTokens: 1_047_576,
    outputTokensMax: 32_768,
    quality: 0.45,
  },
  {
    name: 'gpt-4.1-mini',
    status: 'older',
    capabilities: CHAT,
    contextTokens: 1_047_576,
    outputTokensMax: 32_768,
    quality: 0.38,
  },
  {
    name: 'gpt-4.1-nano',
    status: 'older',
    capabilities: CHAT,
    contextTokens: 1_047_576,
    outputTokensMax: 32_768,
    quality: 0.28,
  },
  { name: 'gpt-4o', status: 'older', capabilities: CHAT, outputTokensMax: 16_384, quality: 0.35 },
  { name: 'gpt-4o-mini', status: 'older', capabilities: CHAT, outputTokensMax: 16_384, quality: 0.28 },
  { name: 'gpt-4-turbo', status: 'older', capabilities: ['tools', 'vision'], outputTokensMax: 4_096, quality: 0.3 },
  { name: 'gpt-4', status: 'older', capabilities: ['tools'], outputTokensMax: 8_192, quality: 0.28 },
  { name: 'gpt-3.5-turbo', status: 'older', capabilities: ['tools'], outputTokensMax: 4_096, quality: 0.2 },
  { name: 'text-embedding-3-small', status: 'current', capabilities: ['embedding'] },
  { name: 'text-embedding-3-large', status: 'current', capabilities: ['embedding'] },
  { name: 'text-embedding-ada-002', status: 'older', capabilities: ['embedding'] },
];
