import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Whoever connects says at once what for; who has not after this gives way to others. */
const IDLE_GRACE_MS = 100;

type Connection = {
  /** The answer that is due, if one is. */
  due: ServerResponse | undefined;
  /** Since when none has been, on the monotonic clock. */
  idleSinceMs: number;
  /** There was no room for it when it came. */
  readonly cameLate: boolean;
};

/**
 * The sockets of the server. When there are as many as it takes, the one that has been idle longest
 * makes room: whoever holds sockets open without a use keeps nobody out.
 */
export class Connections {
  readonly #max: number;
  readonly #surplusMax: number;
  readonly #open = new Map<Socket, Connection>();

  /** `surplusMax`: connections beyond `max` that are kept for long enough to be turned away in good order. */
  constructor(max: number, surplusMax: number) {
    this.#max = max;
    this.#surplusMax = surplusMax;
  }

  /** False when the socket has to go at once. */
  add(socket: Socket): boolean {
    const cameLate = this.#open.size >= this.#max && !this.#makeRoom();
    if (this.#open.size >= this.#max + this.#surplusMax) return false;
    this.#open.set(socket, { due: undefined, idleSinceMs: performance.now(), cameLate });
    socket.once('close', () => this.#open.delete(socket));
    return true;
  }

  /** A request came in. False when there is no room for its connection, so that it has to be turned away. */
  take(socket: Socket, outgoing: ServerResponse): boolean {
    const connection = this.#open.get(socket);
    if (!connection) return true;
    connection.due = outgoing;
    outgoing.on('close', () => {
      // A client may have sent the next request before this one was answered.
      if (connection.due !== outgoing) return;
      connection.due = undefined;
      connection.idleSinceMs = performance.now();
    });
    return !connection.cameLate || this.#open.size <= this.#max || this.#makeRoom();
  }

  /** May something be sent without breaking into an answer that has begun? */
  isBetweenAnswers(socket: Socket): boolean {
    return this.#open.get(socket)?.due?.headersSent !== true;
  }

  /** Ends those of which no answer is due. */
  endIdle(): void {
    for (const [socket, { due }] of this.#open) if (!due) this.#end(socket);
  }

  /** Looks at all of them, since it is full far less often than a connection becomes idle. */
  #makeRoom(): boolean {
    let longest: Socket | undefined;
    let sinceMs = performance.now() - IDLE_GRACE_MS;
    for (const [socket, { due, idleSinceMs }] of this.#open) {
      if (due || idleSinceMs > sinceMs) continue;
      longest = socket;
      sinceMs = idleSinceMs;
    }
    if (longest) this.#end(longest);
    return longest !== undefined;
  }

  #end(socket: Socket): void {
    this.#open.delete(socket);
    socket.destroy();
  }
}
