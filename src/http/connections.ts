import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { ANSWERED } from './plain-response.ts';

/**
 * Whoever connects says at once what for; who has not after this gives way to others. And who was answered so lately may
 * have sent the next request already: at the end he is told so instead of losing his connection.
 */
export const IDLE_GRACE_MS = 100;

/**
 * Requests that a connection may have under way, sent one behind the other. Hardly any client does that, and no more than
 * 16 deep; of small ones Node reads a thousand at a time, and each takes some 8 KB as long as nobody reads the answers.
 */
const DUE_MAX = 32;

type Connection = {
  readonly socket: Socket;
  /** The answers that are due or have not ended, in the order of their requests: the first alone is on the wire. */
  readonly due: ServerResponse[];
  /** Nobody waits for anything on it. */
  isIdle: boolean;
  /** One of those that are served; any other waits to be turned away, or for a place that is left meanwhile. */
  hasPlace: boolean;
  /** Since when, on the monotonic clock. */
  idleSinceMs: number;
  /** Its neighbours in the line of those that are idle. */
  before: Connection | undefined;
  after: Connection | undefined;
};

/**
 * The sockets of the server. When there are as many as it takes, the one that has been idle longest
 * makes room: whoever holds sockets open without a use keeps nobody out.
 */
export class Connections {
  readonly #max: number;
  readonly #surplusMax: number;
  readonly #open = new Map<Socket, Connection>();
  /**
   * The ends of the line of those that are idle. In a rush room is looked for with each connection, so nobody may have
   * to look at all of them; and of a `Map` that changes with every request V8 keeps the old tables (see `Roster`).
   */
  #longestIdle: Connection | undefined;
  #lastIdle: Connection | undefined;
  #placesTaken = 0;
  #isEnding = false;
  #endsIdle: NodeJS.Timeout | undefined;

  /** `surplusMax`: connections beyond `max` that are kept for long enough to be turned away in good order. */
  constructor(max: number, surplusMax: number) {
    this.#max = max;
    this.#surplusMax = surplusMax;
  }

  /** False when the socket has to go at once. */
  add(socket: Socket): boolean {
    const hasPlace = this.#findPlace();
    if (!hasPlace && this.#open.size >= this.#max + this.#surplusMax && !this.#giveUp(this.#longestIdle)) return false;
    const neighbours = { before: undefined, after: undefined };
    const connection: Connection = { socket, due: [], isIdle: false, hasPlace, idleSinceMs: 0, ...neighbours };
    if (hasPlace) this.#placesTaken += 1;
    this.#open.set(socket, connection);
    this.#lineUp(connection);
    socket.once('close', () => {
      this.#forget(connection);
      for (const outgoing of connection.due) if (outgoing.socket === null) endUnsent(outgoing);
    });
    return true;
  }

  /** A request came in. False when there is no room for its connection, so that it has to be turned away. */
  take(socket: Socket, outgoing: ServerResponse): boolean {
    const connection = this.#open.get(socket);
    if (!connection) return true;
    this.#leaveLine(connection);
    const { due } = connection;
    due.push(outgoing);
    // A client may have sent the next request before this one was answered.
    outgoing.on(ANSWERED, () => due.at(-1) === outgoing && this.#lineUp(connection));
    outgoing.on('close', () => {
      due.splice(due.indexOf(outgoing), 1);
      if (due.length === 0) this.#lineUp(connection);
    });
    if (!connection.hasPlace && this.#findPlace()) {
      connection.hasPlace = true;
      this.#placesTaken += 1;
    }
    return connection.hasPlace;
  }

  /** Are there as many answers due on a connection as there may be? */
  isFull(socket: Socket): boolean {
    return (this.#open.get(socket)?.due.length ?? 0) >= DUE_MAX;
  }

  /** The answer that a connection waits for first, or that is under way: nothing may be sent into one that has begun. */
  dueAt(socket: Socket): ServerResponse | undefined {
    return this.#open.get(socket)?.due[0];
  }

  /** Ends each that has been idle for a moment, the others when they are; with the answer that is due its client hears so where that can still be said. */
  end(): void {
    this.#isEnding = true;
    this.#endIdle();
    for (const { due } of this.#open.values()) {
      const last = due.at(-1);
      if (last && !last.headersSent) last.shouldKeepAlive = false;
    }
  }

  /** Only who has a place can make room: of those without there may be many more than places, and all would be served. */
  #findPlace(): boolean {
    if (this.#placesTaken < this.#max) return true;
    let longest = this.#longestIdle;
    // No more of them are passed over than are kept to be turned away.
    while (longest && !longest.hasPlace) longest = longest.after;
    return this.#giveUp(longest);
  }

  #giveUp(connection: Connection | undefined): boolean {
    if (!connection || performance.now() - connection.idleSinceMs < IDLE_GRACE_MS) return false;
    this.#end(connection);
    return true;
  }

  #end(connection: Connection): void {
    this.#forget(connection);
    connection.socket.destroy();
  }

  #endIdle(): void {
    clearTimeout(this.#endsIdle);
    const nowMs = performance.now();
    while (this.#longestIdle && nowMs - this.#longestIdle.idleSinceMs >= IDLE_GRACE_MS) this.#end(this.#longestIdle);
    if (!this.#longestIdle) return;
    const leftMs = this.#longestIdle.idleSinceMs + IDLE_GRACE_MS - nowMs;
    this.#endsIdle = setTimeout(() => this.#endIdle(), Math.ceil(leftMs)).unref();
  }

  #forget(connection: Connection): void {
    if (this.#open.delete(connection.socket) && connection.hasPlace) this.#placesTaken -= 1;
    this.#leaveLine(connection);
  }

  #lineUp(connection: Connection): void {
    if (connection.isIdle || !this.#open.has(connection.socket)) return;
    connection.isIdle = true;
    connection.idleSinceMs = performance.now();
    connection.before = this.#lastIdle;
    if (this.#lastIdle) this.#lastIdle.after = connection;
    else this.#longestIdle = connection;
    this.#lastIdle = connection;
    if (this.#isEnding) this.#endIdle();
  }

  #leaveLine(connection: Connection): void {
    if (!connection.isIdle) return;
    connection.isIdle = false;
    const { before, after } = connection;
    if (before) before.after = after;
    else this.#longestIdle = after;
    if (after) after.before = before;
    else this.#lastIdle = before;
    connection.before = undefined;
    connection.after = undefined;
  }
}

/**
 * Has an answer hear that its connection is closed which waited there behind another. Node forgets these when it hands a
 * socket out, for CONNECT, and Node 22 always: their requests would be under way for ever.
 */
function endUnsent(outgoing: ServerResponse): void {
  const closed = new Socket();
  closed.destroy();
  outgoing.assignSocket(closed);
}
