import type { PacingDecision } from '../../core/route-plan.ts';
import { BINS, binOf, type PacingState, sumOf } from './pacing-state.ts';

/** What one request of credit moves the share that the threshold lets through. */
const SHARE_A_CREDIT = 0.05;
/**
 * However the scores come, the strong requests are never more than so many ahead of the share, or behind it: in any
 * 200 the share is off by at most 6 points.
 */
const CREDIT_MAX = 6;
/** The first requests may not be as many ahead: it grows by one in so many. */
const REQUESTS_A_CREDIT = 20;

/**
 * Strong is what is harder than all but `shareMax` of the recent requests. The share for the threshold follows what
 * was spent, so that the share holds although traffic changes faster than its quantile. Between two bounds only:
 * a block of one kind of task may not be strong or cheap as a whole.
 */
export function decideSide(state: PacingState, score: number, shareMax: number): PacingDecision {
  const { credit, seen, recent, counts } = state;
  const letThrough = Math.min(1, Math.max(0, shareMax + SHARE_A_CREDIT * credit));
  const total = sumOf(counts);
  const decided = {
    score,
    threshold: thresholdOf(counts, letThrough * total),
    share: recent.requests > 0 ? recent.strong / recent.requests : 0,
    shareMax,
  };
  const aheadMax = Math.min(CREDIT_MAX, 1 + seen / REQUESTS_A_CREDIT);
  if (shareMax <= 0 || shareMax >= 1) return { ...decided, side: shareMax >= 1 ? 'strong' : 'cheap', by: 'threshold' };
  if (credit + shareMax - 1 < -aheadMax) return { ...decided, side: 'cheap', by: 'spent' };
  if (credit + shareMax > CREDIT_MAX) return { ...decided, side: 'strong', by: 'saved' };
  const side = countAbove(counts, score) < letThrough * total ? 'strong' : 'cheap';
  return { ...decided, side, by: 'threshold' };
}

/** Recent scores above this one; those of its own bin by proportion. */
function countAbove(counts: readonly number[], score: number): number {
  const bin = binOf(score);
  let above = (counts[bin] as number) * Math.min(1, Math.max(0, bin + 1 - score * BINS));
  for (let at = bin + 1; at < BINS; at += 1) above += counts[at] as number;
  return above;
}

/** The score that so many of the recent scores are above. */
function thresholdOf(counts: readonly number[], above: number): number {
  let left = above;
  for (let at = BINS - 1; at >= 0; at -= 1) {
    const count = counts[at] as number;
    if (count > left) return (at + 1 - left / count) / BINS;
    left -= count;
  }
  return 0;
}
