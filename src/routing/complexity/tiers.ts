import type { Tier } from '../../core/request.ts';

/** The score from which a tier begins, hardest first. */
const TIER_STARTS = [
  ['expert', 0.665],
  ['complex', 0.41],
  ['medium', 0.23],
  ['simple', 0.05],
] as const satisfies readonly (readonly [Tier, number])[];

/** The tier of a score between 0 and 1. */
export function tierOfScore(score: number): Tier {
  for (const [tier, start] of TIER_STARTS) if (score >= start) return tier;
  return 'trivial';
}
