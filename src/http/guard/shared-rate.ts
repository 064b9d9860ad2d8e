import type { JsonObject } from '../../core/json/json.ts';
import type { SharedStates } from '../../core/ports.ts';
import { MemoryStates } from './memory-states.ts';
import { updateSoon } from './update-soon.ts';

const MINUTE_MS = 60_000;
/** A process takes one in so many of the limit at once, so that not every request writes. */
const PORTIONS = 100;
/** After a write that took too long nobody waits for one for so long. */
const RETRY_MS = 1_000;

type Minute = { readonly fromMs: number; readonly taken: number };

/**
 * So many in a minute that begins with the first, whichever process of the data folder it came to. Never more: a
 * process takes a portion before it uses it; what it does not use of one, up to a hundredth, is lost.
 */
export class SharedRate {
  readonly #states: SharedStates;
  /** Counts where the states cannot be written: then each process has the limit for itself. */
  readonly #alone = new MemoryStates();
  readonly #name: string;
  #max = 0;
  #fromMs = Number.NEGATIVE_INFINITY;
  #left = 0;
  #isUsedUp = false;
  #taking: Promise<void> | undefined;
  /** On the monotonic clock. */
  #aloneUntilMs = 0;

  constructor(states: SharedStates, name: string) {
    this.#states = states;
    this.#name = name;
  }

  /** Undefined when there was one left, of `max` now; else in how many milliseconds there will be. */
  async take(max: number): Promise<number | undefined> {
    // What was known of the minute is asked anew.
    if (max !== this.#max) this.#fromMs = Number.NEGATIVE_INFINITY;
    this.#max = max;
    for (;;) {
      const nowMs = Date.now();
      if (isWithin(this.#fromMs, nowMs)) {
        if (this.#left > 0) {
          this.#left -= 1;
          return undefined;
        }
        if (this.#isUsedUp) return this.#fromMs + MINUTE_MS - nowMs;
      }
      this.#taking ??= this.#takePortion().finally(() => {
        this.#taking = undefined;
      });
      await this.#taking;
    }
  }

  async #takePortion(): Promise<void> {
    const max = this.#max;
    let taken = { fromMs: 0, count: 0 };
    const change = (stored: JsonObject | undefined): JsonObject => {
      const nowMs = Date.now();
      const minute = toMinute(stored, nowMs) ?? { fromMs: nowMs, taken: 0 };
      const portion = Math.max(1, Math.floor(max / PORTIONS));
      const count = Math.max(0, Math.min(portion, max - minute.taken));
      taken = { fromMs: minute.fromMs, count };
      return { fromMs: minute.fromMs, taken: minute.taken + count };
    };
    const isAlone = performance.now() < this.#aloneUntilMs;
    // Written all the same, so that the others know of it when they can.
    if (!(await updateSoon(this.#states, this.#name, change, isAlone ? 0 : undefined))) {
      if (!isAlone) this.#aloneUntilMs = performance.now() + RETRY_MS;
      await this.#alone.update(this.#name, change);
    }
    if (max !== this.#max) return;
    this.#fromMs = taken.fromMs;
    this.#left = taken.count;
    this.#isUsedUp = taken.count === 0;
  }
}

/** The minute that is running; undefined when it is over, or the clock was put back before it. */
function toMinute(stored: JsonObject | undefined, nowMs: number): Minute | undefined {
  const { fromMs, taken } = stored ?? {};
  if (typeof fromMs !== 'number' || typeof taken !== 'number') return undefined;
  return isWithin(fromMs, nowMs) ? { fromMs, taken } : undefined;
}

function isWithin(fromMs: number, nowMs: number): boolean {
  return nowMs >= fromMs && nowMs < fromMs + MINUTE_MS;
}
