import type { Clock } from '../core/ports.ts';
import { LatencyFloor, type LatencySample, lowerQuartile } from './latency-floor.ts';

/** How far the limit of a target may go, and what moves it. */
export type AdaptiveLimitOptions = {
  /** Nobody who asks for so few at once is ever kept waiting. */
  readonly limitMin: number;
  /** Where every target begins: nothing is known against it. */
  readonly limitMax: number;
  /** Left of what was under way when there were too many, and the least that is left at once of far too many. */
  readonly decrease: number;
  readonly decreaseMin: number;
  /** Added for as many good answers as the limit lets run at once. */
  readonly increase: number;
  /** So many times slower than its own floor is too slow. */
  readonly slowRatio: number;
  /** Answers that are judged together. */
  readonly windowSize: number;
  /** What was learnt of a target is forgotten when nobody has used it for so long. */
  readonly forgetMs: number;
};

const DEFAULT_ADAPTIVE_LIMIT: AdaptiveLimitOptions = {
  limitMin: 4,
  limitMax: 1_000,
  decrease: 0.7,
  decreaseMin: 0.5,
  increase: 4,
  slowRatio: 4,
  windowSize: 12,
  forgetMs: 300_000,
};

/** What one attempt told of its target. */
export type AttemptSign =
  | { readonly type: 'answered'; readonly samples: readonly LatencySample[] }
  /** It says itself that it is too much, or gives no sign in time. */
  | { readonly type: 'strained' }
  /** Another failure of the target; one of them says nothing of its load, many do. */
  | { readonly type: 'failed' }
  /** The caller's fault or ours. */
  | { readonly type: 'silent' };

/** Gives a place back, with what the attempts told that were made in it; further calls do nothing. */
export type ReleaseSlot = (signs: readonly AttemptSign[]) => void;

export type TargetLoad = { readonly target: string; readonly limit: number; readonly inFlight: number };

/**
 * How many requests each target (a model of a provider) may have at once: additive increase, multiplicative
 * decrease, on latency against the target's own floor and on what it says of its load. Of this process: each one
 * sees what it is served.
 */
export interface AdaptiveLimits {
  /**
   * Takes a place among those a target serves at the same time. Undefined: none is free. `isContinued`: for a request
   * that had one before, which goes on whatever the limit.
   */
  take(target: string, isContinued?: boolean): ReleaseSlot | undefined;
  /** About how long until one is free for somebody behind `ahead` others, in milliseconds. */
  waitMs(target: string, ahead: number): number;
  /** Every target that was used lately. */
  loads(): readonly TargetLoad[];
}

export type AdaptiveLimitParts = {
  readonly clock: Clock;
  /** A place of this target was given back and may be taken. */
  readonly onFree?: (target: string) => void;
  /** Is this process itself so busy that every target seems slow? Then latencies tell nothing. */
  readonly isBusy?: (nowMs: number) => boolean;
  readonly options?: Partial<AdaptiveLimitOptions>;
};

/** Beyond so many, those that nobody uses are looked for. */
const TARGETS_KEPT = 1_000;
/** Of a target that nothing is known of, and the least that is told to wait. */
const WAIT_DEFAULT_MS = 1_000;

export function createAdaptiveLimits(parts: AdaptiveLimitParts): AdaptiveLimits {
  const { clock, onFree = () => {}, isBusy = () => false, options } = parts;
  const rules = { ...DEFAULT_ADAPTIVE_LIMIT, ...options };
  const targets = new Map<string, TargetLimit>();

  function forget(nowMs: number): void {
    for (const [name, target] of targets) if (target.isForgotten(nowMs)) targets.delete(name);
  }

  function targetOf(name: string, nowMs: number): TargetLimit {
    let target = targets.get(name);
    if (!target || target.isForgotten(nowMs)) {
      if (targets.size >= TARGETS_KEPT) forget(nowMs);
      target = new TargetLimit(rules, isBusy, nowMs);
      targets.set(name, target);
    }
    return target;
  }

  return {
    take(name, isContinued = false) {
      const nowMs = clock.monotonicMs();
      const target = targetOf(name, nowMs);
      if (!isContinued && !target.hasRoom) return undefined;
      target.take(nowMs);
      let isHeld = true;
      return (signs) => {
        if (!isHeld) return;
        isHeld = false;
        target.release(nowMs, signs, clock.monotonicMs());
        if (target.hasRoom) onFree(name);
      };
    },
    waitMs: (name, ahead) => targets.get(name)?.waitMs(ahead) ?? WAIT_DEFAULT_MS,
    loads() {
      forget(clock.monotonicMs());
      return [...targets].map(([target, { limit, inFlight }]) => ({ target, limit, inFlight }));
    },
  };
}

