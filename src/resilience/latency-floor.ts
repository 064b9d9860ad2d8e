/** So many samples of the last ten minutes make a floor, and so few are needed before anything is judged by it. */
const KEPT = 32;
const NEEDED = 8;
const SPAN_MS = 600_000;
/** Less than this above the floor is our own noise, not the provider's. */
const SLACK_MS = 100;

/** How long one attempt took, and what it is compared with. */
export type LatencySample = {
  /** To the first content of a stream, from there to its end, or all of an answer that came whole. */
  readonly kind: 'first' | 'rest' | 'whole';
  readonly latencyMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/**
 * How fast a target is when it is well, learnt from itself: the lower quartile of samples spread over the last ten
 * minutes, since answers differ by nature far more upwards than downwards. Prompts of similar size are compared
 * with each other. A target that stays slow is what it is after some minutes.
 */
export class LatencyFloor {
  readonly #classes: Readonly<Record<LatencySample['kind'], Map<number, Samples>>> = {
    first: new Map(),
    rest: new Map(),
    whole: new Map(),
  };

  /** Learns from one more, and tells how many times slower than usual it was; 1 as long as nothing is known. */
  learn(sample: LatencySample, nowMs: number): number {
    const { kind, latencyMs } = sample;
    const sizeClass = sizeClassOf(sample);
    const samples = this.#classes[kind].get(sizeClass) ?? new Samples();
    this.#classes[kind].set(sizeClass, samples);
    const { floorMs } = samples;
    samples.add(latencyMs, nowMs);
    return floorMs === undefined || latencyMs - floorMs < SLACK_MS ? 1 : latencyMs / Math.max(1, floorMs);
  }
}

/** A ring that spans the time it stands for, however many come in. */
class Samples {
  readonly #values: number[] = [];
  #next = 0;
  #takenAtMs = Number.NEGATIVE_INFINITY;
  floorMs: number | undefined;

  add(latencyMs: number, nowMs: number): void {
    if (this.#values.length === KEPT && nowMs - this.#takenAtMs < SPAN_MS / KEPT) return;
    this.#takenAtMs = nowMs;
    this.#values[this.#next] = latencyMs;
    this.#next = (this.#next + 1) % KEPT;
    if (this.#values.length >= NEEDED) this.floorMs = lowerQuartile(this.#values);
  }
}

/** Of a list that is not empty. */
export function lowerQuartile(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 4)] ?? 0;
}

/** Sizes by powers of four. */
function sizeClassOf(sample: LatencySample): number {
  return Math.floor(Math.log2(1 + Math.max(0, sizeOf(sample))) / 2);
}

/** To the first content the input is read; a token takes about as long to write as a few dozen to read. */
function sizeOf({ kind, inputTokens, outputTokens }: LatencySample): number {
  switch (kind) {
    case 'first':
      return inputTokens;
    case 'rest':
      return outputTokens;
    case 'whole':
      return inputTokens + 32 * outputTokens;
  }
}
