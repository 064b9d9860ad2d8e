import { createServer as createPlainServer, type IncomingMessage, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates.ts';
import { listening } from './local-server.ts';

/** A request as the proxy got it: `CONNECT host:443`, or `POST http://host/path`. */
export type ProxiedRequest = { readonly line: string; readonly headers: IncomingMessage['headers'] };

export type WebProxy = { readonly port: number; readonly requests: readonly ProxiedRequest[] };

export type WebProxyOptions = {
  /** Which port on loopback each name leads to; to others the proxy finds no way. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Answers in the place of everything, as bytes; empty: never. */
  readonly reply?: string;
  /** Spoken to over TLS when present. */
  readonly certificate?: Certificate;
};

/** A company's proxy, until the test ends: tunnels by CONNECT, and passes on what names a whole address. */
export async function startWebProxy({ hosts, reply, certificate }: WebProxyOptions): Promise<WebProxy> {
  const requests: ProxiedRequest[] = [];
  const note = ({ method, url, headers }: IncomingMessage) => requests.push({ line: `${method} ${url}`, headers });
  const server = certificate ? createSecureServer(certificate) : createPlainServer();
  server.on('request', (incoming: IncomingMessage, outgoing) => {
    note(incoming);
    if (reply !== undefined) return reply === '' ? undefined : incoming.socket.end(reply);
    const { hostname, pathname } = new URL(incoming.url ?? '');
    const { method } = incoming;
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const passed = request({ port: hosts[hostname], method, path: pathname, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(passed);
  });
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    note(incoming);
    socket.on('error', () => {});
    if (reply !== undefined) return reply === '' ? undefined : socket.end(reply);
    const port = hosts[incoming.url?.replace(/:443$/, '') ?? ''];
    if (port === undefined) return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(socket, port);
  });
  return { port: await listening(server), requests };
}

/** Speaks TLS for a plain server on loopback; gives the port. */
export async function startTlsFront(certificate: Certificate, port: number): Promise<number> {
  return listening(createTlsServer(certificate, (socket) => join(socket, port)));
}

/** Answers every connection with bytes and says no more; gives the port. */
export async function startRawServer(bytes: string): Promise<number> {
  return listening(createServer((socket) => void socket.once('data', () => socket.write(bytes)).on('error', () => {})));
}

function join(socket: Socket, port: number): void {
  const onward = connect(port, '127.0.0.1');
  onward.on('error', () => socket.destroy());
  socket.on('error', () => onward.destroy());
  socket.pipe(onward).pipe(socket);
}
