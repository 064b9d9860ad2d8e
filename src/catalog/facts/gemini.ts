import type { Capability } from '../../core/model.ts';
import type { ModelFact } from '../model-fact.ts';

const ALL = ['tools', 'vision', 'pdf', 'json-schema', 'reasoning'] as const satisfies readonly Capability[];
const NO_REASONING = ['tools', 'vision', 'pdf', 'json-schema'] as const satisfies readonly Capability[];
const GEMMA = ['tools', 'vision', 'json-schema', 'reasoning'] as const satisfies readonly Capability[];
const WINDOW = { contextTokens: 1_048_576, outputTokensMax: 65_536 } as const;

/**
 * Sources: ai.google.dev/gemini-api/docs, the model pages (windows, output limits, capabilities),
 * "latest model" and pricing (Gemini 4 Argon at its launch price to 30 November 2026).
 */
export const GEMINI_FACTS: readonly ModelFact[] = [
  {
    name: 'gemini-4-argon',
    status: 'current',
    capabilities: ALL,
    ...WINDOW,
    quality: 0.9,
    prices: [
      { tiers: [{ input: 2, output: 10, cachedInput: 0.1 }] },
      { from: '2026-12-01', tiers: [{ input: 4, output: 20, cachedInput: 0.2 }] },
    ],
  },
  { name: 'gemini-3.8-flash', status: 'current', capabilities: ALL, ...WINDOW, quality: 0.77 },
  { name: 'gemini-3.7-flash', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.74 },
  { name: 'gemini-3.6-flash', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.71 },
  { name: 'gemini-3.5-flash', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.68 },
  { name: 'gemini-3.5-flash-lite', status: 'current', capabilities: ALL, ...WINDOW, quality: 0.58 },
  { name: 'gemini-3.1-pro-preview', status: 'current', capabilities: ALL, ...WINDOW, quality: 0.75 },
  { name: 'gemini-3.1-flash-lite', status: 'current', capabilities: ALL, ...WINDOW, quality: 0.5 },
  { name: 'gemini-3-pro-preview', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.72 },
  { name: 'gemini-3-flash-preview', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.64 },
  { name: 'gemini-2.5-pro', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.58 },
  { name: 'gemini-2.5-flash', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.48 },
  { name: 'gemini-2.5-flash-lite', status: 'older', capabilities: ALL, ...WINDOW, quality: 0.36 },
  {
    name: 'gemini-2.0-flash',
    status: 'older',
    capabilities: NO_REASONING,
    contextTokens: 1_048_576,
    outputTokensMax: 8_192,
    quality: 0.32,
  },
  {
    name: 'gemma-4-31b-it',
    status: 'current',
    capabilities: GEMMA,
    contextTokens: 262_144,
    outputTokensMax: 32_768,
    quality: 0.5,
  },
  {
    name: 'gemma-4-26b-a4b-it',
    status: 'current',
    capabilities: GEMMA,
    contextTokens: 262_144,
    outputTokensMax: 32_768,
    quality: 0.45,
  },
  { name: 'gemini-embedding-2', status: 'current', capabilities: ['embedding'], contextTokens: 8_192 },
  { name: 'gemini-embedding-001', status: 'current', capabilities: ['embedding'], contextTokens: 2_048 },
];
