import { GatewayError } from '../../core/errors.ts';
import { FairLine } from './fair-line.ts';

/** Nobody waits longer before his request is read: who would have to is told to come back, at once. */
const WAIT_MAX_MS = 1_000;
/** How a line moves is believed after so much of it; until then a burst, or a start with nothing warm, looks like overload. */
const WATCHED_MS_MIN = 250;
/** A line that stalled for a moment is no reason to stay away for long. */
const RETRY_MS_MAX = 10_000;
/**
 * How long a turn of the event loop should take when there is more to do than can be done: what it begins it has to
 * go on with in later turns, and who is refused waits for the end of one.
 */
const TURN_MS = 14;
/** Of a turn, what may be spent on requests that begin in it. */
const SHARE_MS = { first: 6, min: 2, max: 12 } as const;
/** A single stall, such as a disk that hangs or a machine that is busy, says little of the turns after it. */
const TURN_COUNTED_MS_MAX = 3 * TURN_MS;
/** What the turns before count for in the measure of how fast the line moves. */
const MEMORY = 0.95;
/** Steps into the gateway planned for one turn. */
const STEPS_MAX = 64;
/**
 * libuv accepts one connection in a turn (https://github.com/libuv/libuv/pull/3696). While more come nothing else is begun for so long, or a rush of
 * new connections would wait unheard in the system's own line.
 */
const LISTENING_MS_MAX = 15;

/** A request whose headers were read, and nothing else of it. */
export type Arrival = {
  /** Whom it counts for: those who wait take turns by this. Asked only when there is a line. */
  readonly group: () => string;
  /** Called at most once, now or in a later turn. */
  readonly proceed: () => void;
  /** Calls back when the client is gone. */
  readonly onGone: (leave: () => void) => void;
};

export type EntranceOptions = {
  /** How many are inside, those that only stream included. */
  readonly inside: () => number;
  /** How many may be inside and in the line together. */
  readonly max: () => number;
};

