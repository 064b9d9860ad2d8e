import { seededRandom } from './random.ts';

/** What a router recovers of the gap between a weak and a strong model, over all shares of strong calls. */
export type GapRecovered = {
  /** Area under the performance-gap-recovered curve; a random router has 0.5. */
  readonly apgr: number;
  /** Percentage of strong calls that recovers half of the gap. */
  readonly cpt50: number;
  /** Percentage of strong calls that recovers four fifths of it. */
  readonly cpt80: number;
};

const TOLERANCE = 1e-12;

/**
 * The highest scores go to the strong model first. A group of equal scores is taken in expectation,
 * so that a router of few levels gains nothing by luck. Arrays are parallel, outcomes 0 to 1.
 * Defined by Ong et al., "RouteLLM" (arXiv 2406.18665), section 2.
 */
export function measureGapRecovered(
  scores: readonly number[],
  weak: readonly number[],
  strong: readonly number[],
): GapRecovered {
  const order = byScore(scores);
  const gains = order.map((at) => (strong[at] as number) - (weak[at] as number));
  spreadTies(order, scores, gains);
  const whole = gains.reduce((sum, gain) => sum + gain, 0);
  const curve = [0];
  let area = 0;
  for (const gain of gains) {
    const before = curve.at(-1) as number;
    const after = before + gain / whole;
    area += (before + after) / 2 / gains.length;
    curve.push(after);
  }
  return { apgr: area, cpt50: strongShareFor(0.5, curve), cpt80: strongShareFor(0.8, curve) };
}

/** The 95 % interval of the APGR by bootstrap over the rows. */
export function bootstrapInterval(
  scores: readonly number[],
  weak: readonly number[],
  strong: readonly number[],
  { rounds = 400, seed = 1 } = {},
): readonly [low: number, high: number] {
  const random = seededRandom(seed);
  const areas: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const drawn = scores.map(() => Math.floor(random() * scores.length));
    const take = (from: readonly number[]) => drawn.map((at) => from[at] as number);
    areas.push(measureGapRecovered(take(scores), take(weak), take(strong)).apgr);
  }
  areas.sort((left, right) => left - right);
  return [areas[Math.floor(rounds * 0.025)] as number, areas[Math.floor(rounds * 0.975)] as number];
}

/** Area under the ROC curve: how often a positive scores above a negative, ties counting half. */
export function measureAuc(scores: readonly number[], positive: readonly boolean[]): number {
  const order = byScore(scores).reverse();
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) end += 1;
    for (let at = start; at < end; at += 1) {
      if (!positive[order[at] as number]) continue;
      positives += 1;
      rankSum += (start + end + 1) / 2;
    }
    start = end;
  }
  const negatives = order.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

function byScore(scores: readonly number[]): number[] {
  return [...scores.keys()].sort((left, right) => (scores[right] as number) - (scores[left] as number));
}

function spreadTies(order: readonly number[], scores: readonly number[], gains: number[]): void {
  for (let start = 0; start < order.length; ) {
    let end = start;
    let sum = 0;
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) {
      sum += gains[end] as number;
      end += 1;
    }
    gains.fill(sum / (end - start), start, end);
    start = end;
  }
}

/** Where the curve first reaches a share of the gap, in percent of the calls, between two points by proportion. */
function strongShareFor(recovered: number, curve: readonly number[]): number {
  const at = curve.findIndex((value) => value >= recovered - TOLERANCE);
  if (at <= 0) return 0;
  const before = curve[at - 1] as number;
  const after = curve[at] as number;
  return (100 * (at - 1 + (recovered - before) / (after - before))) / (curve.length - 1);
}
