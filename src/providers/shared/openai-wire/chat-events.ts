import { GatewayError } from '../../../core/errors.ts';
import { isJsonObject, parseJsonObject } from '../../../core/json.ts';
import { createLineSplitter } from '../sse-lines.ts';

const DONE = '[DONE]';

/**
 * Reads server-sent events in place of the SDKs, which take a second pass over the bytes for it, parse the
 * data of an event that has none (`retry:`, a bare `event: ping`), and stumble over a blank behind `[DONE]`.
 * Throws an error event as the SDKs do: with the vendor's words as `error`.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createChatEvents() {
  const splitter = createLineSplitter();
  let name = '';
  let data = '';
  let isDone = false;

  /** The event that ends with this line. */
  function read(line: string): unknown {
    if (line === '') return take();
    if (line.startsWith('data:')) data = data === '' ? line.slice(5) : `${data}\n${line.slice(5)}`;
    else if (line.startsWith('event:')) name = line.slice(6).trim();
    return undefined;
  }

  function take(): unknown {
    const text = data.trim();
    const isError = name === 'error';
    name = '';
    data = '';
    if (text === '' || isDone) return undefined;
    isDone = text === DONE;
    if (isDone) return undefined;
    const event: unknown = JSON.parse(text);
    const error = isJsonObject(event) ? (event.error ?? (isError ? event : undefined)) : undefined;
    if (error) throw Object.assign(new Error('an error event'), { error });
    return event;
  }

  return {
    /** The events that end with these bytes, parsed. */
    *push(chunk: Uint8Array): Generator<unknown> {
      for (const line of splitter.push(chunk)) {
        const event = read(line);
        if (event !== undefined) yield event;
      }
    },
    /** The last event counts without its blank line when it is whole; otherwise the body was cut. */
    end(): unknown {
      for (const line of splitter.end()) read(line);
      const text = data.trim();
      if (text !== '' && text !== DONE && !isDone && parseJsonObject(text) === undefined) {
        throw new GatewayError('stream_truncated', 'the answer broke off in the middle of an event.');
      }
      return take();
    },
    /** Was the vendor's last word among them? */
    isDone: () => isDone,
  };
}
