import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending what nobody wants before it loses its connection. */
const PATIENCE_MS = 500;

/**
 * Lets go of the rest of a request that was answered before it was read: the connection can be used again when the
 * rest comes soon, and ends otherwise. Not at once, since a client that still sends may lose the answer with it.
 */
export function drain(incoming: IncomingMessage): void {
  const { socket } = incoming;
  const timer = setTimeout(() => socket.destroySoon(), PATIENCE_MS).unref();
  incoming.once('close', () => clearTimeout(timer)).resume();
}
