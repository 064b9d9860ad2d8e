import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { GatewayError } from '../core/errors.ts';
import { createHttpApp, dialectOf } from './create-http-app.ts';
import { screen } from './guard/screen.ts';
import type { HttpSettings } from './http-settings.ts';
import type { Dialect, HttpServices, Route } from './http-types.ts';
import { errorBody } from './reply/error-body.ts';
import { errorHeaders, sendError } from './reply/send-error.ts';
import { OpenRequests } from './request/open-requests.ts';
import { ROUTES } from './routes.ts';

export type HttpServerOptions = {
  readonly settings: HttpSettings;
  readonly services: HttpServices;
  readonly routes?: readonly Route[];
};

export interface HttpServer {
  /** `http://127.0.0.1:8787`, without a slash at its end. */
  readonly url: string;
  /**
   * Takes no more requests, lets those under way finish for `drainMs` at most, then ends the rest:
   * their signals abort, streams end with an error event. Resolves when all sockets are closed.
   */
  close(drainMs: number): Promise<void>;
}

const HEADER_BYTES_MAX = 16_384;
/** Longer than clients keep an idle connection, so that theirs is the one that ends. */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 10_000;
const BODY_MS = 60_000;
/** How often Node looks for clients that are too slow. */
const TIMEOUT_CHECK_MS = 1_000;
/** For requests that were ended to say so, and to be booked. */
const ENDING_MS = 2_000;

/** Listens. Rejects with Node's own error when the address cannot be had. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { settings, services, routes = ROUTES } = options;
  const openRequests = new OpenRequests(settings);
  const app = createHttpApp({ routes, services, settings, openRequests });
  const answer = getRequestListener(
    (request, env) => {
      const { incoming, outgoing } = env as HttpBindings;
      return app.fetch(request, { incoming, outgoing, open: openRequests.add(incoming, outgoing) });
    },
    {
      errorHandler: () =>
        sendError('openai', new GatewayError('invalid_request', 'The path of the request is not valid.')),
    },
  );
  const server = createServer({
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: settings.headersMs ?? HEADERS_MS,
    requestTimeout: settings.bodyMs ?? BODY_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    insecureHTTPParser: false,
    noDelay: true,
  });
  // Node would leave out what is beyond a limit of its own, and no guard would see it.
  server.maxHeadersCount = 0;
  server.maxConnections = settings.connectionsMax;
  let isEnding = false;
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.setHeader('cache-control', 'no-store');
    outgoing.setHeader('x-content-type-options', 'nosniff');
    if (isEnding) outgoing.shouldKeepAlive = false;
    const refused = screen(incoming, settings);
    if (refused) refuse(outgoing, dialectOf(incoming.url ?? '', routes), refused);
    else void answer(incoming, outgoing);
  };
  server.on('request', onRequest);
  // Without it Node would ask for the body before anyone is let in.
  server.on('checkContinue', onRequest);
  await listen(server, settings);
  return {
    url: urlOf(server, settings.host),
    async close(drainMs) {
      isEnding = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      openRequests.endConnections();
      server.closeIdleConnections();
      await openRequests.whenEmpty(drainMs);
      openRequests.abortAll(shuttingDown());
      await openRequests.whenEmpty(ENDING_MS);
      server.closeAllConnections();
      openRequests.stop();
      await closed;
    },
  };
}

function shuttingDown(): GatewayError {
  return new GatewayError('provider_unavailable', 'Signalbox is shutting down, and the answer was not complete.', {
    hint: 'Send the request again.',
  });
}

/** An answer without the application: for requests of which nothing is to be believed. */
function refuse(outgoing: ServerResponse, dialect: Dialect, error: GatewayError): void {
  outgoing.shouldKeepAlive = false;
  const headers = { 'content-type': 'application/json', ...errorHeaders(error) };
  outgoing.writeHead(error.httpStatus, headers).end(JSON.stringify(errorBody(dialect, error)));
}

async function listen(server: Server, { host, port }: HttpSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  await promise;
  server.off('error', reject);
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
