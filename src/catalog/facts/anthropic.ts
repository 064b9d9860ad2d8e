import type { Capability } from '../../core/model.ts';
import type { ModelFact } from '../model-fact.ts';

const ALL = ['tools', 'vision', 'pdf', 'json-schema', 'reasoning'] as const satisfies readonly Capability[];
/** Before structured outputs came with the 4.5 generation. */
const NO_SCHEMA = ['tools', 'vision', 'pdf', 'reasoning'] as const satisfies readonly Capability[];

/**
 * Sources: platform.claude.com/docs, the models overview and each model's page (windows, output
 * limits, prices of 5.5) and "structured outputs" (from 4.5 on). A prompt-cache write costs 1.25
 * times the input price for five minutes and twice it for an hour, rules of the same pricing page.
 */
export const ANTHROPIC_FACTS: readonly ModelFact[] = [
  {
    name: 'claude-opus-5-5',
    status: 'current',
    capabilities: ALL,
    contextTokens: 1_000_000,
    outputTokensMax: 128_000,
    quality: 0.96,
  },
  {
    name: 'claude-sonnet-5-5',
    status: 'current',
    capabilities: ALL,
    contextTokens: 1_000_000,
    outputTokensMax: 128_000,
    quality: 0.93,
    prices: [{ tiers: [{ input: 2, output: 10, cachedInput: 0.2, cacheWrite: 2.5, cacheWrite1h: 4 }] }],
  },
  {
    name: 'claude-haiku-5-5',
    status: 'current',
    capabilities: ALL,
    contextTokens: 1_000_000,
    outputTokensMax: 128_000,
    quality: 0.7,
    prices: [
      {
        tiers: [
          { input: 0.1, output: 0.5, cachedInput: 0.01, cacheWrite: 0.125, cacheWrite1h: 0.2 },
          { aboveInputTokens: 100_000, input: 0.5, output: 2.5, cachedInput: 0.05, cacheWrite: 0.625, cacheWrite1h: 1 },
        ],
      },
    ],
  },
  { name: 'claude-fable-5-1', status: 'current', capabilities: ALL, outputTokensMax: 128_000, quality: 0.89 },
  { name: 'claude-fable-5', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.87 },
  { name: 'claude-opus-5', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.87 },
  { name: 'claude-sonnet-5', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.83 },
  { name: 'claude-opus-4-8', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.82 },
  { name: 'claude-opus-4-7', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.8 },
  { name: 'claude-opus-4-6', status: 'older', capabilities: ALL, outputTokensMax: 128_000, quality: 0.77 },
  { name: 'claude-sonnet-4-6', status: 'older', capabilities: ALL, outputTokensMax: 64_000, quality: 0.74 },
  { name: 'claude-opus-4-5', status: 'older', capabilities: ALL, outputTokensMax: 64_000, quality: 0.72 },
  { name: 'claude-sonnet-4-5', status: 'older', capabilities: ALL, outputTokensMax: 64_000, quality: 0.65 },
  { name: 'claude-haiku-4-5', status: 'current', capabilities: ALL, outputTokensMax: 64_000, quality: 0.58 },
  { name: 'claude-opus-4-1', status: 'older', capabilities: NO_SCHEMA, outputTokensMax: 32_000, quality: 0.62 },
  { name: 'claude-opus-4-0', status: 'older', capabilities: NO_SCHEMA, outputTokensMax: 32_000, quality: 0.58 },
  { name: 'claude-opus-4', status: 'older', capabilities: NO_SCHEMA, outputTokensMax: 32_000, quality: 0.58 },
  { name: 'claude-sonnet-4-0', status: 'older', capabilities: NO_SCHEMA, outputTokensMax: 64_000, quality: 0.55 },
  { name: 'claude-sonnet-4', status: 'older', capabilities: NO_SCHEMA, outputTokensMax: 64_000, quality: 0.55 },
  { name: 'claude-3-7-sonnet', status: 'older', capabilities: NO_SCHEMA, outputTokensMax: 64_000, quality: 0.5 },
  {
    name: 'claude-3-5-haiku',
    status: 'older',
    capabilities: ['tools', 'vision', 'pdf'],
    outputTokensMax: 8_192,
    quality: 0.35,
  },
  { name: 'claude-3-haiku', status: 'older', capabilities: ['tools', 'vision'], outputTokensMax: 4_096, quality: 0.25 },
];