class TargetLimit {
  readonly #rules: AdaptiveLimitOptions;
  readonly #isBusy: (nowMs: number) => boolean;
  readonly #floor = new LatencyFloor();
  #limit: number;
  /** The most under way since the window began. */
  #peak = 0;
  /** How much slower than usual each answer of the window was. */
  #ratios: number[] = [];
  #loweredAtMs = Number.NEGATIVE_INFINITY;
  #usedAtMs: number;
  #heldMs: number | undefined;
  inFlight = 0;

  constructor(rules: AdaptiveLimitOptions, isBusy: (nowMs: number) => boolean, nowMs: number) {
    this.#isBusy = isBusy;
    this.#rules = rules;
    this.#limit = rules.limitMax;
    this.#usedAtMs = nowMs;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  get hasRoom(): boolean {
    return this.inFlight < this.limit;
  }

  isForgotten(nowMs: number): boolean {
    return this.inFlight === 0 && nowMs - this.#usedAtMs > this.#rules.forgetMs;
  }

  waitMs(ahead: number): number {
    const eachMs = (this.#heldMs ?? WAIT_DEFAULT_MS) / Math.max(1, this.limit);
    return Math.max(WAIT_DEFAULT_MS, Math.ceil(eachMs * (ahead + 1)));
  }

  take(nowMs: number): void {
    this.inFlight += 1;
    this.#usedAtMs = nowMs;
    this.#peak = Math.max(this.#peak, this.inFlight);
  }

  release(takenAtMs: number, signs: readonly AttemptSign[], nowMs: number): void {
    for (const sign of signs) this.#learn(sign, takenAtMs, nowMs);
    this.inFlight -= 1;
    this.#usedAtMs = nowMs;
    const heldMs = nowMs - takenAtMs;
    this.#heldMs = this.#heldMs === undefined ? heldMs : this.#heldMs + (heldMs - this.#heldMs) / 8;
  }

  #learn(sign: AttemptSign, begunAtMs: number, nowMs: number): void {
    // What began before the last decrease speaks of a load that is no more.
    const isCurrent = begunAtMs >= this.#loweredAtMs;
    switch (sign.type) {
      case 'silent':
        break;
      case 'strained':
        if (isCurrent) this.#lower(this.#rules.decrease, nowMs);
        break;
      case 'failed':
        if (isCurrent) this.#judge(Number.POSITIVE_INFINITY, nowMs);
        break;
      case 'answered': {
        if (this.#isBusy(nowMs)) {
          this.#raise();
          break;
        }
        let ratio = 1;
        for (const sample of sign.samples) ratio = Math.max(ratio, this.#floor.learn(sample, nowMs));
        if (ratio < this.#rules.slowRatio) this.#raise();
        if (isCurrent) this.#judge(ratio, nowMs);
      }
    }
  }

  /** A single slow answer may be a hard question: only when three of four are slow is it the target. */
  #judge(ratio: number, nowMs: number): void {
    this.#ratios.push(ratio);
    if (this.#ratios.length < this.#rules.windowSize) return;
    const ratioNow = lowerQuartile(this.#ratios);
    const { slowRatio, decrease, decreaseMin } = this.#rules;
    if (ratioNow < slowRatio) this.#beginWindow();
    else this.#lower(Math.max(decreaseMin, Math.min(decrease, slowRatio / ratioNow)), nowMs);
  }

  #lower(left: number, nowMs: number): void {
    this.#limit = Math.max(this.#rules.limitMin, Math.min(this.#limit, this.#peak) * left);
    this.#loweredAtMs = nowMs;
    this.#beginWindow();
  }

  #beginWindow(): void {
    this.#ratios = [];
    this.#peak = this.inFlight;
  }

  /** Only who comes near the limit shows that more would go well. */
  #raise(): void {
    if (this.inFlight * 2 < this.#limit) return;
    this.#limit = Math.min(this.#rules.limitMax, this.#limit + this.#rules.increase / this.#limit);
  }
}
