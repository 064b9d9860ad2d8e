import type { Row } from './data.ts';
import { measureGapRecovered } from './metric.ts';
import { findPairs } from './models.ts';

/** The mean APGR over all pairs of a cheap and a strong model of one benchmark; nothing when it has no pair. */
export function meanGapRecovered(rows: readonly Row[], scores: readonly number[]): number | undefined {
  const pairs = findPairs(rows);
  if (pairs.length === 0) return undefined;
  let sum = 0;
  for (const { at, weak, strong } of pairs) {
    sum += measureGapRecovered(
      at.map((row) => scores[row] as number),
      weak,
      strong,
    ).apgr;
  }
  return sum / pairs.length;
}
