import { PassingMap } from '../core/collections/passing-map.ts';
import { Roster } from '../core/collections/roster.ts';
import { callerLeft } from '../resilience/attempt-timers.ts';
import type { CallOptions, CallProgress } from './gateway.ts';

/** Stands for everybody aboard. */
export type Crew = Required<Pick<CallOptions, 'signal' | 'onProgress'>>;

/** Work that several callers wait for: it is given up only when all of them have left. */
export interface Flights<Value> {
  /** Joins the work under way for this key, or starts it. Progress reaches everybody aboard. */
  join(key: string, passenger: CallOptions, start: (crew: Crew) => Promise<Value>): Promise<Landing<Value>>;
  /** Resolves when no work is under way. */
  drain(): Promise<void>;
}

export type Landing<Value> = { readonly value: Value; readonly role: 'leader' | 'follower' };

export function createFlights<Value>(): Flights<Value> {
  const underWay = new PassingMap<Flight<Value>>();
  const running = new Roster<Flight<Value>>();

  return {
    join(key, passenger, start) {
      if (passenger.signal.aborted) return Promise.reject(callerLeft(passenger.signal));
      const joined = underWay.get(key);
      if (joined) return joined.board(passenger, 'follower');
      const flight = new Flight<Value>(() => underWay.delete(key));
      underWay.set(key, flight);
      const entry = running.add(flight);
      // First aboard, so that it hears all progress.
      const landing = flight.board(passenger, 'leader');
      flight.takeOff(start, () => running.remove(entry));
      return landing;
    },
    async drain() {
      await Promise.all(running.items().map(({ over }) => over));
      // Whoever was aboard books the end of its request within this turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

type Seat<Value> = {
  readonly passenger: CallOptions;
  readonly role: Landing<Value>['role'];
  readonly leave: () => void;
  readonly resolve: (landing: Landing<Value>) => void;
  readonly reject: (error: unknown) => void;
};

class Flight<Value> {
  /** Resolves when it is over, however it ended. */
  over: Promise<void> | undefined;
  readonly #onClose: () => void;
  readonly #ending = new AbortController();
  #isOpen = true;
  #seats: Seat<Value>[] = [];
  #lastProgress: CallProgress | undefined;

  /** `onClose`: nobody may board from now on. */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  board(passenger: CallOptions, role: Landing<Value>['role']): Promise<Landing<Value>> {
    if (this.#lastProgress) passenger.onProgress?.(this.#lastProgress);
    return new Promise((resolve, reject) => {
      const leave = () => this.#leave(seat);
      const seat: Seat<Value> = { passenger, role, leave, resolve, reject };
      passenger.signal.addEventListener('abort', leave, { once: true });
      this.#seats.push(seat);
    });
  }

  takeOff(start: (crew: Crew) => Promise<Value>, onEnd: () => void): void {
    const onProgress = (progress: CallProgress) => {
      this.#lastProgress = progress;
      for (const { passenger } of this.#seats) passenger.onProgress?.(progress);
    };
    const end = () => {
      this.#close();
      onEnd();
      for (const { passenger, leave } of this.#seats) passenger.signal.removeEventListener('abort', leave);
    };
    this.over = start({ signal: this.#ending.signal, onProgress }).then(
      (value) => {
        end();
        for (const { resolve, role } of this.#seats) resolve({ value, role });
      },
      (error: unknown) => {
        end();
        for (const { reject } of this.#seats) reject(error);
      },
    );
  }

  /** For a second time its key may be that of another flight. */
  #close(): void {
    if (this.#isOpen) this.#onClose();
    this.#isOpen = false;
  }

  #leave(seat: Seat<Value>): void {
    const { signal } = seat.passenger;
    this.#seats = this.#seats.filter((other) => other !== seat);
    if (this.#seats.length === 0) {
      this.#close();
      this.#ending.abort(callerLeft(signal));
    }
    seat.reject(callerLeft(signal));
  }
}
