import { GatewayError } from '../../core/errors.ts';
import { overloaded } from '../guard/entrance.ts';
import type { OpenRequest } from './open-request.ts';

/**
 * The bytes of the body. Throws `too_large` before more than the limit is held, `provider_overloaded` before those of
 * all requests are more than the heap takes, `cancelled` when the client goes, and why the request was ended when
 * that comes first.
 */
export function readBody(open: OpenRequest): Promise<Buffer> {
  const { incoming, outgoing, heldBody: held } = open;
  if (held) {
    open.heldBody = undefined;
    return Promise.resolve(held);
  }
  const bytesMax = open.settings.bodyBytesMax;
  // A number, or Node would have refused the request.
  const announced = Number(incoming.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax));
  if (!open.hasRoomFor(announced)) return Promise.reject(overloaded());
  // Who speaks HTTP/1.0 would take it for the answer (RFC 9110, section 10.1.1).
  if (incoming.headers.expect !== undefined && incoming.httpVersion !== '1.0') outgoing.writeContinue();
  return collect(open, bytesMax, new GatheredBytes(announced || bytesMax));
}

/**
 * Bytes in one piece of memory, however many chunks they come in: a client may send each as a chunk of its own, and an
 * object for each would take more than a hundred times as much.
 */
class GatheredBytes {
  readonly #max: number;
  #memory: Buffer = Buffer.alloc(0);
  #length = 0;

  /** `max`: there will be no more. */
  constructor(max: number) {
    this.#max = max;
  }

  get all(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) this.#memory = chunk;
    else {
      if (length > this.#memory.length) this.#grow(Math.min(2 * length, this.#max));
      chunk.copy(this.#memory, this.#length);
    }
    this.#length = length;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(bytes);
    this.all.copy(larger);
    this.#memory = larger;
  }
}

function collect(open: OpenRequest, bytesMax: number, gathered: GatheredBytes): Promise<Buffer> {
  const { incoming, signal } = open;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let bytes = 0;
  // Whatever still listened would keep the body as long as the request, beside what was made of it.
  const letGo = () => {
    incoming.off('data', onData).off('close', onClose);
    signal.removeEventListener('abort', onAbort);
  };
  const giveUp = (error: GatewayError) => {
    letGo();
    incoming.pause();
    open.letGoOfBody();
    reject(error);
  };
  const onAbort = () => giveUp(signal.reason);
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) return giveUp(tooLarge(bytesMax));
    if (!open.hasRoomFor(chunk.length)) return giveUp(overloaded());
    open.holdBody(chunk.length);
    gathered.add(chunk);
  };
  // Follows the end, and an error as well, which goes unsaid where nobody listens for it.
  const onClose = () => {
    letGo();
    if (incoming.readableEnded) resolve(gathered.all);
    else reject(new GatewayError('cancelled', 'The client closed the connection before its request was complete.'));
  };
  incoming.on('data', onData).on('close', onClose);
  signal.addEventListener('abort', onAbort);
  if (incoming.destroyed) onClose();
  else if (signal.aborted) onAbort();
  return promise;
}

function tooLarge(bytesMax: number): GatewayError {
  return new GatewayError('too_large', `The body is larger than ${bytesMax} bytes, the limit of this server.`, {
    hint: 'Send less, or raise server.bodyBytesMax in its configuration.',
  });
}
