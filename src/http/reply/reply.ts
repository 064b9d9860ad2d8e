import type { ServerResponse } from 'node:http';

/** A whole answer, to be sent in one piece. */
export type WholeReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What a handler answers with; `sent` when it has written all of it by itself, as streams are. */
export type Reply = WholeReply | 'sent';

const NO_CONTENT = 204;

export function writeReply(outgoing: ServerResponse, reply: Reply): void {
  if (reply === 'sent') return;
  const { status, headers, body } = reply;
  if (status === NO_CONTENT) outgoing.writeHead(status, headers).end();
  else outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
