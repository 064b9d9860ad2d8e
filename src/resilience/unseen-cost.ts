import type { AttemptOutcome } from '../core/books.ts';
import { dearestPrice } from '../core/dearest-price.ts';
import type { ModelInfo } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import { costOfText } from '../core/price.ts';

/** Faster than any model thinks: hidden reasoning goes by the time there was for it. */
const OUTPUT_TOKENS_PER_MS = 2;
const TEXT_ONLY = { hasImages: false, keepsForAnHour: false };

type Ended = {
  readonly ending: Pick<AttemptOutcome, 'status' | 'usage'>;
  readonly model: ModelInfo;
  readonly streamed: boolean;
  readonly latencyMs: number;
  /** The most the attempt can cost. */
  readonly most: NanoUsd | undefined;
};

/**
 * What a provider may bill at most beyond what was seen of an attempt that ended without its final report; nothing
 * when all of it was seen. An answer asked for whole may be finished and billed after we left; a model that reasons
 * may have thought unseen. What is streamed stops when its reader leaves.
 */
export function unseenCost({ ending, model, streamed, latencyMs, most }: Ended): NanoUsd | undefined {
  const { status, usage } = ending;
  if (status === 'settled' || status === 'failed_unbilled' || usage.source === 'reported') return undefined;
  if (!streamed) return most;
  if (!model.price || !model.capabilities.includes('reasoning')) return undefined;
  const outputTokens = Math.ceil(latencyMs * OUTPUT_TOKENS_PER_MS);
  return costOfText(0, outputTokens, dearestPrice(model.price, TEXT_ONLY));
}
