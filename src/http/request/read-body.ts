import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { OpenRequest } from './open-request.ts';

/** The bytes of the body. Throws `too_large` before more than the limit is held, `cancelled` when the client goes. */
export function readBody(open: OpenRequest): Promise<Buffer> {
  const { incoming, outgoing, heldBody: held } = open;
  if (held) {
    open.heldBody = undefined;
    return Promise.resolve(held);
  }
  const bytesMax = open.settings.bodyBytesMax;
  // A number, or Node would have refused the request.
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) return Promise.reject(tooLarge(bytesMax));
  if (incoming.headers.expect !== undefined) outgoing.writeContinue();
  return collect(incoming, bytesMax);
}

function collect(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      incoming.off('data', onData).off('close', onClose).pause();
      reject(tooLarge(bytesMax));
    } else {
      chunks.push(chunk);
    }
  };
  // Follows the end, and an error as well, which goes unsaid where nobody listens for it.
  const onClose = () => {
    if (incoming.readableEnded) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes));
    else reject(new GatewayError('cancelled', 'The client closed the connection before its request was complete.'));
  };
  incoming.on('data', onData).on('close', onClose);
  if (incoming.destroyed) onClose();
  return promise;
}

function tooLarge(bytesMax: number): GatewayError {
  return new GatewayError('too_large', `The body is larger than ${bytesMax} bytes, the limit of this server.`, {
    hint: 'Send less, or raise server.bodyBytesMax in its configuration.',
  });
}
