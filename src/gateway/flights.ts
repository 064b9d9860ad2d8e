import { PassingMap } from '../core/passing-map.ts';
import { Roster } from '../core/roster.ts';
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

type Flight<Value> = {
  readonly result: Promise<Value>;
  readonly controller: AbortController;
  readonly passengers: Set<CallOptions>;
  lastProgress: CallProgress | undefined;
};

export function createFlights<Value>(): Flights<Value> {
  const underWay = new PassingMap<Flight<Value>>();
  const running = new Roster<Flight<Value>>();

  function takeOff(key: string, start: (crew: Crew) => Promise<Value>): Flight<Value> {
    const controller = new AbortController();
    const passengers = new Set<CallOptions>();
    const onProgress = (progress: CallProgress) => {
      flight.lastProgress = progress;
      for (const passenger of passengers) passenger.onProgress?.(progress);
    };
    const flight: Flight<Value> = { result: fly(), controller, passengers, lastProgress: undefined };
    underWay.set(key, flight);
    const entry = running.add(flight);
    return flight;

    async function fly(): Promise<Value> {
      // A turn later, when the first passenger is aboard and hears all progress.
      await null;
      try {
        return await start({ signal: controller.signal, onProgress });
      } finally {
        if (underWay.get(key) === flight) underWay.delete(key);
        running.remove(entry);
      }
    }
  }

  return {
    async join(key, passenger, start) {
      if (passenger.signal.aborted) throw callerLeft(passenger.signal);
      const joined = underWay.get(key);
      const flight = joined ?? takeOff(key, start);
      if (flight.lastProgress) passenger.onProgress?.(flight.lastProgress);
      const value = await ride(flight, passenger, () => {
        // Nobody may join a flight that is being given up.
        if (underWay.get(key) === flight) underWay.delete(key);
      });
      return { value, role: joined ? 'follower' : 'leader' };
    },
    async drain() {
      await Promise.allSettled(running.items().map(({ result }) => result));
      // Whoever was aboard books the end of its request within this turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function ride<Value>(flight: Flight<Value>, passenger: CallOptions, onEmpty: () => void): Promise<Value> {
  const { signal } = passenger;
  flight.passengers.add(passenger);
  return new Promise((resolve, reject) => {
    const leave = () => {
      flight.passengers.delete(passenger);
      if (flight.passengers.size === 0) {
        onEmpty();
        flight.controller.abort(callerLeft(signal));
      }
      reject(callerLeft(signal));
    };
    signal.addEventListener('abort', leave, { once: true });
    flight.result.then(
      (value) => {
        signal.removeEventListener('abort', leave);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', leave);
        reject(error);
      },
    );
  });
}
