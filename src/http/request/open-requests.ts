import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError, toDefectFields, toGatewayError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import { Roster } from '../../core/roster.ts';
import type { SecretMask } from '../../core/secret-mask.ts';
import type { Guards } from '../guard/guards.ts';
import type { Recording } from '../guard/recording.ts';
import type { HttpSettings } from '../http-settings.ts';

type Surroundings = {
  readonly settings: HttpSettings;
  readonly mask: SecretMask;
  readonly logger: Logger;
};

/** A request from its headers to the last byte of its answer. */
export class OpenRequest {
  readonly outgoing: ServerResponse;
  readonly settings: HttpSettings;
  /** For every text of an error that goes to the caller. */
  readonly mask: SecretMask;
  /** Since when the reader has taken nothing of an answer that waits for him, on the monotonic clock. */
  stuckSinceMs: number | undefined;
  /** A body that was read before its handler asks for it. */
  heldBody: Buffer | undefined;
  /** Where a stream is kept whose request may be repeated. */
  recording: Recording | undefined;
  readonly #incoming: IncomingMessage;
  readonly #logger: Logger;
  #controller: AbortController | undefined;
  #reason: GatewayError | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, { settings, mask, logger }: Surroundings) {
    this.#incoming = incoming;
    this.outgoing = outgoing;
    this.settings = settings;
    this.mask = mask;
    this.#logger = logger;
  }

  /** Aborts when the client goes or the server ends; its reason is a `GatewayError`. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Why the request was ended before its answer; undefined while it runs. */
  get endReason(): GatewayError | undefined {
    return this.#reason;
  }

  abort(reason: GatewayError): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** Whatever was thrown, as the caller may know it; a defect goes to the log. */
  fail(thrown: unknown): GatewayError {
    const error = toGatewayError(thrown);
    if (error.code === 'internal') this.#logger.error(toDefectFields(error), 'a request failed inside');
    return error;
  }

  /** Takes the socket away from a client that will not read. */
  cut(): void {
    this.#incoming.socket.destroy();
  }
}

const CLIENT_GONE = 'The client closed the connection before the answer was complete.';
const SWEEP_MS = 1_000;

/** The requests under way, to be counted, cut off when their reader is stuck, and ended with the server. */
export class OpenRequests {
  readonly #guards: Guards;
  readonly #logger: Logger;
  readonly #open = new Roster<OpenRequest>();
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

  add(incoming: IncomingMessage, outgoing: ServerResponse): OpenRequest {
    const { settings, mask } = this.#guards.current;
    const request = new OpenRequest(incoming, outgoing, { settings, mask, logger: this.#logger });
    const entry = this.#open.add(request);
    outgoing.on('close', () => {
      this.#open.remove(entry);
      if (!outgoing.writableFinished) request.abort(new GatewayError('cancelled', CLIENT_GONE));
      if (this.#open.size === 0) this.#onEmpty?.();
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

  /** No further request on these connections. */
  endConnections(): void {
    for (const { outgoing } of this.#open.items()) {
      if (!outgoing.headersSent) outgoing.shouldKeepAlive = false;
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
      const { writableNeedDrain, writableEnded, writableLength } = request.outgoing;
      const isWaiting = writableNeedDrain || (writableEnded && writableLength > 0);
      if (!isWaiting) request.stuckSinceMs = undefined;
      else if (request.stuckSinceMs === undefined) request.stuckSinceMs = nowMs;
      else if (nowMs - request.stuckSinceMs > request.settings.stalledReaderMs) request.cut();
    }
  }
}
