import type { Strategy } from '../core/request.ts';
import type { Candidate, Rejection } from '../core/route-plan.ts';
import type { Selection } from './selection.ts';
import { STRATEGY_RANKS } from './strategies.ts';

type Outcome = {
  readonly strategy: Strategy;
  readonly candidates: readonly Candidate[];
  readonly rejected: readonly Rejection[];
};

/** The decision as one sentence for people. */
export function planReason({ because, lists }: Selection, { strategy, candidates, rejected }: Outcome): string {
  const [first] = candidates;
  if (!first) {
    const count = rejected.length;
    const none = count === 1 ? 'it cannot take the request now' : `none of ${count} models can take the request now`;
    return count === 0 ? `${because}, but no model is listed for it.` : `${because}, but ${none}.`;
  }
  const { ref } = first.model;
  const [chosen] = lists;
  if (chosen && !chosen.ranked)
    return chosen.refs.includes(ref) ? `${because}.` : `${because}; ${ref} is the first that can take the request.`;
  if (chosen?.refs.includes(ref)) return `${because}; ${ref} ${STRATEGY_RANKS[strategy].firstBecause}.`;
  return `${because}; ${ref} is the first that can take the request (${first.reason}).`;
}
