import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { SecretMask } from '../core/secret-mask.ts';
import type { HttpApp } from './create-http-app.ts';
import { type Entrance, overloaded } from './guard/entrance.ts';
import type { Guards } from './guard/guards.ts';
import type { HttpServices } from './http-types.ts';
import { errorReply } from './reply/error-reply.ts';
import { nameRefusal } from './reply/name-refusal.ts';
import { corsHeaders } from './reply/preflight.ts';
import { writeReply } from './reply/reply.ts';
import type { OpenRequests } from './request/open-requests.ts';
import { toOriginForm } from './request/to-origin-form.ts';
import type { Router, Target } from './router.ts';

/** So much of a refused request is read, so that its connection can be kept. */
const LEFT_TO_READ_BYTES_MAX = 262_144;

type DoorParts = {
  readonly router: Router;
  readonly app: HttpApp;
  readonly guards: Guards;
  readonly openRequests: OpenRequests;
  readonly entrance: Entrance;
  readonly services: HttpServices;
};

/** What a request comes to before the application: it is let in, waits until there is time for it, or has to go. */
export class Door {
  readonly #parts: DoorParts;
  #isClosed = false;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Nobody comes in any more, but for those who look after the service. */
  close(): void {
    this.#isClosed = true;
  }

  targetOf({ method = '', url = '', headers }: IncomingMessage): Target {
    return this.#parts.router.find(method, url, headers);
  }

  /** `isTurnedAway`: there is no room for its connection. */
  take(incoming: IncomingMessage, outgoing: ServerResponse, isTurnedAway: boolean): void {
    const { app, guards, openRequests, services } = this.#parts;
    toOriginForm(incoming);
    const target = this.targetOf(incoming);
    const isExempted = isExempt(target);
    const noEntry = this.#isClosed
      ? shuttingDown('the request was not begun')
      : isTurnedAway
        ? overloaded()
        : undefined;
    const refused = (!isExempted && noEntry) || guards.current.screen.check(incoming);
    if (noEntry) outgoing.shouldKeepAlive = false;
    if (refused) {
      outgoing.shouldKeepAlive = false;
      refuse(outgoing, target, nameRefusal(services, refused), guards.current.mask);
      return;
    }
    const { origin } = incoming.headers;
    if (origin !== undefined) outgoing.setHeaders(new Map(Object.entries(corsHeaders(origin))));
    const answer = () => void app(openRequests.add(incoming, outgoing, target));
    if (isExempted) answer();
    else this.#letIn(incoming, outgoing, { target, answer });
  }

  #letIn(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { target, answer }: { readonly target: Target; readonly answer: () => void },
  ): void {
    const { entrance, guards, services } = this.#parts;
    const crowded = entrance.enter({
      group: () => guards.current.gatekeeper.groupOf(incoming),
      proceed: answer,
      onGone: (leave) => outgoing.once('close', leave),
    });
    if (!crowded) return;
    // Another connection would cost both sides more than reading what is left of a small request.
    if (!isSoonOver(incoming)) outgoing.shouldKeepAlive = false;
    // Without an id or a line in the log: where too many come, turning them away has to cost little.
    services.operations.countRefusal(crowded.code);
    refuse(outgoing, target, crowded);
  }
}

/** Those who run the service have to see it above all when there is too much to do. */
function isExempt({ route }: Target): boolean {
  return route !== undefined && (route.access === 'open' || route.dialect === 'plain');
}

/** Is so little left to read of it that the connection can be kept? */
function isSoonOver({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || headers.expect !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= LEFT_TO_READ_BYTES_MAX;
}

/** What a request is told that a server which ends has no time for. */
export function shuttingDown(what: string): GatewayError {
  return new GatewayError('provider_unavailable', `Signalbox is shutting down, and ${what}.`, {
    hint: 'Send the request again.',
  });
}

/** An answer without the application: for requests of which nothing is to be believed. `mask` where the error quotes them. */
function refuse(outgoing: ServerResponse, { dialect }: Target, error: GatewayError, mask?: SecretMask): void {
  writeReply(outgoing, errorReply(dialect, error, mask && { mask }));
}
