import type { Dispatcher } from 'undici';
import { ByteQueue } from './byte-queue.ts';
import { fromNetworkError, type NetworkPhase } from './network-error.ts';
import { WireHeaders } from './wire-headers.ts';
import type { WireWatch } from './wire-watch.ts';

export type ReceivedHead = { readonly status: number; readonly headers: Headers; readonly raw: ByteQueue };

export type WireHandlerOptions = {
  readonly host: string;
  readonly signals: readonly AbortSignal[];
  readonly watch: WireWatch;
  readonly resolve: (head: ReceivedHead) => void;
  readonly reject: (error: unknown) => void;
  /** The connection ended after the request had left and before any of the answer came. True: it may have been a kept one. */
  readonly onLost: () => boolean;
  /** The same of one that was kept, before anything had left on it. */
  readonly onStale: () => void;
};

/** So long the end of a body is waited for that nobody reads any more. */
const LINGER_MS = 200;

/**
 * One request on undici's dispatcher. Written against its handler interface because `request()`
 * keeps an aborted call waiting until its connection stands, and tells nobody when bytes leave. Of its two forms
 * this is the one that its clients call themselves: the other is wrapped, and makes text of every header. From its
 * version 8 on there is only the other (https://github.com/nodejs/undici/pull/4786).
 */
export class WireHandler implements Dispatcher.DispatchHandler {
  readonly #options: WireHandlerOptions;
  readonly #onAbort: () => void;
  #phase: NetworkPhase = 'connecting';
  #disconnect: ((reason: Error) => void) | undefined;
  #raw: ByteQueue | undefined;
  #abortReason: unknown;
  #lingering: NodeJS.Timeout | undefined;
  /** Nothing more will happen: answered in full, failed or aborted. */
  ended = false;

  constructor(options: WireHandlerOptions) {
    this.#options = options;
    // First a variable: V8 puts a function that is written straight into a property into old space, where all
    // it can see, the whole call, outlives every young collection.
    const onAbort = () => {
      const aborted = options.signals.find((signal) => signal.aborted);
      if (aborted) this.#abort(aborted.reason);
    };
    this.#onAbort = onAbort;
    for (const signal of options.signals) signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#onAbort();
  }

  /** undici calls this with a connected socket in hand and writes the request right after. */
  onConnect(disconnect: (reason: Error) => void): void {
    this.#disconnect = disconnect;
    if (this.ended) {
      disconnect(toError(this.#abortReason));
      return;
    }
    if (this.#phase !== 'connecting') return;
    this.#phase = 'waiting';
    this.#options.watch.onSent();
  }

  onHeaders(status: number, headers: readonly Buffer[], resume: () => void): boolean {
    // 1xx: the answer is still to come.
    if (status < 200) return true;
    this.#phase = 'receiving';
    this.#options.watch.onActivity();
    this.#raw = new ByteQueue(resume, (error) => {
      if (this.ended) return;
      this.#end();
      if (error) this.#disconnect?.(error);
      else this.#linger();
    });
    this.#options.resolve({ status, headers: new WireHeaders(headers), raw: this.#raw });
    return true;
  }

  /** False: no more until it is resumed. */
  onData(chunk: Buffer): boolean {
    this.#options.watch.onActivity();
    return this.#raw?.push(chunk) ?? true;
  }

  onComplete(): void {
    clearTimeout(this.#lingering);
    this.#end();
    this.#raw?.end();
  }

  onError(error: Error): void {
    clearTimeout(this.#lingering);
    if (this.ended) return;
    // Why none came about is a `GatewayError`; what the system says otherwise is of one that stood.
    if (this.#phase === 'connecting' && 'syscall' in error) {
      this.#options.onStale();
      return;
    }
    this.#end();
    if (this.#phase === 'waiting' && this.#options.onLost()) this.#phase = 'waiting-on-kept';
    this.#fail(fromNetworkError(error, this.#phase, this.#options.host));
  }

  /** Who has read all there is to an answer leaves before its body ends: the connection is good for another request. */
  #linger(): void {
    this.#lingering = setTimeout(() => this.#disconnect?.(new Error('The reader left.')), LINGER_MS).unref();
  }

  #abort(reason: unknown): void {
    if (this.ended) return;
    this.#abortReason = reason;
    this.#end();
    this.#fail(toError(reason));
    this.#disconnect?.(toError(reason));
  }

  #fail(error: Error): void {
    if (this.#raw) this.#raw.destroy(error);
    else this.#options.reject(error);
  }

  #end(): void {
    this.ended = true;
    for (const signal of this.#options.signals) signal.removeEventListener('abort', this.#onAbort);
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new DOMException('The call was cancelled.', 'AbortError');
}
