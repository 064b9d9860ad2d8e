import type { NanoUsd } from '../../core/money.ts';
import type { CostAverage, PacingState, Side } from './pacing-state.ts';

/** What a request of each side is expected to cost; absent when its price is unknown. */
export type ExpectedCosts = Readonly<Partial<Record<Side, NanoUsd>>>;

/** What requests did cost counts alone when there were so many of a side; before, the expected cost stands in. */
const COSTS_SEEN_MIN = 5;

/**
 * The share of strong requests at which the average request costs `costMax`. Undefined where the price of a side is
 * unknown: then no share follows from a sum of money. `expected` is asked only while it counts.
 */
export function shareOfCost(
  costMax: NanoUsd,
  { costs }: PacingState,
  expected: () => ExpectedCosts,
): number | undefined {
  const isKnown = costs.cheap.count >= COSTS_SEEN_MIN && costs.strong.count >= COSTS_SEEN_MIN;
  const guess = isKnown ? {} : expected();
  const scale = actualPerExpected(costs);
  const cheap = blend(costs.cheap, guess.cheap, scale);
  const strong = blend(costs.strong, guess.strong, scale);
  if (cheap === undefined || strong === undefined) return undefined;
  if (strong <= costMax) return 1;
  if (cheap >= costMax) return 0;
  return (costMax - cheap) / (strong - cheap);
}

function blend({ mean, count }: CostAverage, expected: NanoUsd | undefined, scale: number): number | undefined {
  if (count >= COSTS_SEEN_MIN) return mean;
  if (expected === undefined) return undefined;
  return (mean * count + expected * scale * (COSTS_SEEN_MIN - count)) / COSTS_SEEN_MIN;
}

/**
 * How far expectations were off on either side. Answers are shorter or longer here than elsewhere, whoever gives
 * them: else a side that looks too dear would never be tried.
 */
function actualPerExpected({ cheap, strong }: PacingState['costs']): number {
  const expected = cheap.expected * cheap.count + strong.expected * strong.count;
  return expected > 0 ? (cheap.mean * cheap.count + strong.mean * strong.count) / expected : 1;
}
