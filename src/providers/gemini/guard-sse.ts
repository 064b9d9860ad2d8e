import { GatewayError } from '../../core/errors.ts';
import { parseJsonObject } from '../../core/json/json.ts';
import { VendorErrorBody } from '../shared/failures/vendor-error-body.ts';
import { createLineSplitter } from '../shared/transport/sse-lines.ts';

const BARE_LENGTH_MAX = 64 * 1024;

/**
 * Rewrites server-sent events to the one form the SDK reads: a `data:` line and a blank one. It skips
 * events that begin with any other field as if they were not there, breaks on data of several lines,
 * and quotes what it cannot parse in its error; all three are settled here. An error late in the stream
 * may come as bare JSON, without `data:`. Errors are thrown, wherever they stand:
 * the SDK passes over those without an HTTP status as their code.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function guardSse(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  // A stream that fails drops what waits in it; this one takes an event only when it is read.
  return ReadableStream.from(plainEvents(body));
}

async function* plainEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const splitter = createLineSplitter();
  const encoder = new TextEncoder();
  let data: string[] = [];
  let bare = '';
  /** The event that ends with this line. */
  const readLine = (line: string): string | undefined => {
    if (line === '') {
      const event = eventOf(data);
      data = [];
      return event;
    }
    if (line.startsWith('data:')) data.push(line.slice('data:'.length).trimStart());
    else if (bare !== '' || /^[[{]/.test(line)) bare += bare.length < BARE_LENGTH_MAX ? ` ${line}` : '';
    return undefined;
  };
  for await (const chunk of body) {
    for (const line of splitter.push(chunk)) {
      const event = readLine(line);
      if (event !== undefined) yield encoder.encode(event);
    }
  }
  // The last event counts without its blank line when it is whole; otherwise the body was cut.
  for (const line of splitter.end()) readLine(line);
  refuseBareError(bare);
  const last = data.join(' ').trim();
  if (last === '') return;
  if (parseJsonObject(last) === undefined) {
    throw new GatewayError('stream_truncated', 'the answer broke off in the middle of an event.');
  }
  const event = eventOf(data);
  if (event !== undefined) yield encoder.encode(event);
}

/** Google's error stands in a list when the request asked for one. */
function refuseBareError(text: string): void {
  const error = parseJsonObject(text.trim().replace(/^\[(.*)\]$/, '$1'));
  if (error?.error) throw new VendorErrorBody(error);
}

/** Joined with blanks: JSON has no line ends inside its strings. Undefined when there is no data. */
function eventOf(data: readonly string[]): string | undefined {
  const text = data.join(' ').trim();
  if (text === '') return undefined;
  const event = parseJsonObject(text);
  if (event === undefined) {
    throw new GatewayError('malformed_response', 'the stream holds an event that is no JSON object.');
  }
  if (event.error) throw new VendorErrorBody(event);
  return `data: ${text}\n\n`;
}
