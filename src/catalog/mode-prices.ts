import type { Price, ProviderKind } from '../core/model.ts';
import { stripVersion } from './find-fact.ts';

type ModePermille = NonNullable<Price['modePermille']>;

/**
 * What a vendor's ways of serving cost, in thousandths of the usual price of a token, where one figure holds for
 * every class of tokens. Looked up on 2026-11-21. A mode that is missing here has no price we know, such as what is
 * served from capacity paid in advance.
 */
const BY_KIND = {
  // developers.openai.com/api/docs/guides: flex is billed like a batch, a batch at half price.
  openai: { batch: 500, flex: 500 },
  // platform.claude.com/docs: batches at half price; inference in the US only at 1.1 times ("data residency").
  anthropic: { batch: 500, us: 1_100 },
  // ai.google.dev/gemini-api/docs/optimization: priority is 75 to 100 % dearer, by model, so it is not here.
  gemini: { batch: 500, flex: 500 },
  // console.groq.com/docs: flex at the on-demand price, batches at half of it.
  groq: { batch: 500, flex: 1_000 },
  ollama: {},
  'openai-compatible': {},
} as const satisfies Record<ProviderKind, ModePermille>;

/** Source: openai.com/api-priority-processing beside the price data; the same factor for every class. */
const OPENAI_PRIORITY: Readonly<Record<string, number>> = {
  'gpt-5.5': 2_500,
  'gpt-5.4': 2_000,
  'gpt-5.4-mini': 2_000,
  'gpt-5.2': 2_000,
  'gpt-5.1': 2_000,
  'gpt-5.1-codex': 2_000,
  'gpt-5': 2_000,
  'gpt-5-codex': 2_000,
  'gpt-5-mini': 1_800,
  'gpt-4.1': 1_750,
};

/** What is known of a model's ways of serving; a version of it by date goes by the model. */
export function modePricesOf(kind: ProviderKind, name: string): ModePermille {
  const priority = kind === 'openai' ? OPENAI_PRIORITY[stripVersion(name)] : undefined;
  return { ...BY_KIND[kind], ...(priority !== undefined && { priority }) };
}
