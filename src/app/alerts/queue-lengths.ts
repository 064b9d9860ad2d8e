import { isJsonObject, type JsonObject } from '../../core/json/json.ts';
import type { Clock, SharedStates } from '../../core/ports.ts';

const STATE = 'queue-lengths';
/** What a process said counts for so long: it may have been killed. */
const FRESH_MS = 60_000;

export type QueueLengthsParts = {
  readonly states: SharedStates;
  readonly clock: Clock;
  /** Names this process among those of the data folder. */
  readonly process: string;
  /** How many wait here. */
  readonly own: () => number;
};

/** How many requests wait in all processes of a data folder. Written only where some do. */
export class QueueLengths {
  readonly #parts: QueueLengthsParts;
  #said = 0;

  constructor(parts: QueueLengthsParts) {
    this.#parts = parts;
  }

  /** Tells the others. */
  async publish(): Promise<void> {
    const { states, clock, process, own } = this.#parts;
    const length = own();
    if (length === 0 && this.#said === 0) return;
    const nowMs = clock.nowMs();
    const isWritten = await states.update(STATE, (stored = {}) => {
      const { [process]: _, ...others } = stored;
      const fresh = Object.entries(others).filter(([, entry]) => isFresh(entry, nowMs));
      return { ...Object.fromEntries(fresh), ...(length > 0 && { [process]: { length, atMs: nowMs } }) };
    });
    if (isWritten) this.#said = length;
  }

  total(): number {
    const { states, clock, process, own } = this.#parts;
    const { [process]: _, ...others }: JsonObject = states.read(STATE) ?? {};
    const nowMs = clock.nowMs();
    return Object.values(others).reduce<number>(
      (sum, entry) => sum + (isFresh(entry, nowMs) ? entry.length : 0),
      own(),
    );
  }
}

function isFresh(entry: unknown, nowMs: number): entry is { readonly length: number; readonly atMs: number } {
  if (!isJsonObject(entry) || typeof entry.length !== 'number' || typeof entry.atMs !== 'number') return false;
  return Math.abs(nowMs - entry.atMs) < FRESH_MS;
}
