import { GatewayError } from '../../../core/errors.ts';
import { parseJsonObject } from '../../../core/json.ts';
import { createLineSplitter } from '../sse-lines.ts';

const DONE = '[DONE]';

/**
 * Rewrites server-sent events to the form the SDKs read. They parse the data of an event that has none
 * (`retry:`, a bare `event: ping`), and a blank behind `[DONE]` makes it JSON to them.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
async function* guardChatEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const splitter = createLineSplitter();
  const encoder = new TextEncoder();
  const reader = createEventReader();
  for await (const chunk of body) {
    const events = splitter.push(chunk).map(reader.read).join('');
    if (events !== '') yield encoder.encode(events);
  }
  for (const line of splitter.end()) reader.read(line);
  const last = reader.last();
  if (last !== '') yield encoder.encode(last);
}

function createEventReader() {
  let name = '';
  let data: string[] = [];
  let isDone = false;
  const take = (): string => {
    const text = data.join('\n').trim();
    const event = name === '' ? '' : `event: ${name}\n`;
    name = '';
    data = [];
    if (text === '' || isDone) return '';
    isDone = text === DONE;
    return `${event}data: ${text.replaceAll('\n', '\ndata: ')}\n\n`;
  };
  return {
    read(line: string): string {
      if (line === '') return take();
      if (line.startsWith('data:')) data.push(line.slice('data:'.length));
      else if (line.startsWith('event:')) name = line.slice('event:'.length).trim();
      return '';
    },
    /** The last event counts without its blank line when it is whole; otherwise the body was cut. */
    last(): string {
      const text = data.join('\n').trim();
      if (text !== '' && text !== DONE && !isDone && parseJsonObject(text) === undefined) {
        throw new GatewayError('stream_truncated', 'the answer broke off in the middle of an event.');
      }
      return take();
    },
  };
}

/** A fetch whose event streams pass the guard. The platform's `Response` would cost more than the call. */
export function guardedChatFetch(wire: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await wire(input, init);
    const { body, headers } = response;
    if (!body || !/^text\/event-stream\b/i.test(headers.get('content-type') ?? '')) return response;
    return Object.create(response, { body: { value: ReadableStream.from(guardChatEvents(body)) } }) as Response;
  };
}
