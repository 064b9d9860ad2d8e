import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { GatewayError, toDefectFields, toGatewayError } from '../core/errors.ts';
import type { SharedStates } from '../core/ports.ts';
import { createHttpApp } from './create-http-app.ts';
import { Entrance, overloaded } from './guard/entrance.ts';
import { Guards } from './guard/guards.ts';
import type { HttpSettings } from './http-settings.ts';
import type { HttpServices, Route } from './http-types.ts';
import { createNodeServer } from './node-server.ts';
import { errorBody } from './reply/error-body.ts';
import { corsHeaders } from './reply/preflight.ts';
import { dialectOf } from './reply/refuse-path.ts';
import { errorHeaders, sendError } from './reply/send-error.ts';
import { OpenRequests } from './request/open-requests.ts';
import { ROUTES } from './routes.ts';

export type HttpServerOptions = {
  readonly settings: HttpSettings;
  readonly services: HttpServices;
  readonly routes?: readonly Route[];
  /** Where limits of a token are counted, for all processes together; of this one alone when absent. */
  readonly states?: SharedStates;
};

export interface HttpServer {
  /** `http://127.0.0.1:8787`, without a slash at its end. */
  readonly url: string;
  /** Other tokens, names and limits from the next request on. Address, port and connections stay as they are. */
  apply(settings: HttpSettings): void;
  /**
   * Takes no more requests, lets those under way finish for `drainMs` at most, then ends the rest:
   * their signals abort, streams end with an error event. Resolves when all sockets are closed.
   */
  close(drainMs: number): Promise<void>;
}

/** For requests that were ended to say so, and to be booked. */
const ENDING_MS = 2_000;
/** Connections that the system keeps until they are accepted, if it lets us: beyond it clients try again a second later. */
const BACKLOG = 4_096;
const LEFT_TO_READ_BYTES_MAX = 262_144;

/** Listens. Rejects with Node's own error when the address cannot be had. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { settings, services, routes = ROUTES } = options;
  const { logger, operations } = services;
  const guards = new Guards(settings, options.states);
  const openRequests = new OpenRequests(guards, logger);
  const entrance = new Entrance({
    inside: () => openRequests.size,
    max: () => guards.current.settings.requestsMax,
  });
  operations.watchInFlight(() => openRequests.size);
  operations.watchWaiting(() => entrance.waiting);
  const exempt = new Set(routes.filter(isExempt).map(({ path }) => path));
  const app = createHttpApp({ routes, services, guards });
  const answer = getRequestListener(
    (request, env) => {
      const { incoming, outgoing } = env as HttpBindings;
      return app.fetch(request, { incoming, outgoing, open: openRequests.add(incoming, outgoing) });
    },
    { errorHandler: (thrown) => sendError('openai', toOutsideError(thrown, services), guards.current) },
  );
  let isEnding = false;
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse, isTurnedAway: boolean) => {
    if (isEnding) outgoing.shouldKeepAlive = false;
    const refused = isTurnedAway ? overloaded() : guards.current.screen.check(incoming);
    if (refused) {
      operations.countRefusal(refused.code);
      outgoing.shouldKeepAlive = false;
      return refuse(incoming, outgoing, refused);
    }
    const { origin } = incoming.headers;
    if (origin !== undefined) outgoing.setHeaders(new Map(Object.entries(corsHeaders(origin))));
    if (exempt.has(pathOf(incoming))) return void answer(incoming, outgoing);
    const crowded = entrance.enter({
      group: () => guards.current.gatekeeper.groupOf(incoming),
      proceed: () => void answer(incoming, outgoing),
      onGone: (leave) => outgoing.once('close', leave),
    });
    if (!crowded) return;
    operations.countRefusal(crowded.code);
    // Another connection would cost both sides more than reading what is left of a small request.
    if (!isSoonOver(incoming)) outgoing.shouldKeepAlive = false;
    refuse(incoming, outgoing, crowded);
  };
  const server = createNodeServer({ settings, logger, onRequest });
  server.on('connection', () => entrance.noteConnection());
  await listen(server, settings);
  server.on('error', ({ code }: NodeJS.ErrnoException) => logger.warn({ code }, 'a connection could not be accepted'));
  return {
    url: urlOf(server, settings.host),
    apply: (changed) => guards.apply(changed),
    async close(drainMs) {
      isEnding = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      entrance.letAllIn();
      openRequests.endConnections();
      await openRequests.whenEmpty(drainMs);
      openRequests.abortAll(shuttingDown());
      await openRequests.whenEmpty(ENDING_MS);
      server.closeAllConnections();
      openRequests.stop();
      await closed;
      await guards.close();
    },
  };
}

/** Those who run the service have to see it above all when there is too much to do. */
function isExempt({ access, dialect }: Route): boolean {
  return access === 'open' || dialect === 'plain';
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** Is so little left to read of it that the connection can be kept? */
function isSoonOver({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || headers.expect !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= LEFT_TO_READ_BYTES_MAX;
}

/** What went wrong outside of the application: hardly ever ours, since it sees all errors. */
function toOutsideError(thrown: unknown, { logger }: HttpServices): GatewayError {
  if (thrown instanceof Error && thrown.name === 'RequestError') {
    return new GatewayError('invalid_request', 'The path of the request is not valid.');
  }
  const error = toGatewayError(thrown);
  logger.error(toDefectFields(error), 'a request failed inside');
  return error;
}

function shuttingDown(): GatewayError {
  return new GatewayError('provider_unavailable', 'Signalbox is shutting down, and the answer was not complete.', {
    hint: 'Send the request again.',
  });
}

/** An answer without the application: for requests of which nothing is to be believed. */
function refuse(incoming: IncomingMessage, outgoing: ServerResponse, error: GatewayError): void {
  const body = JSON.stringify(errorBody(dialectOf(incoming.url ?? ''), error));
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  outgoing.writeHead(error.httpStatus, { ...headers, ...errorHeaders(error) }).end(body);
}

async function listen(server: Server, { host, port }: HttpSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: BACKLOG }, resolve);
  await promise;
  server.off('error', reject);
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
