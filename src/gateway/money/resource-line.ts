import type { Clock } from '../../core/ports.ts';

/** One who waits, wherever. */
export type Waiter = {
  readonly tenant: string;
  /** The resource that has given it a turn; undefined while it waits. */
  turnOf: string | undefined;
};

type Entry<One> = { readonly waiter: One; readonly round: number; readonly number: number };

/** Things may become free without our hearing of it: in another process, or by the clock. */
const LOOK_EVERY_MS = 500;
/** So many may try at once while all goes well. */
const TURNS_MAX = 64;

/**
 * Who waits for one thing, such as a place at a target or a rate limit. Every tenant gets one turn a round, whoever
 * has more waiting (start-time fair queueing). A turn is a try: as long as tries succeed more are let in at once,
 * after one in vain the next waits for a sign.
 */
export class ResourceLine<One extends Waiter> {
  readonly #clock: Clock;
  readonly #give: (waiter: One) => void;
  /** In the order of their turns. */
  #entries: Entry<One>[] = [];
  /** The last round each tenant stands in. */
  readonly #rounds = new Map<string, number>();
  #round = 0;
  #count = 0;
  #turns = 0;
  #turnsMax = 1;
  /** Something became free while somebody tried, who may have looked too early. */
  #hasMissed = false;
  #freeAtMs = Number.POSITIVE_INFINITY;
  #cancelLook: (() => void) | undefined;
  /** On the monotonic clock. */
  #lookAtMs = 0;

  /** `give` is told whose turn it is, and marks it. */
  constructor(clock: Clock, give: (waiter: One) => void) {
    this.#clock = clock;
    this.#give = give;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** When the clock frees something, if that is known, in milliseconds from now. */
  get freeInMs(): number | undefined {
    const leftMs = this.#freeAtMs - this.#clock.monotonicMs();
    return leftMs > 0 && Number.isFinite(leftMs) ? leftMs : undefined;
  }

  /** `freeInMs`: when the clock frees something, as far as is known. */
  join(waiter: One, freeInMs?: number): void {
    if (!this.#entries.some((entry) => entry.waiter === waiter)) this.#add(waiter);
    if (freeInMs !== undefined) this.#freeAtMs = this.#clock.monotonicMs() + freeInMs;
    this.#watch();
  }

  leave(waiter: One): void {
    this.#entries = this.#entries.filter((entry) => entry.waiter !== waiter);
    if (this.#entries.length > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  /** Something is free, or may be. */
  free(): void {
    if (this.#turns > 0) this.#hasMissed = true;
    this.#giveTurns();
  }

  /** A try had success. */
  passed(): void {
    this.#turns -= 1;
    this.#turnsMax = Math.min(TURNS_MAX, this.#turnsMax * 2);
    this.#giveTurns();
  }

  /** A try was in vain; who tried keeps its place, if it has not left. */
  refused(): void {
    this.#turns -= 1;
    this.#turnsMax = 1;
    if (!this.#hasMissed || this.#turns > 0) return;
    this.#hasMissed = false;
    this.#giveTurns();
  }

  #add(waiter: One): void {
    const round = Math.max(this.#round, (this.#rounds.get(waiter.tenant) ?? -1) + 1);
    this.#rounds.set(waiter.tenant, round);
    this.#count += 1;
    const entry = { waiter, round, number: this.#count };
    const after = this.#entries.findIndex((other) => other.round > round);
    this.#entries.splice(after < 0 ? this.#entries.length : after, 0, entry);
  }

  #giveTurns(): void {
    while (this.#turns < this.#turnsMax) {
      const next = this.#entries.find(({ waiter }) => waiter.turnOf === undefined);
      if (!next) return;
      this.#advanceTo(next.round);
      this.#turns += 1;
      this.#give(next.waiter);
    }
  }

  #advanceTo(round: number): void {
    if (round <= this.#round) return;
    this.#round = round;
    for (const [tenant, last] of this.#rounds) if (last < round) this.#rounds.delete(tenant);
  }

  /** Who joins puts off no look: in a rush there would never be one. */
  #watch(): void {
    const nowMs = this.#clock.monotonicMs();
    const lookAtMs = nowMs + Math.min(LOOK_EVERY_MS, this.freeInMs ?? LOOK_EVERY_MS);
    if (this.#cancelLook && this.#lookAtMs <= lookAtMs) return;
    this.#cancelLook?.();
    this.#lookAtMs = lookAtMs;
    this.#cancelLook = this.#clock.wakeAfter(lookAtMs - nowMs, () => {
      this.#cancelLook = undefined;
      this.#watch();
      this.free();
    });
  }
}
