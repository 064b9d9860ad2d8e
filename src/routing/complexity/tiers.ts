import { TIERS, type Tier } from '../../core/request.ts';

/**
 * The score from which a tier begins, hardest first. A score is a place in the calibration traffic
 * of the model: 0.85 is harder than 85 % of it. What is trivial is not said by a score but by a rule.
 */
const TIER_STARTS = [
  ['expert', 0.85],
  ['complex', 0.6],
  ['medium', 0.3],
] as const satisfies readonly (readonly [Tier, number])[];

/** The tier of a score between 0 and 1 of a turn that is not small talk. */
export function tierOfScore(score: number): Tier {
  for (const [tier, start] of TIER_STARTS) if (score >= start) return tier;
  return 'simple';
}

/** Where the next harder tier begins; of the hardest its own start. */
export function startOfHarderTier(tier: Tier): number {
  const harder = TIERS[TIERS.indexOf(tier) + 1];
  return TIER_STARTS.find(([name]) => name === harder)?.[1] ?? TIER_STARTS[0][1];
}

/** The same starts on the scale of the lexicon's score, for a turn that the model knows nothing like. */
const LEXICON_STARTS = [0, 0.23, 0.41, 0.665, 1] as const;
const SCORE_STARTS = [0, 0.3, 0.6, 0.85, 1] as const;

/** Brings the score of the lexicon onto the scale of tiers: from start to start by proportion. */
export function fromLexiconScore(score: number): number {
  for (let at = 1; at < LEXICON_STARTS.length; at += 1) {
    const upper = LEXICON_STARTS[at] as number;
    if (score > upper) continue;
    const lower = LEXICON_STARTS[at - 1] as number;
    const share = (score - lower) / (upper - lower);
    return (SCORE_STARTS[at - 1] as number) + share * ((SCORE_STARTS[at] as number) - (SCORE_STARTS[at - 1] as number));
  }
  return 1;
}
