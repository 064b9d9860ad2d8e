import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../core/json/json.ts';
import type { SharedStates } from '../../core/ports.ts';
import { updateSoon } from './update-soon.ts';

/** The slots of a process that was killed are free again after this. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** A slot is kept for the next request for so long, or each would write twice. */
const KEEP_MS = 20;
/** Between two tries while the states cannot be written. */
const RETRY_MS = 1_000;

/** So many at the same time, in all processes of the data folder together. Each holds the slots it needs under a lease. */
export class SharedSlots {
  readonly #states: SharedStates;
  readonly #name: string;
  readonly #id = randomUUID();
  #max = 0;
  #running = 0;
  /** Who waits for a slot. */
  #wanting = 0;
  #held = 0;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** On the monotonic clock. */
  #renewAtMs = 0;

  constructor(states: SharedStates, name: string) {
    this.#states = states;
    this.#name = name;
  }

  /** True when there was a slot, of `max` now; it is given back by `leave`. */
  async enter(max: number): Promise<boolean> {
    this.#max = max;
    if (this.#begin()) return true;
    this.#wanting += 1;
    // What is being written may have been settled before this one came.
    if (this.#writing) await this.#writing;
    if (this.#running >= this.#held) await this.#write();
    this.#wanting -= 1;
    return this.#begin();
  }

  leave(): void {
    this.#running -= 1;
    // Where somebody leaves all the time, the lease is renewed all the same; that may be due by now.
    this.#writeAfter(Math.max(0, Math.min(KEEP_MS, this.#renewAtMs - performance.now())));
  }

  /** Gives back what nobody uses, without waiting for the lease to end. */
  async close(): Promise<void> {
    if (this.#writing) await this.#writing;
    if (this.#held > this.#running) await this.#write();
    clearTimeout(this.#timer);
  }

  #begin(): boolean {
    if (this.#running >= Math.min(this.#held, this.#max)) return false;
    this.#running += 1;
    return true;
  }

  #write(): Promise<void> {
    this.#writing ??= this.#settle().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #settle(): Promise<void> {
    let held = 0;
    const isWritten = await updateSoon(this.#states, this.#name, (stored) => {
      const nowMs = Date.now();
      const others = othersOf(stored, this.#id, nowMs);
      const free = this.#max - others.reduce((sum, [, lease]) => sum + lease.held, 0);
      held = Math.max(Math.min(free, this.#running + this.#wanting), this.#running);
      // What is given back is not used from now on; what is new only when it is written.
      this.#held = Math.min(this.#held, held);
      if (held > 0) others.push([this.#id, { held, untilMs: nowMs + LEASE_MS }]);
      return Object.fromEntries(others);
    });
    // Each process for itself, as long as they cannot tell each other.
    this.#held = isWritten ? held : this.#max;
    const renewInMs = isWritten ? RENEW_MS : RETRY_MS;
    this.#renewAtMs = performance.now() + renewInMs;
    // Who left while it was written.
    const isIdle = isWritten && this.#held > this.#running + this.#wanting;
    if (this.#held > 0) this.#writeAfter(isIdle ? KEEP_MS : renewInMs);
  }

  #writeAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), delayMs).unref();
  }
}

type Lease = { readonly held: number; readonly untilMs: number };

/** A lease that ends later than any could was given before the clock was put back. */
function othersOf(stored: JsonObject = {}, ownId: string, nowMs: number): [string, Lease][] {
  return Object.entries(stored).flatMap(([id, lease]): [string, Lease][] => {
    if (id === ownId || lease === undefined || !isJsonObject(lease)) return [];
    const { held, untilMs } = lease;
    if (typeof held !== 'number' || typeof untilMs !== 'number') return [];
    return untilMs > nowMs && untilMs <= nowMs + LEASE_MS ? [[id, { held, untilMs }]] : [];
  });
}
