import type { Dispatcher } from 'undici';
import { ByteQueue } from './byte-queue.ts';
import { fromNetworkError, type NetworkPhase } from './network-error.ts';
import { type IncomingHeaders, WireHeaders } from './wire-headers.ts';
import type { WireWatch } from './wire-watch.ts';

export type ReceivedHead = { readonly status: number; readonly headers: Headers; readonly raw: ByteQueue };

export type WireHandlerOptions = {
  readonly host: string;
  readonly signals: readonly AbortSignal[];
  readonly watch: WireWatch;
  readonly resolve: (head: ReceivedHead) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * One request on undici's dispatcher. Written against its handler interface because `request()`
 * keeps an aborted call waiting until its connection stands, and tells nobody when bytes leave.
 */
export class WireHandler implements Dispatcher.DispatchHandler {
  readonly #options: WireHandlerOptions;
  readonly #onAbort: () => void;
  #phase: NetworkPhase = 'connecting';
  #controller: Dispatcher.DispatchController | undefined;
  #raw: ByteQueue | undefined;
  #abortReason: unknown;
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
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.ended) {
      controller.abort(toError(this.#abortReason));
      return;
    }
    if (this.#phase !== 'connecting') return;
    this.#phase = 'waiting';
    this.#options.watch.onSent();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHeaders): void {
    // 1xx: the answer is still to come.
    if (status < 200) return;
    this.#phase = 'receiving';
    this.#options.watch.onActivity();
    this.#raw = new ByteQueue(
      () => controller.resume(),
      (error) => {
        if (this.ended) return;
        this.#end();
        controller.abort(error ?? new Error('The reader left.'));
      },
    );
    this.#options.resolve({ status, headers: new WireHeaders(headers), raw: this.#raw });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#options.watch.onActivity();
    if (this.#raw?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#end();
    this.#raw?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.ended) return;
    this.#end();
    this.#fail(fromNetworkError(error, this.#phase, this.#options.host));
  }

  #abort(reason: unknown): void {
    if (this.ended) return;
    this.#abortReason = reason;
    this.#end();
    this.#fail(toError(reason));
    this.#controller?.abort(toError(reason));
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
