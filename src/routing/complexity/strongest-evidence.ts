import type { Evidence } from '../../core/route-plan.ts';
import { round } from './round.ts';

/** Told what a feature adds to a score, for people to see: its value, or the words that were found. */
export type TellEvidence = (feature: string, value: number | string, weight: number) => void;

/** What every prompt begins with, whoever tells it: shown as one. */
export const BASE = 'base';
export const EVIDENCE_MAX = 8;

/** Gathers evidence and keeps the strongest, since most of a prompt's some thirty features say next to nothing. */
export class StrongestEvidence {
  readonly #kept: Evidence[] = [];
  #base = 0;

  add(feature: string, value: number | string, weight: number): void {
    if (feature === BASE) this.#base += weight;
    // What moves nothing is no evidence.
    else if (round(weight) !== 0) addByStrength(this.#kept, { feature, value, weight });
  }

  /** Strongest first, rounded. To be asked for once, when all is added. */
  take(): readonly Evidence[] {
    if (round(this.#base) !== 0) addByStrength(this.#kept, { feature: BASE, value: 1, weight: this.#base });
    return this.#kept.map(({ feature, value, weight }) => ({
      feature,
      value: typeof value === 'number' ? round(value) : value,
      weight: round(weight),
    }));
  }
}

/** Puts it in its place, strongest first and equals as they came. Of too many the weakest goes. */
export function addByStrength(kept: Evidence[], added: Evidence): void {
  const strength = Math.abs(added.weight);
  let place = kept.length;
  for (; place > 0; place -= 1) {
    const before = kept[place - 1] as Evidence;
    if (Math.abs(before.weight) >= strength) break;
    kept[place] = before;
  }
  kept[place] = added;
  if (kept.length > EVIDENCE_MAX) kept.pop();
}