/**
 * Lets requests begin only as fast as the event loop keeps up with what has begun: a rush waits in a line, with its
 * bodies unread, and takes turns by group. Where the line moves too slowly for one more, that one is refused at
 * once, before anything was spent on it, so that the others are answered in time.
 */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #line = new FairLine<() => void>();
  #shareMs: number = SHARE_MS.first;
  /** When the first request of this turn began, on the monotonic clock. */
  #turnBeganMs: number | undefined;
  #isTurnPlanned = false;
  /** A connection was accepted in this turn, so that there may be more. */
  #hasNewcomer = false;
  #listeningSinceMs: number | undefined;
  /** Then the steps of a turn are taken, whoever comes: a flood of connections would keep all others out. */
  #hasListened = false;
  /** Of this turn: may steps be taken? */
  #isListening = false;
  /** When the turn before began that took steps, if somebody was left in the line; and the listening since then. */
  #lastTurnMs: number | undefined;
  #listenedMs = 0;
  /** Of the line, since then. */
  #begun = 0;
  /** The line there is now: how it has moved, most of all lately, and for how long that was watched. */
  #moved = { spanMs: 0, count: 0, watchedMs: 0 };

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Undefined when the request was let in, or will be; else why it has to go. */
  enter({ group, proceed, onGone }: Arrival): GatewayError | undefined {
    if (this.#options.inside() + this.#line.size >= this.#options.max()) return overloaded();
    if (this.#line.size === 0 && this.#hasTime()) {
      proceed();
      return undefined;
    }
    const name = group();
    const waitMs = this.#line.countBefore(name) * this.#paceMs();
    if (waitMs > WAIT_MAX_MS) return overloaded(Math.min(waitMs, RETRY_MS_MAX));
    const waiting = this.#line.add(name, proceed);
    onGone(() => this.#line.remove(waiting));
    return undefined;
  }

  /** A connection was accepted. */
  noteConnection(): void {
    this.#hasNewcomer = true;
    this.#planTurn();
  }

  /** All that wait begin now: nobody else will come. */
  letAllIn(): void {
    for (let next = this.#line.next(); next; next = this.#line.next()) next();
  }

  /** Between two that begin, as far as this line tells already, in milliseconds; else 0. */
  #paceMs(): number {
    const { spanMs, count, watchedMs } = this.#moved;
    return watchedMs < WATCHED_MS_MIN ? 0 : spanMs / count;
  }

  /** Is there anything left of what this turn may spend on beginnings? */
  #hasTime(): boolean {
    if (this.#hasNewcomer) return false;
    const nowMs = performance.now();
    if (this.#turnBeganMs !== undefined) return nowMs - this.#turnBeganMs < this.#shareMs;
    this.#turnBeganMs = nowMs;
    this.#planTurn();
    return true;
  }

  #planTurn(): void {
    if (this.#isTurnPlanned) return;
    this.#isTurnPlanned = true;
    setImmediate(this.#onTurn);
  }

  /** Runs before the steps it planned a turn ago: immediates keep their order. */
  #onTurn = (): void => {
    this.#isTurnPlanned = false;
    this.#turnBeganMs = undefined;
    if (this.#line.size === 0) {
      this.#hasNewcomer = false;
      this.#lastTurnMs = undefined;
      this.#moved = { spanMs: 0, count: 0, watchedMs: 0 };
      return;
    }
    this.#planTurn();
    const nowMs = performance.now();
    this.#isListening = this.#listens(nowMs);
    this.#hasNewcomer = false;
    if (this.#isListening) return;
    if (this.#lastTurnMs !== undefined && this.#begun > 0) this.#learn(nowMs - this.#lastTurnMs);
    this.#begun = 0;
    this.#listenedMs = 0;
    this.#lastTurnMs = nowMs;
    for (let left = Math.min(this.#line.size, STEPS_MAX); left > 0; left -= 1) setImmediate(this.#step);
  };

  /** Are there more connections to be accepted before anything else is begun? */
  #listens(nowMs: number): boolean {
    if (this.#hasListened) {
      this.#hasListened = false;
      return false;
    }
    if (this.#hasNewcomer) this.#listeningSinceMs ??= nowMs;
    const sinceMs = this.#listeningSinceMs;
    if (sinceMs === undefined) return false;
    if (this.#hasNewcomer && nowMs - sinceMs < LISTENING_MS_MAX) return true;
    this.#listenedMs += nowMs - sinceMs;
    this.#listeningSinceMs = undefined;
    this.#hasListened = true;
    return false;
  }

  /** One request: between two steps everything is done that follows from the first at once. */
  #step = (): void => {
    if (this.#line.size === 0 || this.#isListening || !this.#hasTime()) return;
    this.#begun += 1;
    this.#line.next()?.();
  };

  /** How long a turn took tells what the next may begin, and when who joins the line now is served. */
  #learn(spanMs: number): void {
    const turnMs = Math.min(spanMs - this.#listenedMs, TURN_COUNTED_MS_MAX);
    const countedMs = turnMs + Math.min(this.#listenedMs, LISTENING_MS_MAX);
    this.#moved.spanMs = this.#moved.spanMs * MEMORY + countedMs;
    this.#moved.count = this.#moved.count * MEMORY + this.#begun;
    this.#moved.watchedMs += countedMs;
    const fittingMs = this.#shareMs * (TURN_MS / Math.max(turnMs, 1));
    this.#shareMs = Math.min(Math.max((this.#shareMs + fittingMs) / 2, SHARE_MS.min), SHARE_MS.max);
  }
}

/** By the seconds to wait: in a rush there are thousands a second, and an error's stack costs more than all else of it. */
const refusals = new Map<number, GatewayError>();

/** Too many requests at once: whoever comes back when the line has moved on has a chance. */
export function overloaded(waitMs = 0): GatewayError {
  const waitS = Math.max(1, Math.ceil(waitMs / 1_000));
  const known = refusals.get(waitS);
  if (known) return known;
  const error = new GatewayError('provider_overloaded', 'Signalbox has as many requests under way as it takes.', {
    hint: 'Try again shortly.',
    retryAfterMs: waitS * 1_000,
  });
  refusals.set(waitS, error);
  return error;
}
