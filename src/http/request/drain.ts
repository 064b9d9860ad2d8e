import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending what nobody wants before it loses its connection. */
const PATIENCE_MS = 2_000;
/** What a slow line brings within that time as well. */
const SOON_BYTES_MAX = 1024 * 1024;

/**
 * May the rest of a request be there before the client loses its connection? If not, its answer has to say that the
 * connection ends: a client that has sent all of it at that very moment would lose its next request there.
 */
export function comesSoon({ complete, headers }: IncomingMessage): boolean {
  const { 'transfer-encoding': coding, 'content-length': bytes = 0 } = headers;
  return complete || (coding === undefined && Number(bytes) <= SOON_BYTES_MAX);
}

/**
 * Lets go of the rest of a request that was answered before it was read, and calls `onRead` when that is over: the
 * connection can be used again when the rest comes soon, and ends otherwise. Not at once, since a client that still
 * sends may lose the answer with it.
 */
export function drain(incoming: IncomingMessage, onRead: () => void): void {
  const timer = setTimeout(() => {
    onRead();
    incoming.socket.destroySoon();
  }, PATIENCE_MS).unref();
  incoming.once('close', () => {
    clearTimeout(timer);
    onRead();
  });
  incoming.resume();
}
