import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Roster } from '../../core/collections/roster.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { Guards } from '../guard/guards.ts';
import { ANSWERED } from '../plain-response.ts';
import type { Target } from '../router.ts';
import { BodyRoom } from './body-room.ts';
import { OpenRequest } from './open-request.ts';

const CLIENT_GONE = 'The client closed the connection before the answer was complete.';
const SWEEP_MS = 1_000;

/** The requests under way, to be counted, cut off when their reader is stuck, and ended with the server. */
export class OpenRequests {
  readonly #guards: Guards;
  readonly #logger: Logger;
  readonly #open = new Roster<OpenRequest>();
  readonly #room = new BodyRoom();
  readonly #sweep: NodeJS.Timeout;
  #onEmpty: (() => void) | undefined;

  constructor(guards: Guards, logger: Logger) {
    this.#guards = guards;
    this.#logger = logger;
    this.#sweep = setInterval(() => this.#cutStuckReaders(), SWEEP_MS).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  add(incoming: IncomingMessage, outgoing: ServerResponse, target: Target): OpenRequest {
    const { settings, mask } = this.#guards.current;
    const request = new OpenRequest(incoming, outgoing, target, {
      settings,
      mask,
      logger: this.#logger,
      room: this.#room,
    });
    const entry = this.#open.add(request);
    const letGo = () => {
      this.#open.remove(entry);
      request.letGoOfBody();
      if (this.#open.size === 0) this.#onEmpty?.();
    };
    outgoing.on(ANSWERED, letGo).on('close', () => {
      if (!outgoing.writableFinished) request.abort(new GatewayError('cancelled', CLIENT_GONE));
      letGo();
    });
    return request;
  }

  /** Resolves when none is left, at the latest after `waitMs`. */
  async whenEmpty(waitMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.#onEmpty = resolve;
    await promise;
    clearTimeout(timer);
  }

  /** Ends those whose body is still on its way. */
  abortUnread(reason: GatewayError): void {
    for (const request of this.#open.items()) {
      if (!request.incoming.complete && !request.outgoing.headersSent) request.abort(reason);
    }
  }

  abortAll(reason: GatewayError): void {
    for (const request of this.#open.items()) request.abort(reason);
  }

  stop(): void {
    clearInterval(this.#sweep);
  }

  #cutStuckReaders(): void {
    const nowMs = performance.now();
    for (const request of this.#open.items()) {
      const { socket, writableNeedDrain, writableEnded, writableLength } = request.outgoing;
      const isWaiting = writableNeedDrain || (writableEnded && writableLength > 0);
      // One without a socket waits for its turn, behind an answer that was asked for before it.
      if (!isWaiting || socket === null) {
        request.stuck = undefined;
        continue;
      }
      const bytesTaken = bytesTakenFrom(socket);
      if (request.stuck?.bytesTaken !== bytesTaken) request.stuck = { sinceMs: nowMs, bytesTaken };
      else if (nowMs - request.stuck.sinceMs > request.settings.stalledReaderMs) request.cut();
    }
  }
}

type Queue = { readonly _handle?: { readonly writeQueueSize: number } | null };

/**
 * What the system has taken of all that was written. Of one large piece only the queue tells how far it is; by it
 * Node itself tells slow readers from those that are gone (`lib/net.js`, `_onTimeout`).
 */
function bytesTakenFrom(socket: Socket): number {
  const { bytesWritten, _handle: handle } = socket as Socket & Queue;
  return bytesWritten - (handle?.writeQueueSize ?? 0);
}
