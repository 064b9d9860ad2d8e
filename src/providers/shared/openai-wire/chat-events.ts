import { GatewayError } from '../../../core/errors.ts';
import { isJsonObject, parseJsonObject } from '../../../core/json/json.ts';
import { createLineSplitter } from '../transport/sse-lines.ts';

const DONE = '[DONE]';

/**
 * Reads server-sent events in place of the SDKs, which take a second pass over the bytes for it, parse the
 * data of an event that has none (`retry:`, a bare `event: ping`), and stumble over a blank behind `[DONE]`.
 * Throws an error event as the SDKs do: with the vendor's words as `error`.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 * A class, since V8 takes generators that are made anew with each stream for another kind each time.
 */
export class ChatEvents {
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
    const error = isJsonObject(event) ? (event.error ?? (isError ? event : undefined)) : undefined;
    if (error) throw Object.assign(new Error('an error event'), { error });
    return event;
  }
}
