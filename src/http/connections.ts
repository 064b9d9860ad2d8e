import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The sockets of the server. When there are as many as it takes, the one that has been idle longest
 * makes room: whoever holds sockets open without a use keeps nobody out.
 */
export class Connections {
  readonly #max: number;
  /** With the answer that is due, if one is. */
  readonly #open = new Map<Socket, ServerResponse | undefined>();
  /** Those without a request under way, the longest idle first. */
  readonly #idle = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  add(socket: Socket): void {
    if (this.#open.size >= this.#max) {
      const [longest] = this.#idle;
      longest?.destroy();
    }
    this.#open.set(socket, undefined);
    this.#idle.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#idle.delete(socket);
    });
  }

  /** Are there more than may be, each of them with a request? */
  get isFull(): boolean {
    return this.#open.size > this.#max;
  }

  setBusy(socket: Socket, outgoing: ServerResponse): void {
    this.#idle.delete(socket);
    this.#open.set(socket, outgoing);
    outgoing.once('close', () => {
      // A client may have sent the next request before this one was answered.
      if (this.#open.get(socket) !== outgoing) return;
      this.#open.set(socket, undefined);
      this.#idle.add(socket);
    });
  }

  /** May something be sent without breaking into an answer that has begun? */
  isBetweenAnswers(socket: Socket): boolean {
    return this.#open.get(socket)?.headersSent !== true;
  }
}
