import type { ModelRef } from '../core/model.ts';
import { PARAMETER_WORDS } from '../core/parameters.ts';
import type { Strategy } from '../core/request.ts';
import type { Candidate, Rejection } from '../core/route-plan.ts';
import { isRejection, type Judge } from './judge.ts';
import { type Contender, STRATEGY_RANKS } from './strategies.ts';

/** One list of models to go through; `ranked` lists are put in order by the strategy. */
export type ModelList = {
  /** Names the list in reasons: `tier medium`, `fallback`. */
  readonly label: string;
  readonly refs: readonly ModelRef[];
  readonly ranked: boolean;
  /** Of the usable ones and of the rejected ones, no more than this many are kept. */
  readonly keptMax?: number;
};

/** Takes lists one after the other and keeps what passes in order; a model counts once, where it is first. */
export interface Sieve {
  readonly candidates: readonly Candidate[];
  /**
   * Asked after all candidates: their providers said that they do not serve them. After a minute one of them has its
   * place again, and no more than one, since each that is still not served costs the request an attempt.
   */
  readonly unserved: readonly Candidate[];
  readonly rejected: readonly Rejection[];
  sift(list: ModelList): void;
}

export function createSieve(judge: Judge, strategy: Strategy): Sieve {
  const seen = new Set<ModelRef>();
  const candidates: Candidate[] = [];
  const unserved: Candidate[] = [];
  const rejected: Rejection[] = [];
  let triesUnserved = false;
  const isAskedLast = ({ unserved }: Contender): boolean => {
    if (unserved === undefined) return false;
    if (unserved === 'lately' || triesUnserved) return true;
    triesUnserved = true;
    return false;
  };
  return {
    candidates,
    unserved,
    rejected,
    sift({ label, refs, ranked, keptMax = Number.POSITIVE_INFINITY }) {
      const passed: Contender[] = [];
      // A model that was named is asked in any case, so that who named it hears what is wrong with it.
      const isNamed = !ranked && refs.length === 1;
      let failed = 0;
      for (const ref of refs) {
        if (seen.has(ref)) continue;
        seen.add(ref);
        const verdict = judge(ref);
        if (!isRejection(verdict)) passed.push(verdict);
        else if (failed < keptMax) {
          rejected.push(verdict);
          failed += 1;
        }
      }
      let place = 0;
      // In their order: else one that nobody comes to would be the one that is tried.
      for (const contender of ranked ? STRATEGY_RANKS[strategy].rank(passed) : passed) {
        if (place >= keptMax) break;
        if (!isNamed && isAskedLast(contender)) unserved.push(toCandidate(contender, UNSERVED));
        else {
          const reason = reasonFor(place, { label, count: refs.length, ranked });
          candidates.push(toCandidate(contender, reason + withoutDropped(contender)));
          place += 1;
        }
      }
    },
  };
}

const UNSERVED = 'asked last, since its provider said that it does not serve it';

/** The contender in its place. */
export function toCandidate({ model, cost, droppedParameters }: Contender, reason: string): Candidate {
  const { costExpected, costMax, costBound, outputTokensCap } = cost;
  return { model, reason, costExpected, costMax, costBound, outputTokensCap, droppedParameters };
}

function withoutDropped({ droppedParameters }: Contender): string {
  return droppedParameters ? `, without ${droppedParameters.map((name) => PARAMETER_WORDS[name]).join(', ')}` : '';
}

type Place = { readonly label: string; readonly count: number; readonly ranked: boolean };

function reasonFor(place: number, { label, count, ranked }: Place): string {
  if (count > 1) return `${ordinal(place)} of ${label}`;
  return ranked ? `the only model of ${label}` : label;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'] as const;

function ordinal(place: number): string {
  return ORDINALS[place] ?? `number ${place + 1}`;
}
