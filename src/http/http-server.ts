import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { hostInUrl, isEveryAddress } from '../core/network/listen-host.ts';
import type { SharedStates } from '../core/ports.ts';
import { IDLE_GRACE_MS } from './connections.ts';
import { createHttpApp } from './create-http-app.ts';
import { Door, shuttingDown } from './door.ts';
import { Entrance } from './guard/entrance.ts';
import { Guards } from './guard/guards.ts';
import type { HttpSettings } from './http-settings.ts';
import type { HttpServices, Route } from './http-types.ts';
import { createNodeServer } from './node-server.ts';
import { nameRefusal } from './reply/name-refusal.ts';
import { OpenRequests } from './request/open-requests.ts';
import { Router } from './router.ts';
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
  /** Other tokens, names and limits from the next request on; who listens with a token that is gone listens no longer. Address, port and connections stay as they are. */
  apply(settings: HttpSettings): void;
  /**
   * Takes no more requests, lets those under way finish for `drainMs` at most, those whose body still comes for
   * a second at most, then ends the rest: their signals abort, streams end with an error event. Resolves when all sockets are closed.
   */
  close(drainMs: number): Promise<void>;
  /** Ends what is under way now: while it closes nothing is waited for any more. */
  hurry(): void;
}

/** A server that ends waits no longer for the rest of a request: nothing was promised to it, and nothing spent on it. */
const UPLOAD_MS = 1_000;
/** For requests that were ended to say so, and to be booked. */
const ENDING_MS = 2_000;
/** Connections that the system keeps until they are accepted, if it lets us: beyond it clients try again a second later. */
const BACKLOG = 4_096;

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
  operations.watchRequests(() => ({ inFlight: openRequests.size, waiting: entrance.waiting }));
  const router = new Router(routes);
  const app = createHttpApp({ router, services, guards });
  const door = new Door({ router, app, guards, openRequests, entrance, services });
  const endAll = () => openRequests.abortAll(shuttingDown('the answer was not complete'));
  const server = createNodeServer({
    settings,
    logger,
    onRequest: (incoming, outgoing, isTurnedAway) => door.take(incoming, outgoing, isTurnedAway),
    dialectOf: (incoming) => door.targetOf(incoming).dialect,
    named: (refusal) => nameRefusal(services, refusal),
  });
  server.on('connection', () => entrance.noteConnection());
  await listen(server, settings);
  server.on('error', ({ code }: NodeJS.ErrnoException) => logger.warn({ code }, 'a connection could not be accepted'));
  return {
    url: urlOf(server, settings.host),
    apply(changed) {
      guards.apply(changed);
      services.mcp.endWithdrawn(guards.current.gatekeeper);
    },
    async close(drainMs) {
      door.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      entrance.letAllIn();
      const uploads = setInterval(
        () => openRequests.abortUnread(shuttingDown('the request was not complete')),
        UPLOAD_MS,
      );
      await openRequests.whenEmpty(drainMs);
      clearInterval(uploads);
      endAll();
      await openRequests.whenEmpty(ENDING_MS);
      await Promise.race([closed, delay(Math.min(drainMs, IDLE_GRACE_MS), undefined, { ref: false })]);
      server.closeAllConnections();
      openRequests.stop();
      await closed;
      await guards.close();
    },
    hurry: endAll,
  };
}

async function listen(server: Server, { host, port }: HttpSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: BACKLOG }, resolve);
  await promise;
  server.off('error', reject);
}

/** In the spelling that clients send back in the Host header, which is compared letter by letter. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${isEveryAddress(host) ? '127.0.0.1' : hostInUrl(host)}:${port}`;
}
