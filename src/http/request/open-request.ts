import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GatewayError, toDefectFields, toGatewayError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { CallerInfo } from '../../core/request.ts';
import type { SecretMask } from '../../core/secret-mask.ts';
import type { Recording } from '../guard/recording.ts';
import type { HttpSettings } from '../http-settings.ts';
import type { Dialect, Route } from '../http-types.ts';
import type { Target } from '../router.ts';
import type { BodyRoom } from './body-room.ts';

/** What all requests of a server have in common. */
type CommonToRequests = {
  readonly settings: HttpSettings;
  readonly mask: SecretMask;
  readonly logger: Logger;
  readonly room: BodyRoom;
};

/** A request from its headers to the last byte of its answer: what handlers are given. */
export class OpenRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Of the request, decoded and without its query. */
  readonly path: string;
  /** Undefined when there is nothing at its path. */
  readonly route: Route | undefined;
  /** What the path holds in the places that its route names. */
  readonly params: Target['params'];
  /** In whose words it is answered. */
  readonly dialect: Dialect;
  readonly settings: HttpSettings;
  /** For every text of an error that goes to the caller. */
  readonly mask: SecretMask;
  /** Since when the reader has taken nothing of an answer that waits for him, on the monotonic clock, and how much before. */
  stuck: { readonly sinceMs: number; readonly bytesTaken: number } | undefined;
  /** A body that was read before its handler asks for it. */
  heldBody: Buffer | undefined;
  /** Where a stream is kept whose request may be repeated. */
  recording: Recording | undefined;
  readonly #logger: Logger;
  readonly #room: BodyRoom;
  #bodyBytes = 0;
  #caller: CallerInfo | undefined;
  readonly #ending = new AbortController();
  #reason: GatewayError | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, target: Target, shared: CommonToRequests) {
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.path = target.path;
    this.route = target.route;
    this.params = target.params;
    this.dialect = target.dialect;
    this.settings = shared.settings;
    this.mask = shared.mask;
    this.#logger = shared.logger;
    this.#room = shared.room;
  }

  /** Is there room for so much more of its body, beside those of the others? */
  hasRoomFor(bytes: number): boolean {
    return this.#room.fits(bytes, this.#bodyBytes);
  }

  /** So much more of its body has come. */
  holdBody(bytes: number): void {
    this.#bodyBytes += bytes;
    this.#room.take(bytes);
  }

  letGoOfBody(): void {
    this.#room.giveBack(this.#bodyBytes);
    this.#bodyBytes = 0;
  }

  /** Leaves the body's room to work that goes on without the client, until what is returned is called. */
  handOverBody(): () => void {
    const bytes = this.#bodyBytes;
    this.#bodyBytes = 0;
    return () => this.#room.giveBack(bytes);
  }

  /** Who was let in. Throws where that is nobody: in a handler with `access: 'open'`. */
  get caller(): CallerInfo {
    if (!this.#caller) throw new Error('the caller of a request was asked for before anybody was let in');
    return this.#caller;
  }

  letIn(caller: CallerInfo): void {
    this.#caller = caller;
  }

  get query(): URLSearchParams {
    const { url = '' } = this.incoming;
    const start = url.indexOf('?');
    return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  }

  /** Aborts when the client goes or the server ends; its reason is a `GatewayError`. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Why the request was ended before its answer; undefined while it runs. */
  get endReason(): GatewayError | undefined {
    return this.#reason;
  }

  abort(reason: GatewayError): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#ending.abort(reason);
  }

  /** Whatever was thrown, as the caller may know it; a defect goes to the log. */
  fail(thrown: unknown): GatewayError {
    const error = toGatewayError(thrown);
    if (error.code === 'internal') this.#logger.error(toDefectFields(error), 'a request failed inside');
    return error;
  }

  /** Takes the socket away from a client that will not read. */
  cut(): void {
    this.incoming.socket.destroy();
  }
}
