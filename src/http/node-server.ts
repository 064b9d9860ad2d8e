import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { GatewayError } from '../core/errors.ts';
import type { Logger } from '../core/ports.ts';
import { Connections } from './connections.ts';
import { overloaded } from './guard/entrance.ts';
import type { HttpSettings } from './http-settings.ts';
import type { Dialect } from './http-types.ts';
import { PlainResponse } from './plain-response.ts';
import { errorBody } from './reply/error-body.ts';
import { errorHeaders } from './reply/error-reply.ts';

const HEADER_BYTES_MAX = 16_384;
/**
 * Longer than clients and proxies keep an idle connection (nginx 60 s, Go's 90 s, Caddy 2 min, Google's balancers 10 min),
 * so that theirs is the one that ends: a proxy answers 502 when ours does while its next request is on the way.
 */
const KEEP_ALIVE_MS = 620_000;
/**
 * The system then asks whether the other side is there at all, and what stands between does not take a connection for
 * forgotten (AWS after 350 s) that is idle, or waits for an answer.
 */
const PROBE_MS = 60_000;
const HEADERS_MS = 10_000;
const BODY_MS = 60_000;
/** How often Node looks for clients that are too slow. */
const TIMEOUT_CHECK_MS = 1_000;
/** Files that are open besides sockets: databases, the log, modules. */
const FILES_RESERVED = 48;
/** A request to a provider is a socket as well. */
const FILES_PER_CONNECTION = 2;
const CONNECTIONS_MIN = 4;
/** Connections, beyond those that are served, whose request is read before they are told to come back. */
const TURNED_AWAY_MAX = 32;
/** They take no more of the files that are left than one in so many. */
const TURNED_AWAY_SHARE = 4;
/** For a client to read why it was refused before it loses its connection. */
const LINGER_MS = 500;

export type NodeServerOptions = {
  readonly settings: HttpSettings;
  readonly logger: Logger;
  /** `isTurnedAway`: there are too many connections already. */
  readonly onRequest: (incoming: IncomingMessage, outgoing: ServerResponse, isTurnedAway: boolean) => void;
  /** In whose words a request is refused whose rest cannot be read. */
  readonly dialectOf: (incoming: IncomingMessage) => Dialect;
  /** Counts a refusal that no request came to, and gives it an id. */
  readonly named: (refusal: GatewayError) => GatewayError;
};

/** Node's own server with every bound set: on headers, on time, on connections. Does not listen yet. */
export function createNodeServer({ settings, logger, onRequest, dialectOf, named }: NodeServerOptions): Server {
  const server = createServer({
    ServerResponse: PlainResponse,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: settings.headersMs ?? HEADERS_MS,
    requestTimeout: settings.bodyMs ?? BODY_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_MS,
    insecureHTTPParser: false,
    // The screen refuses a request without one, and says why.
    requireHostHeader: false,
  });
  // Node would leave out what is beyond a limit of its own, and no guard would see it.
  server.maxHeadersCount = 0;
  const { connectionsMax, turnedAwayMax } = affordableConnections(settings.connectionsMax);
  if (connectionsMax < settings.connectionsMax) {
    const fields = { connectionsMax, configured: settings.connectionsMax };
    logger.info(fields, 'the limit of open files allows fewer connections than server.connectionsMax');
  }
  const connections = new Connections(connectionsMax, turnedAwayMax);
  // `close` calls it. Node's own takes a connection for idle whose answer is written but not yet read, and lets those go on that are at work.
  server.closeIdleConnections = () => connections.end();
  server.on('connection', (socket) => {
    if (!connections.add(socket)) turnAway(socket);
  });
  const refuse = (socket: Socket, error: GatewayError) => {
    const due = connections.dueAt(socket);
    if (due?.headersSent) socket.destroy();
    else endWith(writtenOut(named(error), due && dialectOf(due.req)), socket);
  };
  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // What else was read with it follows before anything can be refused in good order.
    if (connections.isFull(incoming.socket)) return void incoming.socket.destroy();
    const hasRoom = connections.take(incoming.socket, outgoing);
    onRequest(incoming, outgoing, !hasRoom);
  };
  server.on('request', take);
  // Without it Node would ask for the body before anyone is let in.
  server.on('checkContinue', take);
  // Node would refuse these by itself, without a word of why.
  server.on('checkExpectation', take);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // The parser goes on complaining about every further piece.
    if (socket.destroyed || socket.writableEnded) return;
    if (error.code === 'ECONNRESET') socket.destroy();
    else refuse(socket, toRefusal(error));
  });
  // Who takes us for a proxy would hear nothing but that the connection ended.
  server.on('connect', ({ socket }) => refuse(socket, noProxy()));
  return server;
}

type Affordable = { readonly connectionsMax: number; readonly turnedAwayMax: number };

/** As many connections as the system lets this process have files, and no more than are wanted. */
function affordableConnections(wanted: number): Affordable {
  const filesMax = openFilesMax();
  if (filesMax === undefined) return { connectionsMax: wanted, turnedAwayMax: TURNED_AWAY_MAX };
  const left = Math.max(0, filesMax - FILES_RESERVED);
  const turnedAwayMax = Math.min(TURNED_AWAY_MAX, Math.floor(left / TURNED_AWAY_SHARE));
  const affordable = Math.floor((left - turnedAwayMax) / FILES_PER_CONNECTION);
  return { connectionsMax: Math.min(wanted, Math.max(affordable, CONNECTIONS_MIN)), turnedAwayMax };
}

/** Where Linux tells it; elsewhere nobody does. */
function openFilesMax(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

/** Gives the socket back at once, in a rush that would use up all there are. */
function turnAway(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.write(writtenOut(overloaded()));
  socket.destroy();
}

/** What arrived is no HTTP for us, too large or too slow: an answer by hand, and the connection ends. */
function endWith(answer: string, socket: Socket): void {
  socket.on('error', () => undefined).end(answer);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** A whole answer as it goes over the wire, for where there is no request to answer to. */
function writtenOut(error: GatewayError, dialect: Dialect = 'openai'): string {
  const body = JSON.stringify(errorBody(dialect, error));
  const headers = {
    connection: 'close',
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...errorHeaders(error),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}`, ...lines, '', body].join('\r\n');
}

function noProxy(): GatewayError {
  return new GatewayError('invalid_request', 'This server is no proxy: it takes no CONNECT.', {
    httpStatus: 405,
    hint: "Give its address as the API's base URL.",
  });
}

function toRefusal({ code }: NodeJS.ErrnoException): GatewayError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('invalid_request', `The headers are larger than ${HEADER_BYTES_MAX} bytes.`, {
        httpStatus: 431,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('invalid_request', 'The request did not arrive in time.', { httpStatus: 408 });
    default:
      return new GatewayError('invalid_request', 'This is not a valid HTTP/1.1 request.');
  }
}
