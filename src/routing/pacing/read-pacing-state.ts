import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import { isJsonObject } from '../../core/json/json.ts';
import { BINS, type CostAverage, PACING_START, type PacingState } from './pacing-state.ts';

/** A state as it was stored; the start where there is none, or another version stored it. */
export function readPacingState(stored: JsonObject | undefined): PacingState {
  if (!stored || !isPacingState(stored)) return PACING_START;
  return stored;
}

function isPacingState(stored: JsonObject): stored is JsonObject & PacingState {
  const { counts, credit, seen, recent, costs } = stored;
  return (
    Array.isArray(counts) &&
    counts.length === BINS &&
    counts.every(isCount) &&
    counts.some((count) => count !== 0) &&
    Number.isFinite(credit) &&
    isCount(seen) &&
    isJsonObject(recent) &&
    isCount(recent.requests) &&
    isCount(recent.strong) &&
    isJsonObject(costs) &&
    isAverage(costs.cheap) &&
    isAverage(costs.strong)
  );
}

function isAverage(value: JsonValue | undefined): value is JsonObject & CostAverage {
  return isJsonObject(value) && isCount(value.mean) && isCount(value.expected) && isCount(value.count);
}

function isCount(value: JsonValue | undefined): value is number {
  // Number.isFinite refuses 1e999, which JSON reads as Infinity.
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
