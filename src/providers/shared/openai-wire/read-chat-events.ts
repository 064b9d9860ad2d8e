import { GatewayError } from '../../../core/errors.ts';
import { isJsonObject, parseJsonObject } from '../../../core/json.ts';
import { createLineSplitter } from '../sse-lines.ts';

const DONE = '[DONE]';

/** The events of an answer, parsed, and whether the vendor's last word was among them. */
export type ChatEvents = { readonly events: AsyncIterable<unknown>; readonly isDone: () => boolean };

/**
 * Reads server-sent events in place of the SDKs, which take a second pass over the bytes for it, parse the
 * data of an event that has none (`retry:`, a bare `event: ping`), and stumble over a blank behind `[DONE]`.
 * Throws an error event as the SDKs do: with the vendor's words as `error`.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function readChatEvents(body: AsyncIterable<Uint8Array>): ChatEvents {
  const reader = createEventReader();
  return { events: eventsOf(body, reader), isDone: reader.isDone };
}

type EventReader = ReturnType<typeof createEventReader>;

async function* eventsOf(body: AsyncIterable<Uint8Array>, reader: EventReader): AsyncGenerator<unknown> {
  const splitter = createLineSplitter();
  for await (const chunk of body) {
    for (const line of splitter.push(chunk)) {
      const event = reader.read(line);
      if (event !== undefined) yield event;
    }
  }
  for (const line of splitter.end()) reader.read(line);
  const last = reader.last();
  if (last !== undefined) yield last;
}

function createEventReader() {
  let name = '';
  let data = '';
  let isDone = false;
  const take = (): unknown => {
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
  };
  return {
    isDone: () => isDone,
    /** The event that ends with this line. */
    read(line: string): unknown {
      if (line === '') return take();
      if (line.startsWith('data:')) data = data === '' ? line.slice(5) : `${data}\n${line.slice(5)}`;
      else if (line.startsWith('event:')) name = line.slice(6).trim();
      return undefined;
    },
    /** The last event counts without its blank line when it is whole; otherwise the body was cut. */
    last(): unknown {
      const text = data.trim();
      if (text !== '' && text !== DONE && !isDone && parseJsonObject(text) === undefined) {
        throw new GatewayError('stream_truncated', 'the answer broke off in the middle of an event.');
      }
      return take();
    },
  };
}
