import type { FinishReason } from '../../../core/completion.ts';

/** A refusal of which the model said nothing still has to be told from an empty answer: in its vendor's words, or in ours. */
export function refusalWords(said: string, { refusal }: FinishReason): string {
  return said || refusal?.explanation || 'The model refused to answer.';
}
