import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending what nobody wants before it loses its connection. */
const PATIENCE_MS = 2_000;

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
