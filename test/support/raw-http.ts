import { type IncomingHttpHeaders, request as startRequest } from 'node:http';
import { connect, type Socket } from 'node:net';

export type RawReply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every dialect, read by the assertions
  readonly json: any;
};

export type RawCall = {
  readonly method?: string;
  readonly path?: string;
  /** Also such as `fetch` does not let through: Host, Origin, several of one name as a list. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Where the call seems to come from: any address of loopback, of which Linux has many. */
  readonly from?: string;
};

/** One request with exactly these headers. */
export function call(
  url: string,
  { method = 'GET', path = '/', headers = {}, body, from }: RawCall = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = startRequest(
      {
        hostname,
        port,
        method,
        path,
        headers: headers as IncomingHttpHeaders,
        agent: false,
        ...(from && { localAddress: from }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = response.headers['content-type']?.startsWith('application/json') && text !== '';
          const { statusCode: status = 0, headers: got } = response;
          resolve({ status, headers: got, text, json: isJson ? JSON.parse(text) : undefined });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export type Talk = {
  readonly socket: Socket;
  /** What has come so far. */
  received(): string;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
};

/** A bare connection: bytes as they are. */
export function talk(url: string, text: string | Uint8Array = ''): Talk {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    received += piece;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  if (text.length > 0) socket.write(text);
  return { socket, received: () => received, closed };
}

/** Everything the server says to these bytes until it closes the connection. */
export async function say(url: string, text: string | Uint8Array): Promise<string> {
  const { received, closed } = talk(url, text);
  await closed;
  return received();
}
