import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, parseJsonObject } from '../../core/json/json.ts';
import { VendorErrorBody } from '../shared/failures/vendor-error-body.ts';
import { createLineSplitter } from '../shared/transport/sse-lines.ts';

/** An error in place of an answer, although the status is 200. */
export function refuseErrorBody(body: unknown): void {
  if (!isJsonObject(body)) return;
  if (typeof body.error === 'string' || isJsonObject(body.error)) throw new VendorErrorBody(body);
}

/**
 * Lets only whole lines of JSON objects through. The SDK prints every other line, content and all, to
 * the console and goes on as if nothing were missing, and it turns an error object into
 * "[object Object]"; both end the stream here instead, as does an end before the line that says done.
 */
export function guardNdjson(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  // A stream that fails drops what waits in it; this one takes a line only when it is read.
  return ReadableStream.from(wholeLines(body));
}

async function* wholeLines(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const splitter = createLineSplitter();
  const encoder = new TextEncoder();
  let isDone = false;
  const check = (line: string): void => {
    const value = parseJsonObject(line);
    if (value === undefined) {
      throw new GatewayError('malformed_response', 'the stream holds a line that is no JSON object.');
    }
    refuseErrorBody(value);
    isDone ||= value.done === true;
  };
  for await (const chunk of body) {
    for (const line of splitter.push(chunk)) {
      if (line.trim() === '') continue;
      check(line);
      yield encoder.encode(`${line}\n`);
    }
  }
  for (const last of splitter.end()) {
    // Half a line comes of a cut connection.
    if (parseJsonObject(last) === undefined) continue;
    check(last);
    yield encoder.encode(`${last}\n`);
  }
  if (!isDone) throw new GatewayError('stream_truncated', 'the answer ended before its terminal event.');
}
