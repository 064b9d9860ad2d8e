import { logistic } from '../../logistic.ts';
import { type PromptScore, STRONG_SHARE, scorePrompt } from '../score-prompt.ts';
import { fitPairOver, type LabelledPrompt, shippedScore } from './fit-pair.ts';

/**
 * Fits a pair and scores prompts for it: a prompt is `strong` when it scores as the upper 30 % of
 * the labelled prompts did, each by heads that had not seen it. The tier stays the shipped one.
 *
 * @throws GatewayError `invalid_request` when a label is no number from 0 to 1.
 */
export function fitScoring(rows: readonly LabelledPrompt[]): (prompt: string) => PromptScore {
  const { score, heldOut } = fitPairOver(rows, shippedScore);
  if (score === shippedScore) return scorePrompt;
  const sorted = Float64Array.from(heldOut).sort();
  const bound = sorted[Math.min(sorted.length - 1, Math.floor((1 - STRONG_SHARE) * sorted.length))] as number;
  return (prompt) => {
    const value = score(prompt);
    return { score: logistic(value), tier: scorePrompt(prompt).tier, strong: value >= bound };
  };
}
