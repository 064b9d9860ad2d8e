import type { ServerResponse } from 'node:http';
import type { GatewayStream } from '../../gateway/gateway.ts';
import type { OpenRequest } from '../request/open-request.ts';
import type { StreamEncoder } from './stream-encoder.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies such as nginx would gather the events otherwise.
  'x-accel-buffering': 'no',
} as const;

/** While the model thinks, something has to pass, or proxies and clients give up. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = ': keep-alive\n\n';
/** What came at once is sent at once, up to here. */
const BATCH_LENGTH_MAX = 16_384;

/**
 * Writes the answer as server-sent events, as fast as it is read: while the client takes nothing,
 * nothing is asked of the provider. Ends after the encoder's last word, which after a failure is its
 * error. Never rejects.
 */
export async function sendStream(
  open: OpenRequest,
  stream: GatewayStream,
  encoder: StreamEncoder,
  headers: Readonly<Record<string, string>>,
): Promise<'sent'> {
  const { outgoing, recording } = open;
  const sent = { ...STREAM_HEADERS, ...headers };
  outgoing.writeHead(200, sent);
  const writer = new EventWriter(outgoing, open.settings.keepAliveMs ?? KEEP_ALIVE_MS);
  recording?.begin(sent);
  const say = (text: string) => {
    recording?.add(text);
    writer.write(text);
  };
  try {
    say(encoder.open());
    for await (const part of stream.parts) {
      // An answer that is complete is kept for whoever asks again, also when the reader has just left.
      if (outgoing.destroyed && part.type !== 'end') break;
      if (part.type === 'end') {
        const last = encoder.end(part.answer);
        recording?.add(last);
        await recording?.complete();
        writer.write(last);
      } else if (part.type === 'error') writer.write(open.mask(encoder.error(open.endReason ?? part.error)));
      else say(encoder.part(part));
      if (writer.isFull) await writer.drained();
    }
  } catch (error) {
    writer.write(open.mask(encoder.error(open.fail(error))));
  } finally {
    writer.end();
  }
  return 'sent';
}

/** Gathers what is written in one go of the event loop, and keeps the connection alive in between. */
class EventWriter {
  readonly #outgoing: ServerResponse;
  readonly #keepAlive: NodeJS.Timeout;
  #pending = '';

  constructor(outgoing: ServerResponse, keepAliveMs: number) {
    this.#outgoing = outgoing;
    this.#keepAlive = setInterval(() => this.isFull || this.write(KEEP_ALIVE), keepAliveMs);
  }

  get isFull(): boolean {
    return this.#outgoing.writableNeedDrain;
  }

  write(text: string): void {
    if (text === '') return;
    if (this.#pending === '') process.nextTick(this.#flush);
    this.#pending += text;
    if (this.#pending.length > BATCH_LENGTH_MAX) this.#flush();
  }

  /** Resolves when the client has read on, or is gone. */
  async drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#outgoing.once('drain', resolve).once('close', resolve);
    await promise;
    this.#outgoing.off('drain', resolve).off('close', resolve);
  }

  end(): void {
    clearInterval(this.#keepAlive);
    const last = this.#pending;
    this.#pending = '';
    this.#outgoing.end(last);
  }

  #flush = (): void => {
    if (this.#pending === '' || this.#outgoing.destroyed) return;
    const text = this.#pending;
    this.#pending = '';
    this.#keepAlive.refresh();
    this.#outgoing.write(text);
  };
}
