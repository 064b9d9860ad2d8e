import { GatewayError } from '../../../core/errors.ts';
import { isJsonObject, parseJsonObject } from '../../../core/json/json.ts';
import { VendorErrorBody } from '../failures/vendor-error-body.ts';
import { createLineSplitter } from './sse-lines.ts';

const DONE = '[DONE]';

/**
 * Reads server-sent events in place of the SDKs, which take a second pass over the bytes for it, parse the
 * data of an event that has none (`retry:`, a bare `event: ping`), stumble over a blank behind `[DONE]`, and drop an
 * event without a name, or the last one without its blank line. Throws an error event as a `VendorErrorBody`.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 * A class, since V8 takes generators that are made anew with each stream for another kind each time.
 */
export class SseEvents {
  readonly #splitter = createLineSplitter();
  #name = '';
  #data = '';
  #isDone = false;

  /** Was the vendor's last word among them? */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The events that end with these bytes, parsed. */
  *push(chunk: Uint8Array): Generator<unknown> {
    for (const line of this.#splitter.push(chunk)) {
      const event = this.#read(line);
      if (event !== undefined) yield event;
    }
  }

  /** The last event counts without its blank line when it is whole; otherwise the body was cut. */
  end(): unknown {
    for (const line of this.#splitter.end()) this.#read(line);
    const text = this.#data.trim();
    if (text !== '' && text !== DONE && !this.#isDone && parseJsonObject(text) === undefined) {
      throw new GatewayError('stream_truncated', 'the answer broke off in the middle of an event.');
    }
    return this.#take();
  }

  /** The event that ends with this line. */
  #read(line: string): unknown {
    if (line === '') return this.#take();
    if (line.startsWith('data:')) this.#data = this.#data === '' ? line.slice(5) : `${this.#data}\n${line.slice(5)}`;
    else if (line.startsWith('event:')) this.#name = line.slice(6).trim();
    return undefined;
  }

  #take(): unknown {
    const text = this.#data.trim();
    const isError = this.#name === 'error';
    this.#name = '';
    this.#data = '';
    if (text === '' || this.#isDone) return undefined;
    this.#isDone = text === DONE;
    if (this.#isDone) return undefined;
    const event: unknown = JSON.parse(text);
    if (isJsonObject(event) && (event.error || isError)) throw new VendorErrorBody(event);
    return event;
  }
}
