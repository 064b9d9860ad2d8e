import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Whoever connects says at once what for; who has not after this gives way to others. */
const IDLE_GRACE_MS = 100;

type Connection = {
  /** The answer that is due, if one is. */
  due: ServerResponse | undefined;
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
  /**
   * Those of which no answer is due and since when, on the monotonic clock, the longest idle first: in a rush room is
   * looked for with each connection, however many there are.
   */
  readonly #idle = new Map<Socket, number>();

  /** `surplusMax`: connections beyond `max` that are kept for long enough to be turned away in good order. */
  constructor(max: number, surplusMax: number) {
    this.#max = max;
    this.#surplusMax = surplusMax;
  }

  /** False when the socket has to go at once. */
  add(socket: Socket): boolean {
    const cameLate = this.#open.size >= this.#max && !this.#makeRoom();
    if (this.#open.size >= this.#max + this.#surplusMax) return false;
    this.#open.set(socket, { due: undefined, cameLate });
    this.#idle.set(socket, performance.now());
    socket.once('close', () => this.#forget(socket));
    return true;
  }

  /** A request came in. False when there is no room for its connection, so that it has to be turned away. */
  take(socket: Socket, outgoing: ServerResponse): boolean {
    const connection = this.#open.get(socket);
    if (!connection) return true;
    connection.due = outgoing;
    this.#idle.delete(socket);
    outgoing.on('close', () => {
      // A client may have sent the next request before this one was answered.
      if (connection.due !== outgoing) return;
      connection.due = undefined;
      if (this.#open.has(socket)) this.#idle.set(socket, performance.now());
    });
    return !connection.cameLate || this.#open.size <= this.#max || this.#makeRoom();
  }

  /** May something be sent without breaking into an answer that has begun? */
  isBetweenAnswers(socket: Socket): boolean {
    return this.#open.get(socket)?.due?.headersSent !== true;
  }

  /** Ends those of which no answer is due. */
  endIdle(): void {
    for (const socket of this.#idle.keys()) this.#end(socket);
  }

  #makeRoom(): boolean {
    const [longest] = this.#idle;
    if (!longest || performance.now() - longest[1] < IDLE_GRACE_MS) return false;
    this.#end(longest[0]);
    return true;
  }

  #end(socket: Socket): void {
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket);
    this.#idle.delete(socket);
  }
}
