import type { PromptFeatures } from './extract-features.ts';
import type { RequestFeatures } from './request-features.ts';
import { SLOT, surfaceValue } from './surface.ts';

const NUMBERS_MIN = 2;
const WORDS_WITH_NUMBERS_MIN = 5;
/** A question of so few words is a look-up in a chat as often as an exam's; from so many on it states a case. */
const STATED_WORDS = { from: 10, to: 22 } as const;
/** Whoever asks to write, compare or explain wants a piece of work, of which the training data has little. */
const INSTRUCTION_SHARE = 0.3;

/**
 * How much the turn is like the prompts that the model learnt from, 0 to 1: questions with a right
 * answer. Those were all; there is no outcome of a chat, an essay or a design to learn from, so the
 * rest is judged by the words of the lexicon: all that names a load, a risk or a depth,
 * and logs and JSON, whose numbers are data.
 */
export function examShare(features: PromptFeatures, request: RequestFeatures): number {
  const count = (slot: number) => surfaceValue(features, slot);
  const has = (slot: number) => features.surface[slot] !== 0;
  if (has(SLOT.options) || has(SLOT.LaTeX) || has(SLOT['mathematical marks'])) return 1;
  const { task, depth, scale, log, json } = request.values;
  if (depth + scale + log + json > 0) return 0;
  const words = count(SLOT.words);
  const isSum = count(SLOT.numbers) >= NUMBERS_MIN && words >= WORDS_WITH_NUMBERS_MIN;
  const length = Math.min(1, Math.max(0, (words - STATED_WORDS.from) / (STATED_WORDS.to - STATED_WORDS.from)));
  const stated = isSum ? 1 : length;
  return task > 0 ? INSTRUCTION_SHARE * stated : stated;
}
