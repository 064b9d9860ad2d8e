import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventGauge } from '../../../../src/providers/shared/transport/event-gauge.ts';

const EVENT_BYTES_MAX = 2 * 1024 * 1024;
/** Two and a little more are too much; named, so that a counterexample can be read. */
const HALF = 'half';
const bytesOf = (piece: string) => (piece === HALF ? 'x'.repeat(EVENT_BYTES_MAX / 2 - 1) : piece);

describe.each([
  ['text/event-stream; charset=utf-8', ['\n\n', '\n\r\n', '\r\r']],
  ['application/x-ndjson', ['\n']],
  ['text/plain', ['\n', '\r']],
])('an event of %s', (contentType, ends) => {
  it('ends the stream when it is too long, however the bytes are cut', () => {
    const piece = fc.constantFrom('\n', '\r', '\n\n', 'a', 'ab\n\n', 'data: x\r\n\r\n', HALF);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const gauge = createEventGauge(contentType, 'host');
        let seen = '';
        for (const text of pieces.map(bytesOf)) {
          seen += text;
          const endsAt = Math.max(...ends.map((end) => seen.lastIndexOf(end)));
          const isTooLong = seen.length - Math.max(0, endsAt) > EVENT_BYTES_MAX;
          const measure = () => gauge(Buffer.from(text));
          if (isTooLong) {
            expect(measure).toThrow(/more than 2097152 bytes/);
            return;
          }
          expect(measure).not.toThrow();
        }
      }),
      // An end that is cut, and after it as much as would be too much with what came before.
      {
        examples: [
          [[HALF, '\n', '\r', '\n', HALF, HALF]],
          [[HALF, '\n', '\n', HALF, HALF]],
          [[HALF, '\r', HALF, HALF]],
        ],
      },
    );
  });
});
