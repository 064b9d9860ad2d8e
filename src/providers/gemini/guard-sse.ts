import { GatewayError } from '../../core/errors.ts';
import { parseJsonObject } from '../../core/json.ts';

/**
 * Rewrites server-sent events to the one form the SDK reads: a `data:` line and a blank one. It skips
 * events that begin with any other field as if they were not there, breaks on data of several lines,
 * and quotes what it cannot parse in its error; all three are settled here.
 * Source of the grammar: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function guardSse(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  let data: string[] = [];
  const readLine = (line: string, emit: (event: string) => void): void => {
    if (line === '') {
      if (data.length > 0) emit(eventOf(data));
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice('data:'.length).trimStart());
    }
  };
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        rest += decoder.decode(chunk, { stream: true });
        // A carriage return at the end may be the first half of a line end.
        const lines = rest.split(/\r\n|\n|\r(?!$)/);
        rest = lines.pop() ?? '';
        for (const line of lines) readLine(line, (event) => controller.enqueue(encoder.encode(event)));
      },
      flush(controller) {
        // The last event counts without its blank line when it is whole; otherwise the body was cut.
        for (const line of (rest + decoder.decode()).split('\r')) if (line !== '') readLine(line, () => {});
        if (data.length === 0) return;
        if (parseJsonObject(data.join(' ')) === undefined) {
          throw new GatewayError('stream_truncated', 'the answer broke off in the middle of an event.');
        }
        controller.enqueue(encoder.encode(eventOf(data)));
      },
    }),
  );
}

/** Joined with blanks: JSON has no line ends inside its strings. */
function eventOf(data: readonly string[]): string {
  const text = data.join(' ').trim();
  if (parseJsonObject(text) === undefined) {
    throw new GatewayError('malformed_response', 'the stream holds an event that is no JSON object.');
  }
  return `data: ${text}\n\n`;
}
