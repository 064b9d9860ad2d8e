import type { Tier } from '../../core/request.ts';
import { logistic } from '../logistic.ts';
import { classify } from './classify.ts';
import { extractFeatures } from './extract-features.ts';
import { positionInTraffic, routeScore } from './prior.ts';

/** What an outside judge may know of one prompt. */
export type PromptScore = {
  /** Higher: sooner to the strong model. 0 to 1, made to order prompts, not a probability. */
  readonly score: number;
  readonly tier: Tier;
  /** Is it in the upper 30 % of the calibration traffic? */
  readonly strong: boolean;
};

/** Of the calibration traffic, goes to the strong model. */
export const STRONG_SHARE = 0.3;

/** Scores one prompt as a conversation of one turn. */
export function scorePrompt(prompt: string): PromptScore {
  const route = routeScore(extractFeatures(prompt));
  const { tier } = classify({ messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }] });
  return {
    score: logistic(route),
    tier,
    strong: positionInTraffic('route', route) >= 1 - STRONG_SHARE,
  };
}
