import type { PacingDecision } from '../../core/route-plan.ts';

/**
 * What the requests so far say about the next one. Scores are places in the calibration traffic of the shipped model,
 * 0 to 1, so traffic like that fills all bins alike.
 */
export type PacingState = {
  /** How many of the recent scores fell into each of `BINS` equal bins, lowest first. */
  readonly counts: readonly number[];
  /** Strong requests that were allowed so far and not made; negative: made and not allowed. */
  readonly credit: number;
  /** Decisions so far. */
  readonly seen: number;
  /** Of the latest decisions: how many, and how many of them the strong side answered. */
  readonly recent: { readonly requests: number; readonly strong: number };
  /** What a request costs on each side. */
  readonly costs: Readonly<Record<Side, CostAverage>>;
};

export type Side = PacingDecision['side'];

/** Running averages, in nano-dollars, of so many requests, and of the latest when there are more. */
export type CostAverage = {
  /** What they did cost. */
  readonly mean: number;
  /** What they were expected to cost. */
  readonly expected: number;
  readonly count: number;
};

/** What happened, to be added to a state. Events of several processes may come in any order. */
export type PacingEvent =
  /** A decision was taken. */
  | { readonly type: 'decided'; readonly score: number; readonly side: Side; readonly shareMax: number }
  /** It came to nothing: a cache answered, or nobody was asked. */
  | { readonly type: 'withdrawn'; readonly score: number; readonly side: Side; readonly shareMax: number }
  /** Who answered in the end; what that cost in all, and what it was expected to cost, where it is known. */
  | {
      readonly type: 'answered';
      readonly decided: Side;
      readonly answered: Side;
      readonly cost?: { readonly actual: number; readonly expected: number };
    };

export const BINS = 64;
/** So many requests the calibration traffic counts for at the start. */
const START_WEIGHT = 16;
/** Of about so many scores the quantile is taken: then all count half, so that older ones fade. */
const SCORES_MAX = 1_024;
/** The recent share is that of so many decisions, up to twice. */
const RECENT = 200;
/** What was not used is kept for so many requests: more would make a burst when a strong model comes back. */
const SAVED_MAX = 12;
/** What was used too much, by a fallback or an escalation, is made good up to so many requests. */
const OWED_MAX = 200;
/** An average follows the latest so many costs. */
const COSTS_MEMORY = 50;

const NO_COST: CostAverage = { mean: 0, expected: 0, count: 0 };

/** Before the first request: the calibration traffic as a guess. */
export const PACING_START: PacingState = {
  counts: Array.from({ length: BINS }, () => START_WEIGHT / BINS),
  credit: 0,
  seen: 0,
  recent: { requests: 0, strong: 0 },
  costs: { cheap: NO_COST, strong: NO_COST },
};

/** The state after what happened. */
export function addEvent(state: PacingState, event: PacingEvent): PacingState {
  switch (event.type) {
    case 'decided':
      return addDecision(state, event, 1);
    case 'withdrawn':
      return addDecision(state, event, -1);
    case 'answered': {
      const { answered, decided, cost } = event;
      const more = Number(answered === 'strong') - Number(decided === 'strong');
      const { requests, strong: before } = state.recent;
      return {
        ...state,
        credit: kept(state.credit - more),
        recent: { requests, strong: Math.min(requests, Math.max(0, before + more)) },
        costs: cost ? withCost(state.costs, answered, cost) : state.costs,
      };
    }
    default:
      return event satisfies never;
  }
}

/** The bin of a score, 0 to `BINS` - 1. */
export function binOf(score: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS)));
}

type Decided = { readonly score: number; readonly side: Side; readonly shareMax: number };

function addDecision(state: PacingState, { score, side, shareMax }: Decided, sign: 1 | -1): PacingState {
  const strong = Number(side === 'strong');
  const bin = binOf(score);
  const counts = state.counts.with(bin, Math.max(0, (state.counts[bin] as number) + sign));
  const recent = {
    requests: Math.max(0, state.recent.requests + sign),
    strong: Math.max(0, state.recent.strong + sign * strong),
  };
  return {
    counts: sumOf(counts) >= SCORES_MAX ? counts.map(half) : counts,
    credit: kept(state.credit + sign * (shareMax - strong)),
    seen: Math.max(0, state.seen + sign),
    recent: recent.requests >= 2 * RECENT ? { requests: half(recent.requests), strong: half(recent.strong) } : recent,
    costs: state.costs,
  };
}

function withCost(
  costs: PacingState['costs'],
  side: Side,
  cost: { readonly actual: number; readonly expected: number },
): PacingState['costs'] {
  const { mean, expected, count } = costs[side];
  const counted = Math.min(COSTS_MEMORY, count + 1);
  const average = {
    mean: mean + (cost.actual - mean) / counted,
    expected: expected + (cost.expected - expected) / counted,
    count: counted,
  };
  return { ...costs, [side]: average };
}

function kept(credit: number): number {
  return Math.min(SAVED_MAX, Math.max(-OWED_MAX, credit));
}

export function sumOf(counts: readonly number[]): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

function half(count: number): number {
  return count / 2;
}
