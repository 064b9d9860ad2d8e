import type { Classification } from '../../core/route-plan.ts';
import { extractFeatures } from './features.ts';
import { type Conversation, normalise } from './normalise.ts';
import { scoreFeatures, sumPoints } from './score.ts';
import { tierOfScore } from './tiers.ts';

/**
 * How hard the user's last turn is, with the evidence, strongest first. Words and surface alone: a
 * first estimate, not a measured one. Pure, linear in the text, and bounded by its cap.
 */
export function classify(conversation: Conversation): Classification {
  const features = extractFeatures(normalise(conversation), sumPoints);
  const { score, evidence } = scoreFeatures(features);
  return { tier: tierOfScore(score), score, evidence };
}
