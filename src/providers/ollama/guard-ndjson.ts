import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from '../../core/json.ts';

/** An error line inside an answer that began with 200. */
export class OllamaErrorLine extends Error {
  override readonly name = 'OllamaErrorLine';
  readonly line: JsonObject;

  constructor(line: JsonObject) {
    super('The stream holds an error line.');
    this.line = line;
  }
}

/**
 * Lets only whole lines of JSON objects through. The SDK prints every other line, content and all, to
 * the console and goes on as if nothing were missing, and it turns an error object into
 * "[object Object]"; both end the stream here instead.
 */
export function guardNdjson(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  const check = (line: string): void => {
    if (line.trim() === '') return;
    const value = parseJsonObject(line);
    if (value === undefined) {
      throw new GatewayError('malformed_response', 'the stream holds a line that is no JSON object.');
    }
    if (typeof value.error === 'string' || isJsonObject(value.error)) throw new OllamaErrorLine(value);
  };
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          check(line);
          if (line.trim() !== '') controller.enqueue(encoder.encode(`${line}\n`));
        }
      },
      flush(controller) {
        const last = rest + decoder.decode();
        // Half a line is a cut connection, which shows as a missing `done`; it must not reach the SDK.
        const isWhole = parseJsonObject(last) !== undefined;
        if (!isWhole) return;
        check(last);
        controller.enqueue(encoder.encode(`${last}\n`));
      },
    }),
  );
}
