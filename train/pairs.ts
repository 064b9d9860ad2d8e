import type { Row } from './data.ts';
import { bootstrapInterval, measureGapRecovered } from './metric.ts';
import { findPairs, type Pair } from './models.ts';

/** How well scores route on one benchmark. */
export type RoutingMeasure = {
  readonly pairs: number;
  /** Mean over the pairs of a cheap and a strong model. */
  readonly apgr: number;
  /** 95 %, by bootstrap over the prompts. */
  readonly interval: readonly [low: number, high: number];
};

const ROUNDS = 100;

/** The mean APGR over all pairs; nothing when the benchmark has none. Scores are parallel to the rows. */
export function meanGapRecovered(rows: readonly Row[], scores: readonly number[]): number | undefined {
  const pairs = findPairs(rows);
  return pairs.length === 0 ? undefined : meanOver(pairs, scores);
}

/** The same with its interval: that of the widest pair counts for all, since the pairs share their prompts. */
export function measureRouting(rows: readonly Row[], scores: readonly number[]): RoutingMeasure | undefined {
  const pairs = findPairs(rows);
  if (pairs.length === 0) return undefined;
  const apgr = meanOver(pairs, scores);
  const halves = pairs.slice(0, PAIRS_WITH_INTERVAL_MAX).map(({ at, weak, strong }) => {
    const [low, high] = bootstrapInterval(scoresAt(scores, at), weak, strong, { rounds: ROUNDS });
    return (high - low) / 2;
  });
  const half = Math.max(...halves);
  return { pairs: pairs.length, apgr, interval: [apgr - half, apgr + half] };
}

const PAIRS_WITH_INTERVAL_MAX = 6;

function meanOver(pairs: readonly Pair[], scores: readonly number[]): number {
  let sum = 0;
  for (const { at, weak, strong } of pairs) sum += measureGapRecovered(scoresAt(scores, at), weak, strong).apgr;
  return sum / pairs.length;
}

function scoresAt(scores: readonly number[], at: readonly number[]): readonly number[] {
  return at.map((row) => scores[row] as number);
}
