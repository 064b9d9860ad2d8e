import type { Invoice } from './invoice.ts';

const modality = (name: string, tokenCount: number) => ({ modality: name, tokenCount });

/** Shapes: ai.google.dev/api/generate-content, `UsageMetadata`, and the guides to caching, thinking, images, audio. */
export const GEMINI_INVOICES: readonly Invoice[] = [
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
