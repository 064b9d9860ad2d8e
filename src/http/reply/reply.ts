import type { ServerResponse } from 'node:http';
import { ANSWERED } from '../plain-response.ts';
import { comesSoon, drain } from '../request/drain.ts';

/** A whole answer, to be sent in one piece. */
export type WholeReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What a handler answers with; `sent` when it has written all of it by itself, as streams are. */
export type Reply = WholeReply | 'sent';

const NO_CONTENT = 204;

/**
 * A client that is still sending gets all of the answer at once, but its end only when it has sent the rest: where the
 * connection is not kept, Node closes it with the end, and who sends into that loses what it has not read.
 */
export function writeReply(outgoing: ServerResponse, reply: Reply): void {
  if (reply === 'sent') return;
  const { status, headers, body } = reply;
  const isEmpty = status === NO_CONTENT;
  if (!comesSoon(outgoing.req)) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(status, isEmpty ? headers : { ...headers, 'content-length': Buffer.byteLength(body) });
  if (outgoing.req.complete) {
    outgoing.end(isEmpty ? undefined : body);
    return;
  }
  // Corked by itself Node would hold it back for a moment, in which what follows may turn out to be no HTTP.
  outgoing.cork();
  outgoing.flushHeaders();
  if (!isEmpty) outgoing.write(body);
  outgoing.uncork();
  const awaitRest = () => {
    outgoing.emit(ANSWERED);
    drain(outgoing.req, () => outgoing.end());
  };
  // It has none while answers to earlier requests of the connection are due.
  if (outgoing.socket) awaitRest();
  else outgoing.once('socket', awaitRest);
}
