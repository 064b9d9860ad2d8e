import { meaningOf } from '../../../core/collections/meaning-of.ts';
import { NO_USAGE, type ServiceMode, totalInputTokens, type Usage, type UsageParts } from '../../../core/usage.ts';

type CountName = Exclude<keyof UsageParts, 'modes'>;

type Counts = { readonly [Name in CountName]?: number | undefined };

/** Without what is none of: an absent part says the same, and most answers have no part at all. */
export function toUsageParts(...groups: readonly Counts[]): UsageParts {
  const parts: { [Name in CountName]?: number } = {};
  for (const counts of groups) {
    for (const name in counts) {
      const count = counts[name as CountName];
      if (count !== undefined && count > 0) parts[name as CountName] = count;
    }
  }
  return parts;
}

/** Tokens of sound first, then of pictures. */
export type Modalities = readonly [audio: number, image: number];

/** Parts are never more than the whole, whatever the details say. */
export function fit([audio, image]: Modalities, whole: number): Modalities {
  const fitting = Math.min(audio, whole);
  return [fitting, Math.min(image, whole - fitting)];
}

/** Vendors' words for ways of serving that have a price of their own; every other word is the usual way. */
const MODES: Readonly<Record<string, ServiceMode>> = {
  batch: 'batch',
  flex: 'flex',
  priority: 'priority',
  // Groq's word.
  performance: 'priority',
  fast: 'fast',
  ultrafast: 'fast',
  scale: 'scale',
  us: 'us',
};

/** The modes that an answer names; undefined where it says nothing. */
export function toModes(...words: readonly (string | undefined)[]): Pick<UsageParts, 'modes'> {
  const modes = words.flatMap((word) => (word === undefined ? [] : (meaningOf(word.toLowerCase(), MODES) ?? [])));
  return modes.length > 0 ? { modes } : {};
}

/** What a vendor says that tells a total and no side of it. */
export function toUndivided(total: number | undefined, ...modes: readonly (string | undefined)[]): Usage {
  if (total === undefined || total === 0) return NO_USAGE;
  return { ...NO_USAGE, ...toModes(...modes), undividedTokens: total, source: 'partial' };
}

/** Of embeddings: no tokens come out, so a total is what went in. None of a text is no count: it is left to an estimate. */
export function toEmbeddingUsage({ undividedTokens = 0, ...usage }: Usage): Usage {
  const told: Usage = { ...usage, inputTokens: usage.inputTokens + undividedTokens };
  return totalInputTokens(told) === 0 ? NO_USAGE : { ...told, source: 'reported' };
}
